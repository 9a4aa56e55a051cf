"""The pipeline as data: which stages run, in what order, and how much work each may spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class WorkTable:
    """Nominal multiply-adds by number of qubits (see `Budget`); roughly 1e10 take a second of one core.

    Attributes:
        values: by number of qubits; none below the smallest.
        growth: factor for each qubit beyond the largest; 0 for none there.
    """

    values: tuple[tuple[int, float], ...]
    growth: float = 0.0

    def at(self, num_qubits: int) -> float:
        """Return the work for a register."""
        known = dict(self.values)
        if num_qubits in known or num_qubits < min(known):
            return known.get(num_qubits, 0.0)
        largest = max(known)
        return known[largest] * self.growth ** (num_qubits - largest) if num_qubits > largest else 0.0


def work(growth: float = 4.0, /, **values: float) -> WorkTable:
    """Write a table as ``work(q3=1e9, q4=5e9)``; beyond, work grows by a factor for each qubit."""
    return WorkTable(tuple((int(name[1:]), value) for name, value in values.items()), growth)


NO_WORK = work(0.0, q1=0.0)


@dataclass(frozen=True)
class PipelineStep:
    """A stage by its name in the registry, and what it may spend.

    Attributes:
        stage: its name.
        work: what it may spend in any case.
        hoped: what it may spend beside, times the probability, by the model, that far fewer entanglers suffice.
    """

    stage: str
    work: WorkTable
    hoped: WorkTable = NO_WORK


@dataclass(frozen=True)
class PipelineConfig:
    """The stages of a compilation and the settings that they share.

    Attributes:
        steps: for gate sets with free single-qubit gates, on three qubits and more, after the baseline.
        column_steps: the same for states and isometries, on two qubits and more; an isometry from ``m`` to ``n`` qubits
            gets the work of a state on ``n + m``.
        samples: entangler sequences drawn from the model, or uniformly, at a time.
        sequences: distinct entangler sequences of each length that are instantiated.
        starts: factor on the number of starts that a sequence gets.
        rounds: times that a proposer is asked.
        patience: solutions in a row by crossover that are no improvement, after which none is expected.
        window_work: what the rewriting of one window may spend.
        effort: of the compilation of blocks.
        proposers: who takes part in that; None for the default.
        discrete_samples: circuits of gates without angles that the model draws before it gives up.
        output_permutations: orders of the output qubits that are compiled beside the target's, where any will do.
        hopeless: probability, by the model, that fewer entanglers suffice, below which none are looked for; 0 for a
            search that goes on regardless.
    """

    steps: tuple[PipelineStep, ...]
    column_steps: tuple[PipelineStep, ...]
    samples: int
    sequences: int
    starts: float
    rounds: int
    patience: int
    window_work: float
    discrete_samples: int
    output_permutations: int
    hopeless: float
    effort: str
    proposers: frozenset[str] | None = None

    def work_of(self, stage: str, num_qubits: int) -> float:
        """Return what a stage may spend on a register; 0 where it is no step."""
        return sum(step.work.at(num_qubits) for step in self.steps if step.stage == stage)


def _steps(**tables: WorkTable | tuple[WorkTable, WorkTable]) -> tuple[PipelineStep, ...]:
    pairs = {name: table if isinstance(table, tuple) else (table,) for name, table in tables.items()}
    return tuple(PipelineStep(name, *pair) for name, pair in pairs.items())


PRESETS: Mapping[str, PipelineConfig] = MappingProxyType(
    {
        "fast": PipelineConfig(
            steps=_steps(
                early_diffusion=(NO_WORK, work(0.0, q4=4e9)),
                template=work(0.0, q3=5e8, q4=1.6e10),
                block_template=work(q4=1e12),
                blocks=work(1.0, q4=1e9),
                peel=work(q4=1.5e10, q5=6e10),
                diffusion=work(q3=5e8, q4=2e9, q5=1e10),
                random=work(q3=5e8, q4=2e9, q5=1e10),
                search=work(q3=3e8, q4=4e9, q5=2e10),
                symmetry=work(q4=1e10, q5=5e10),
                edit=work(q4=1e9, q5=5e9),
            ),
            column_steps=_steps(
                low_rank=work(3.0, q2=1e7, q3=5e7, q4=2e8, q5=4e8, q6=1e9),
                disentangle=work(3.0, q2=1e7, q3=5e7, q4=2e8, q5=4e8, q6=1e9),
                deep_disentangle=work(3.0, q3=1e8, q4=5e8, q5=2e9, q6=5e9),
                column_template=work(8.0, q2=1e8, q3=5e8, q4=2e9, q5=5e9, q6=2e10),
                late_disentangle=work(3.0, q3=5e7, q4=1e8, q5=1e8, q6=2e8),
                column_search=work(3.0, q2=1e7, q3=2e7, q4=5e7, q5=1e8, q6=2e8),
            ),
            samples=32,
            sequences=12,
            starts=0.5,
            rounds=1,
            patience=3,
            window_work=5e8,
            discrete_samples=64,
            output_permutations=2,
            hopeless=0.01,
            effort="fast",
        ),
        "default": PipelineConfig(
            steps=_steps(
                early_diffusion=(NO_WORK, work(0.0, q4=1e10)),
                template=work(0.0, q3=1e9, q4=1.6e10),
                block_template=work(q4=1e12),
                blocks=work(1.0, q4=1e9),
                peel=work(q4=1e11, q5=3e11),
                diffusion=work(q3=3e9, q4=1e10, q5=5e10),
                random=work(q3=3e9, q4=1e10, q5=5e10),
                search=work(q3=3e8, q4=1.2e10, q5=1.3e11),
                deep_search=work(q4=6e10, q5=3e11),
                symmetry=work(q4=3e10, q5=1e11),
                late_template=work(q4=5e10, q5=2e11),
                edit=work(q4=4e9, q5=2e10),
            ),
            column_steps=_steps(
                low_rank=work(3.0, q2=1e7, q3=1e8, q4=5e8, q5=1e9, q6=4e9),
                disentangle=work(3.0, q2=1e7, q3=1e8, q4=5e8, q5=1e9, q6=4e9),
                deep_disentangle=work(3.0, q3=5e8, q4=2e9, q5=6e9, q6=2e10),
                column_template=work(8.0, q2=1e8, q3=1e9, q4=4e9, q5=1e10, q6=5e10),
                diffusion=(work(0.0, q4=5e8), work(0.0, q5=3e10, q6=6e10)),
                late_disentangle=work(3.0, q3=1e8, q4=4e8, q5=3e8, q6=1e9),
                column_search=work(3.0, q2=1e7, q3=5e7, q4=4e8, q5=5e8, q6=1e9),
            ),
            samples=24,
            sequences=48,
            starts=1.0,
            rounds=1,
            patience=12,
            window_work=3e9,
            discrete_samples=256,
            output_permutations=3,
            hopeless=0.001,
            effort="default",
        ),
        "max": PipelineConfig(
            steps=_steps(
                early_diffusion=(NO_WORK, work(0.0, q4=1e11)),
                template=work(0.0, q3=1e10, q4=5e10),
                block_template=work(q4=1e13),
                blocks=work(1.0, q4=1e9),
                peel=work(q4=4e11, q5=2e12),
                diffusion=work(q3=2e10, q4=1e11, q5=5e11),
                random=work(q3=2e10, q4=1e11, q5=5e11),
                search=work(q3=2e10, q4=8e10, q5=5e11),
                deep_search=work(q4=4e11, q5=2e12),
                symmetry=work(q4=1e11, q5=1e12),
                late_template=work(q4=5e11, q5=1e13),
                edit=work(q4=2e10, q5=1e11),
            ),
            column_steps=_steps(
                low_rank=work(3.0, q2=1e7, q3=1e8, q4=5e8, q5=1e9, q6=4e9),
                disentangle=work(3.0, q2=1e7, q3=1e8, q4=5e8, q5=1e9, q6=4e9),
                deep_disentangle=work(3.0, q3=5e8, q4=2e9, q5=6e9, q6=2e10),
                column_template=work(8.0, q2=1e9, q3=1e10, q4=4e10, q5=1e11, q6=5e11),
                diffusion=work(0.0, q4=5e9, q5=1e10, q6=3e10),
                random=work(0.0, q4=5e9, q5=1e10, q6=3e10),
                late_disentangle=work(3.0, q2=1e8, q3=2e9, q4=2e10, q5=5e10, q6=1e11),
                column_search=work(3.0, q2=1e8, q3=2e9, q4=2e10, q5=5e10, q6=1e11),
            ),
            samples=256,
            sequences=128,
            starts=2.0,
            rounds=3,
            patience=24,
            window_work=2e10,
            discrete_samples=2048,
            output_permutations=12,
            hopeless=0.0,
            effort="max",
        ),
    }
)
"""By effort."""
