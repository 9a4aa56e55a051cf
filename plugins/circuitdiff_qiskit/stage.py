"""``transpile(..., optimization_method="circuitdiff")``: Qiskit's own optimization, then resynthesis."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from qiskit.passmanager.flow_controllers import ConditionalController
from qiskit.transpiler import PassManager, PassManagerConfig
from qiskit.transpiler.passes import GatesInBasis, Optimize1qGatesDecomposition
from qiskit.transpiler.preset_passmanagers.builtin_plugins import OptimizeCliffordTPassManager
from qiskit.transpiler.preset_passmanagers.plugin import PassManagerStagePlugin, PassManagerStagePluginManager

PRESETS = ("fast", "fast", "fast", "default")
"""By optimization level."""

SEEDS = 2**63
"""The transpiler's seeds are taken modulo this: they may be negative, ours not."""

OPTIONS = (
    "block_size", "cache", "cost", "effort", "keep_order", "model", "on_interrupt", "seed", "timeout", "tol", "workers"
)  # fmt: skip
"""What `stage_options` sets: keywords of `CircuitDiffResynthesis` that are not the device's."""

_chosen: ContextVar[Mapping[str, Any] | None] = ContextVar("circuitdiff_stage_options", default=None)
_everywhere: list[Mapping[str, Any]] = []
"""Options of the blocks that are open in the main thread, for threads that have none of their own."""


@contextmanager
def stage_options(**options: Any) -> Iterator[None]:
    """Set keywords of `CircuitDiffResynthesis` for every stage that is made within a ``with`` block.

    ``transpile`` has no way to hand options to an optimization stage. A pass manager keeps those of the block in which
    it was made, and takes them along to other processes; blocks may be nested. A block in the main thread holds for
    worker threads as well, for those that have opened none themselves; a block in another thread, such as one that
    serves a request, holds for that thread, and for what runs in a copy of its context (`asyncio.to_thread`).

    Args:
        options: some of `OPTIONS`; ``timeout`` is in wall-clock seconds a circuit, None for no limit; by default it is
            in proportion to the circuit: 30 s and 0.05 s for each two-qubit gate, at most 120 s, at levels 0 to 2, 60 s
            and 0.2 s, at most 300 s, at level 3. By default ``effort`` goes with the optimization level, ``seed`` is
            the transpiler's, and ``keep_order=False``: where no coupling map is given wires are relabelled, and the
            circuit's layout says so. In a Clifford+T basis ``tol`` is the infidelity allowed of a whole circuit, 1e-6
            by default.

    Raises:
        circuitdiff.InputError: an option that there is not, or one out of range.
    """
    from circuitdiff import InputError
    from circuitdiff_qiskit.device import check_cost
    from circuitdiff_qiskit.resynthesis import CircuitDiffResynthesis

    unknown = sorted(set(options) - set(OPTIONS))
    if unknown:
        raise InputError(f"unknown stage option {unknown[0]!r}; there are: {', '.join(OPTIONS)}")
    check_cost(options.get("cost", "count"))
    CircuitDiffResynthesis(**{name: value for name, value in options.items() if name != "cost"})
    chosen = {**_options(), **options}
    is_main = threading.current_thread() is threading.main_thread()
    token = _chosen.set(chosen)
    if is_main:
        _everywhere.append(chosen)
    try:
        yield
    finally:
        _chosen.reset(token)
        if is_main:
            _everywhere[:] = [other for other in _everywhere if other is not chosen]


def _options() -> Mapping[str, Any]:
    """Return the options that hold in this thread."""
    own = _chosen.get()
    return own if own is not None else next(iter(_everywhere[-1:]), {})


class CircuitDiffOptimization(PassManagerStagePlugin):
    """Runs Qiskit's optimization of the same level, `CircuitDiffResynthesis`, and puts gates into the basis."""

    def pass_manager(
        self, pass_manager_config: PassManagerConfig, optimization_level: int | None = None
    ) -> PassManager:
        """Return the passes of the stage."""
        # Qiskit loads every installed stage with every transpilation: the compiler waits until this one is asked for.
        from circuitdiff_qiskit.resynthesis import CircuitDiffResynthesis

        level = 0 if optimization_level is None else optimization_level
        config = pass_manager_config
        resynthesis = CircuitDiffResynthesis(
            config.target,
            basis_gates=config.basis_gates,
            coupling_map=config.coupling_map,
            **{
                "timeout": "auto",
                "effort": PRESETS[level],
                "keep_order": False,
                "seed": (config.seed_transpiler or 0) % SEEDS,
                **_options(),
            },
        )
        if resynthesis.is_clifford_t:
            return _clifford_t_passes(resynthesis, config, level)
        stages = PassManagerStagePluginManager()
        own = stages.get_passmanager_stage("optimization", "default", config, optimization_level=level)
        translation = stages.get_passmanager_stage(
            "translation", config.translation_method or "default", config, optimization_level=level
        )
        passes = PassManager()
        if own is not None and level > 0:
            passes += own
        passes.append([resynthesis, Optimize1qGatesDecomposition(config.basis_gates, config.target)])
        passes.append(GatesInBasis(config.basis_gates, config.target))
        passes.append(ConditionalController(translation.to_flow_controller(), condition=_is_outside_basis))
        return passes


def _clifford_t_passes(resynthesis: Any, config: PassManagerConfig, level: int) -> PassManager:
    """Return Qiskit's own optimization in a Clifford+T basis, ours, and the translation with which Qiskit's ends.

    Qiskit has approximated every rotation by then, far more closely than the budget; that is read back and done anew.
    """
    qiskits = OptimizeCliffordTPassManager()
    passes = qiskits.pass_manager(config, level)
    passes.append(resynthesis)
    return passes + qiskits.pass_manager(config, 0)


def _is_outside_basis(properties: dict[str, bool]) -> bool:
    return not properties["all_gates_in_basis"]
