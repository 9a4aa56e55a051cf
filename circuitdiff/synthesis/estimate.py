"""What the model expects of a target: the chance that fewer entanglers suffice than its best circuit has."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.problem import ANALYTIC_QUBITS, SynthesisProblem
from circuitdiff.synthesis.request import Request
from circuitdiff.synthesis.transforms.delete_entanglers import without_superfluous

MODEL_PROPOSER = "diffusion"
"""The proposer without which the model is not asked for its estimate either."""

MOST = 6
"""Entanglers of the best circuit up to which the estimate is relied on: of more the model knows too little."""


FAR = 1 / 2
"""Share of the entanglers of the best circuit, which are far fewer."""

WITHIN = 2 / 3
"""Share of the model's longest circuits that are far fewer than a best circuit which is longer than all of them."""


@dataclass
class EntanglerEstimate:
    """Asks the model once a problem, and only when first needed.

    Attributes:
        problem: the target.
        models: where the model comes from.
        hopeless: probability below which fewer entanglers are not looked for; 0 where the model is not to be asked.
    """

    problem: SynthesisProblem
    models: Models
    hopeless: float
    _at_most: NDArray[np.float64] | None = field(default=None, repr=False)

    def chance_of_fewer(self, count: int) -> float:
        """Return the probability that fewer than ``count`` entanglers suffice, 1 where no model can say."""
        if not self.hopeless or not 0 < count <= MOST:
            return 1.0
        known = self._known() if self.problem.is_unitary else np.zeros(0)
        return float(known[count - 1]) if count <= len(known) else 1.0

    def chance_of_far_fewer(self, count: int) -> float:
        """Return the probability that `FAR` times ``count`` entanglers suffice, 1 where no model can say."""
        known = self._known()
        return float(known[int(min(FAR * count, WITHIN * len(known)))]) if len(known) and self.hopeless else 1.0

    def is_hopeless(self, count: int) -> bool:
        """Tell whether the model holds a circuit of fewer than ``count`` entanglers to be all but impossible.

        It is wrong most often where some entangler can simply be left out: before it is taken at its word, that is to
        be tried (`without_superfluous`).
        """
        return self.chance_of_fewer(count) < self.hopeless

    def _known(self) -> NDArray[np.float64]:
        if self._at_most is None:
            self._at_most = self._asked()
        return self._at_most

    def _asked(self) -> NDArray[np.float64]:
        problem = self.problem
        if problem.entangler != "cz" or not problem.has_pipeline:
            return np.zeros(0)
        if problem.num_inputs == 0:
            proposer = self.models.state_proposer(problem.num_qubits)
        elif problem.is_unitary:
            proposer = self.models.ansatz_proposer(problem.num_qubits)
        else:
            return np.zeros(0)
        return np.zeros(0) if proposer is None else proposer.at_most(problem)


def is_settled(target: NDArray[np.complex128], request: Request) -> bool:
    """Tell whether nothing shorter than the circuit given is possible, or is to be expected by the model."""
    given, gates = request.incumbent, request.gate_set
    if (
        given is None
        or target.shape[0] != target.shape[1]
        or gates.is_discrete
        or request.coupling.num_qubits <= ANALYTIC_QUBITS
    ):
        return False
    problem = request.problem_of(target, request.coupling)
    if given.two_qubit_count <= problem.lower_bound:
        return True
    hopeless = request.config.hopeless if MODEL_PROPOSER in request.proposers and problem.has_pipeline else 0.0
    if not EntanglerEstimate(problem, request.models(), hopeless).is_hopeless(given.two_qubit_count):
        return False
    return len(without_superfluous(problem, given).ansatz.pairs) >= given.two_qubit_count
