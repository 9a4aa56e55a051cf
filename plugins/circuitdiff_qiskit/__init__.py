"""circuitdiff inside Qiskit: passes for resynthesis and rewrite rules, an optimization stage, synthesis.

Names are loaded on first use, and the compiler with the first block: that the plugins are installed costs a
transpilation without them nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from circuitdiff_qiskit.resynthesis import CircuitDiffResynthesis
    from circuitdiff_qiskit.rewriting import CircuitDiffRewriting
    from circuitdiff_qiskit.stage import CircuitDiffOptimization, stage_options
    from circuitdiff_qiskit.states import CircuitDiffIsometry, CircuitDiffMultiplexer, CircuitDiffState
from circuitdiff_qiskit.synthesis import CircuitDiffCliffordT, CircuitDiffSynthesis

__all__ = [
    "CircuitDiffCliffordT",
    "CircuitDiffIsometry",
    "CircuitDiffMultiplexer",
    "CircuitDiffOptimization",
    "CircuitDiffResynthesis",
    "CircuitDiffRewriting",
    "CircuitDiffState",
    "CircuitDiffSynthesis",
    "stage_options",
]

_HOMES = {
    "CircuitDiffCliffordT": "circuitdiff_qiskit.synthesis",
    "CircuitDiffIsometry": "circuitdiff_qiskit.states",
    "CircuitDiffMultiplexer": "circuitdiff_qiskit.states",
    "CircuitDiffState": "circuitdiff_qiskit.states",
    "CircuitDiffOptimization": "circuitdiff_qiskit.stage",
    "CircuitDiffResynthesis": "circuitdiff_qiskit.resynthesis",
    "CircuitDiffRewriting": "circuitdiff_qiskit.rewriting",
    "CircuitDiffSynthesis": "circuitdiff_qiskit.synthesis",
    "stage_options": "circuitdiff_qiskit.stage",
}


def __getattr__(name: str) -> Any:
    """Import the module that defines a public name, the first time the name is asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
