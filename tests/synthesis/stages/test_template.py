"""The template: each number of entanglers gets its turn."""

import numpy as np
import pytest

from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.unitaries import named
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.generic_ansatz import EXTRAS, template_count
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.template import TemplateStage


@pytest.mark.parametrize("seed", [0, 1])
def test_an_entangler_more_is_tried_after_one_number_has_used_up_the_work(seed: int) -> None:
    problem = SynthesisProblem(
        target=np.asarray(named("heisenberg_exact:4")),
        coupling=all_to_all(4),
        entangler="cz",
        tol=1e-10,
        lower_bound=0,
        gate_set=parse_gate_set("u,cx"),
        given=None,
    )
    found = list(TemplateStage(EXTRAS).run(problem, None, Budget(1e10), np.random.default_rng(seed)))
    assert [candidate.count for candidate in found] == [template_count(problem) + 1]
