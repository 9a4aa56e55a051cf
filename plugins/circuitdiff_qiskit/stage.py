"""``transpile(..., optimization_method="circuitdiff")``: Qiskit's own optimization, then resynthesis."""

from __future__ import annotations

from qiskit.passmanager.flow_controllers import ConditionalController
from qiskit.transpiler import PassManager, PassManagerConfig
from qiskit.transpiler.passes import GatesInBasis, Optimize1qGatesDecomposition
from qiskit.transpiler.preset_passmanagers.plugin import PassManagerStagePlugin, PassManagerStagePluginManager

EFFORTS = ("fast", "fast", "fast", "default")
"""By optimization level."""


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
        stages = PassManagerStagePluginManager()
        own = stages.get_passmanager_stage("optimization", "default", config, optimization_level=level)
        translation = stages.get_passmanager_stage(
            "translation", config.translation_method or "default", config, optimization_level=level
        )
        resynthesis = CircuitDiffResynthesis(
            config.target,
            basis_gates=config.basis_gates,
            coupling_map=config.coupling_map,
            effort=EFFORTS[level],
            seed=config.seed_transpiler or 0,
        )
        passes = PassManager()
        if own is not None and level > 0:
            passes += own
        passes.append([resynthesis, Optimize1qGatesDecomposition(config.basis_gates, config.target)])
        passes.append(GatesInBasis(config.basis_gates, config.target))
        passes.append(ConditionalController(translation.to_flow_controller(), condition=_is_outside_basis))
        return passes


def _is_outside_basis(properties: dict[str, bool]) -> bool:
    return not properties["all_gates_in_basis"]
