"""How circuits are drawn: one object for `sample`, `search`, `edit` and `generate`."""

from __future__ import annotations

from dataclasses import dataclass

from circuitdiff.errors import InputError
from circuitdiff.validation import check_options

WITHOUT_TARGET = 0.4
"""Temperature where no target is given: many circuits will do, and the likeliest are the short ones."""


@dataclass(frozen=True)
class Sampling:
    """How circuits are drawn.

    Attributes:
        num_samples: number of circuits; of a search, most circuits drawn.
        steps: evaluations of the network; with guidance two at each.
        guidance: scale of classifier-free guidance; 1 leaves it out.
        temperature: of the gates and of their number; below 1 favours the likeliest. None for 1 towards a target, and
            for `WITHOUT_TARGET` else.
        seed: of the random generator, where none is given.
        max_extra_gates: where Schmidt ranks are asked for and no unitary, most gates on one qubit beyond the one of a
            plain construction, which has no more gates on two qubits than it takes; None for circuits of any length.
        remask: chance with which a gate drawn earlier is masked again; see `Schedule`.
        joint: draw gates and angles together; otherwise gates first, then their angles.
        sampler: name of the sampler; see `circuitdiff.generation.samplers`.

    Raises:
        InputError: a number out of range.
    """

    num_samples: int = 64
    steps: int = 12
    guidance: float = 1.0
    temperature: float | None = None
    seed: int = 0
    max_extra_gates: int | None = 3
    remask: float = 0.0
    joint: bool = True
    sampler: str = "confidence"

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_options(num_samples=self.num_samples, steps=self.steps, seed=self.seed)
        check_options(guidance=self.guidance, temperature=self.temperature)
        if not 0 <= self.remask <= 1:
            raise InputError(f"remask is a chance from 0 to 1, got {self.remask!r}")

    def temperature_for(self, *, has_target: bool) -> float:
        """Return the temperature."""
        if self.temperature is not None:
            return self.temperature
        return 1.0 if has_target else WITHOUT_TARGET
