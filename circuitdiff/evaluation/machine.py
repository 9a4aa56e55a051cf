"""The conditions of a measurement: one thread, and what it ran on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from circuitdiff import __version__

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
)
PACKAGES = ("numpy", "scipy", "numba", "torch", "qiskit", "bqskit")


def use_one_thread() -> None:
    """Keep libraries that are yet to be loaded, and those of child processes, to one thread.

    Import this module, which needs no numpy, and call this before numpy is loaded: linear algebra reads its number
    of threads once.
    """
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))


def use_one_thread_now() -> None:
    """Keep the libraries of this process to one thread, those already loaded included where they allow it."""
    use_one_thread()
    import torch

    torch.set_num_threads(1)
    try:
        import_module("threadpoolctl").threadpool_limits(1)
    except ImportError:
        return


def environment(packages: Iterable[str] = PACKAGES) -> dict[str, Any]:
    """Return versions, machine, threads and the date, for a report."""
    import torch

    return {
        "circuitdiff": __version__,
        "python": platform.python_version(),
        "packages": {name: found for name in packages if (found := _version(name)) is not None},
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load_average": list(os.getloadavg()),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def group_cpu_seconds() -> float:
    """Return the processor time of all processes of this process group, those of a compiler that starts its own.

    To 10 ms. Where /proc does not tell, of this process and of those that it started and that have ended.
    """
    together = _group_seconds()
    return sum(os.times()[:4]) if together is None else together


def _group_seconds() -> float | None:
    group, ticks = os.getpgrp(), 0
    try:
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(ProcessLookupError, FileNotFoundError):  # it ended meanwhile
                fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                if int(fields[2]) == group:
                    ticks += int(fields[11]) + int(fields[12])
    except (OSError, ValueError, IndexError):
        return None
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor())
