"""``circuitdiff doctor``: does everything work on this machine?"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

import click

from circuitdiff.cli.exit_codes import FAILURE
from circuitdiff.cli.info import dependencies, installed_version
from circuitdiff.cli.options import echo_json, json_option
from circuitdiff.cli.progress import progress

MODULES: Final = {"cirq-core": "cirq"}
"""Import names that are not the distribution's name with underscores."""

WORST_INFIDELITY = 1e-9


class Finding(NamedTuple):
    """What one check came to."""

    name: str
    ok: bool
    detail: str
    seconds: float


@click.command("doctor", short_help="Check that everything works on this machine.")
@json_option
def command(as_json: bool) -> int:
    """Check imports, compiled kernels, the bundled checkpoint, file formats and a small compilation.

    On a fresh machine this compiles the numerical kernels, which are kept, so that no compilation has to wait for them.
    """
    with progress("checking"):
        findings = [examine(name, check) for name, check in CHECKS.items()]
    healthy = all(finding.ok for finding in findings)
    if as_json:
        echo_json({"ok": healthy, "checks": [finding._asdict() for finding in findings]})
    else:
        for finding in findings:
            mark = click.style("ok", fg="green") if finding.ok else click.style("failed", fg="red", bold=True)
            click.echo(f"{finding.name:<12} {finding.seconds:5.1f} s  {mark}  {finding.detail}")
    return 0 if healthy else FAILURE


def examine(name: str, check: Callable[[], str]) -> Finding:
    """Run one check; whatever it raises is a finding, because finding out is what it is for."""
    started = time.perf_counter()
    try:
        ok, detail = True, check()
    except Exception as error:
        ok, detail = False, f"{type(error).__name__}: {' '.join(str(error).split())}"
    return Finding(name, ok, detail, round(time.perf_counter() - started, 3))


def check_packages() -> str:
    """Import every dependency."""
    for name in dependencies():
        import_module(MODULES.get(name, name.replace("-", "_")))
    return ", ".join(f"{name} {installed_version(name)}" for name in dependencies())


def check_kernels() -> str:
    """Let numba compile the numerical kernels, or load them from its cache, and reach a target with them."""
    import numpy as np

    from circuitdiff.circuits.coupling import parse_coupling
    from circuitdiff.circuits.unitaries import named
    from circuitdiff.numerics.multi_start import Budget, multi_start, random_start
    from circuitdiff.synthesis.stages.peeling import Beam

    rng = np.random.default_rng(0)
    list(Beam(named("haar:4?seed=1"), parse_coupling("all", 4), 1, rng, Budget()).nodes(1))
    starts = [random_start(((0, 1),) * 3, 2, "cz", rng) for _ in range(8)]
    fit = multi_start(named("haar:2?seed=1"), starts, tol=WORST_INFIDELITY, budget=Budget())
    if fit is None or fit.infidelity > WORST_INFIDELITY:
        raise ArithmeticError(f"a two-qubit target was missed: {fit}")
    return f"a two-qubit target reached to {fit.infidelity:.1e}"


def check_checkpoint() -> str:
    """Load the default checkpoint and compare its weights with the checksum in its card."""
    from circuitdiff.models.bundled import WEIGHTS_FILE, read_card
    from circuitdiff.models.checkpoint import load_checkpoint, resolve_checkpoint

    path = resolve_checkpoint()
    digest = hashlib.sha256((path / WEIGHTS_FILE).read_bytes()).hexdigest()
    expected = read_card(path)["sha256"]
    if digest != expected:
        raise ValueError(f"{path / WEIGHTS_FILE} has SHA-256 {digest[:12]}…, its card says {str(expected)[:12]}…")
    return f"{path.name}, {load_checkpoint(path).num_parameters():,} parameters, SHA-256 {digest[:12]}…"


def check_formats() -> str:
    """Take a circuit through every file format and back."""
    import numpy as np

    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.interop import from_cirq_json, from_qasm, from_qpy, to_cirq_json, to_qasm, to_qpy

    circuit = Circuit.from_gates(3, [("h", (0,), ()), ("cx", (0, 2), ()), ("u", (1,), (0.1, 0.2, 0.3))])
    copies = (
        from_qasm(to_qasm(circuit, version=3)),
        from_qasm(to_qasm(circuit, version=2)),
        from_qpy(to_qpy(circuit)),
        from_cirq_json(to_cirq_json(circuit)),
    )
    for copy in copies:
        np.testing.assert_allclose(abs(np.vdot(circuit.unitary(), copy.unitary())), 8, atol=1e-9)
    return "OpenQASM 2 and 3, QPY, Cirq JSON"


def check_compile() -> str:
    """Compile a three-qubit target with all proposers."""
    from circuitdiff.circuits.unitaries import named
    from circuitdiff.synthesis import compile as compile_target

    result = compile_target(named("toffoli"), effort="fast")
    if result.infidelity > WORST_INFIDELITY:
        raise ArithmeticError(f"Toffoli missed: infidelity {result.infidelity:.1e}")
    counts = f"{result.two_qubit_count} two-qubit gates"
    return f"Toffoli in {counts} by {result.source}, infidelity {result.infidelity:.1e}"


def check_accelerator() -> str:
    """Say which devices torch sees; none is no fault."""
    import torch

    names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return f"torch sees {', '.join(names) or 'no GPU'}, {torch.get_num_threads()} CPU threads"


CHECKS: Final[dict[str, Callable[[], str]]] = {
    "packages": check_packages,
    "kernels": check_kernels,
    "checkpoint": check_checkpoint,
    "formats": check_formats,
    "compile": check_compile,
    "accelerator": check_accelerator,
}
