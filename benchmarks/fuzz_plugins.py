"""Random programs through every plugin, four threads at once: what the tests state, for any number of seeds.

python benchmarks/fuzz_plugins.py [--count 1000] [--first 10000] [--only pytket]
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
PROPERTIES = {
    "qiskit-pass": ("test_fuzz", "test_qiskit_pass_respects_whatever_is_in_a_circuit"),
    "qiskit-stage": ("test_fuzz", "test_qiskit_stage_respects_whatever_is_in_a_circuit"),
    "qiskit-synthesis": ("test_fuzz", "test_qiskit_unitary_synthesis_is_never_worse"),
    "qiskit-again": ("test_fuzz", "rewritten_by_pass"),
    "qiskit-line": ("test_fuzz", "test_qiskit_stage_keeps_to_a_line_and_its_directions"),
    "qiskit-threads": ("test_fuzz_devices", "check_everywhere"),
    "qiskit-device": ("test_fuzz_devices", "rewritten_on_device"),
    "cirq": ("test_fuzz", "test_cirq_transformer_respects_whatever_is_in_a_circuit"),
    "pytket": ("test_pytket", "test_fuzz"),
    "bqskit": ("test_bqskit", "test_fuzz"),
    "pennylane": ("test_pennylane", "test_transform_is_exact_and_never_worse"),
}
"""By plugin, the test that a seed is given to: equal, on the device, never more two-qubit gates."""


@click.command()
@click.option("--count", type=click.IntRange(1), default=1000, show_default=True, help="Programs in all.")
@click.option("--first", type=int, default=10_000, show_default=True, help="The first seed.")
@click.option("--only", type=click.Choice(sorted(PROPERTIES)), multiple=True, help="[default: all]")
@click.option("--threads", type=click.IntRange(1), default=4, show_default=True)
def main(count: int, first: int, only: tuple[str, ...], threads: int) -> None:
    """Run, and exit with 1 where a property fails."""
    sys.path.insert(0, str(ROOT))
    names = only or tuple(PROPERTIES)
    jobs = [(names[number % len(names)], first + number) for number in range(count)]
    properties = {name: load(*PROPERTIES[name]) for name in names}
    failed: Counter[str] = Counter()
    started = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        for done, (name, seed, fault) in enumerate(pool.map(lambda job: tried(*job, properties[job[0]]), jobs), 1):
            if fault is not None:
                failed[name] += 1
                click.echo(f"{name} seed {seed}: {fault}", err=True)
            if done % 50 == 0:
                click.echo(f"{done} of {count}, {sum(failed.values())} failed", err=True)
    shares = Counter(name for name, _ in jobs)
    click.echo("\n".join(f"{name:<18}{shares[name]:>6} programs, {failed[name]} failed" for name in names))
    click.echo(f"{time.monotonic() - started:.0f} s, {time.process_time():.0f} s of processor time")
    sys.exit(1 if failed else 0)


def load(module: str, name: str) -> Callable[[int], str | None]:
    """Return a test that takes a seed; what it returns must be the same the next time."""
    found: Callable[[int], str | None] = getattr(import_module(f"tests.plugins.{module}"), name)
    return found


def tried(name: str, seed: int, holds: Callable[[int], str | None]) -> tuple[str, int, str | None]:
    """Return what a property says of a seed, None where it holds."""
    try:
        found = holds(seed)
        if found is not None and holds(seed) != found:
            return name, seed, "another circuit the second time"
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1]
        return name, seed, f"{type(error).__name__} {str(error)[:120]!r} at {Path(line.filename).name}:{line.lineno}"
    return name, seed, None


if __name__ == "__main__":
    main()
