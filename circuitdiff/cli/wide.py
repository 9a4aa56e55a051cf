"""What ``circuitdiff compile`` does with circuits that are wider than a target may be: block by block."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from circuitdiff.errors import InputError

if TYPE_CHECKING:
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.circuits.program import Program
    from circuitdiff.resynthesis import Resynthesis

logger = logging.getLogger(__name__)

MAX_WIDE_QUBITS = 1_000
"""The widest circuit that is read."""

DEFAULT_PARTITION_SIZE = 3
BAR = 24
"""Characters of the bar beside each measure."""

WHOLE_TARGET_OPTIONS = ("samples", "prompt", "up_to", "cost")
"""What can be said about the compilation of one target, but not of many blocks."""


def resynthesized(
    circuit: Circuit | Program,
    partition_size: int | None,
    cache: str,
    timeout: float | None,
    settings: Mapping[str, Any],
) -> Resynthesis:
    """Rewrite a circuit of any width, with all in it that is no gate.

    Raises:
        InputError: an option that does not apply.
    """
    from circuitdiff.circuits.program import Program
    from circuitdiff.resynthesis import default_timeout, resynthesize, resynthesize_program

    for name in WHOLE_TARGET_OPTIONS:
        if settings[name] is not None:
            raise InputError(f"--{name.replace('_', '-')} does not apply to circuits that are compiled block by block")
    limit = default_timeout(circuit.two_qubit_count, settings["effort"]) if timeout is None else None
    rewrite = resynthesize_program if isinstance(circuit, Program) else resynthesize
    result = rewrite(
        circuit,  # type: ignore[arg-type]
        gate_set=settings["gate_set"],
        coupling=settings["coupling"],
        block_size=partition_size or DEFAULT_PARTITION_SIZE,
        keep_order=settings["keep_order"],
        workers=settings["workers"],
        effort=settings["effort"],
        timeout=timeout,
        limit=limit,
        tol=settings["tol"],
        seed=settings["seed"],
        model=settings["model"],
        proposers=settings["proposers"],
        cache=None if cache == "none" else cache,
    )
    if limit is not None and result.seconds >= limit:
        logger.warning("stopped after %.0f s, the default for a circuit of this size: --timeout raises it", limit)
    return result


def table_of(result: Resynthesis) -> str:
    """Return the figures before and after, one measure a line, with a bar of what is left."""
    lines = [f"{'':<16}{'before':>9}{'after':>9}"]
    measures = [("two-qubit gates", "two_qubit_count"), ("gates", "num_gates"), ("depth", "depth")]
    if result.circuit.t_count:
        measures += [("T gates", "t_count"), ("T depth", "t_depth")]
    for title, name in measures:
        before, after = getattr(result.before, name), getattr(result.circuit, name)
        lines.append(f"{title:<16}{before:>9}{after:>9}  {_bar(before, after)}".rstrip())
    checked = "not checked as a whole" if result.infidelity is None else f"infidelity {result.infidelity:.1e}"
    device = f"gate set {result.gate_set}, coupling {result.coupling}"
    lines += [order_of(result)] if result.output_permutation is not None else []
    return "\n".join([*lines, f"{checked}, {device}, {result.seconds:.2f} s"])


def _bar(before: int, after: int) -> str:
    """Return a bar, full where a count stayed or grew; its light end is what was saved."""
    left = BAR if after >= before else round(BAR * after / before)
    return "█" * left + "░" * (BAR - left) if before else ""


def order_of(result: Resynthesis) -> str:
    """Return in words which output is where, for qubits whose content has moved."""
    moved = [(q, wire) for q, wire in enumerate(result.output_permutation or ()) if q != wire]
    return "output permutation: " + ", ".join(f"qubit {q} holds {wire}" for q, wire in moved)
