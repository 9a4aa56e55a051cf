"""What the model is worth: its structures and its angles against blind ones, at equal budget."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.errors import InputError
from circuitdiff.evaluation.ablation_report import AblationReport, AnglesRow, StructuresRow
from circuitdiff.evaluation.held_out import ORIGINS, TOL, held_out, is_solution, task_for
from circuitdiff.evaluation.machine import environment, use_one_thread_now
from circuitdiff.evaluation.suites import load_suite
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence
from circuitdiff.numerics.multi_start import Budget, Rounds, multi_start, random_start
from circuitdiff.synthesis.models import load_ansatz_model
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import num_starts
from circuitdiff.synthesis.stages.proposers import AnsatzProposer, random_sequence

logger = logging.getLogger(__name__)


STRUCTURE_LENGTHS = range(3, 8)
ANGLE_LENGTHS = range(2, 11)
FIRST = (1, 4, 12, 32)
"""Numbers of structures after which solved targets are counted."""

SAMPLES = 64
"""Draws of the model, as many as a default compilation makes; where it is sure, few of them differ."""

STARTS_OF_ONE = 8
"""Starts of each circuit in the ablation of angles, each descended from alone."""

SINGLE_ROUNDS: Rounds = ((100, 0.0),)
CIRCUITS = 24
MOST_BLIND_DRAWS = 10_000
SUITE_ORIGIN = "suite"


class _HeldOut(NamedTuple):
    """A target, the number of entanglers it may take, and one solution where that is known."""

    problem: SynthesisProblem
    length: int
    sequence: EntanglerSequence | None


def run_ablation(
    *,
    model: str | None = None,
    coupling: str = "all",
    limit: int | None = None,
    seed: int = 0,
    folder: str | None = None,
    lengths: Collection[int] = STRUCTURE_LENGTHS,
    angle_lengths: Collection[int] = ANGLE_LENGTHS,
) -> AblationReport:
    """Compare the model with blind draws on circuits of exactly k entanglers that it was not trained on.

    Structures: the distinct ones among the model's samples of at most k entanglers, likeliest first, against as many
    drawn blindly, of the same lengths on the same couplings, no more than three entanglers in a row on one. Every
    structure gets the same number of starts of its own; a target is solved when one structure reaches 1e-9.
    In a third arm the model's angles take the place of one start of each of its structures.

    Angles: given the true structure, how many single starts converge from the model's angles, and from uniform ones.

    Args:
        model: checkpoint; the bundled one by default.
        coupling: map on the model's register.
        limit: circuits of each length and origin, `CIRCUITS` by default.
        seed: of circuits, draws and starts; training circuits are never among them.
        folder: a suite whose targets of the model's size are added where their best count is among the lengths.
        lengths: k for structures.
        angle_lengths: k for angles.
    """
    use_one_thread_now()
    source = AnsatzProposer(load_ansatz_model(model, "cpu"))
    layout = source.model.layout
    device = parse_coupling(coupling, layout.num_qubits)
    if max((*lengths, *angle_lengths)) > layout.max_gates:
        raise InputError(f"the model's circuits have at most {layout.max_gates} entanglers")

    def drawn(wanted: Iterable[int]) -> list[tuple[str, int, list[_HeldOut]]]:
        return [
            (origin, k, [_problem(circuit, device) for circuit in held_out(origin, k, count, layout, device, seed)])
            for origin in ORIGINS
            for k in sorted(wanted)
        ]

    count = limit or CIRCUITS
    groups = drawn(lengths) + _from_folder(folder, device, lengths)
    return AblationReport(
        settings={"model": source.model.name, "coupling": coupling, "circuits": count, "seed": seed, "tol": TOL},
        environment=environment(),
        first=FIRST,
        structures=tuple(_compare_structures(*group, source, seed) for group in groups if group[2]),
        angles=tuple(_compare_angles(*group, source, seed) for group in drawn(angle_lengths) if group[2]),
    )


class UnsoundError(Exception):
    """What was claimed as a solution is none when it is simulated."""


def uniform_counterparts(
    problem: SynthesisProblem, structures: Sequence[EntanglerSequence], rng: np.random.Generator
) -> list[EntanglerSequence]:
    """Draw as many distinct structures as are given, of the same lengths in the same order, without looking at them.

    Fewer come back only where so many do not exist.
    """
    drawn: dict[EntanglerSequence, None] = {}
    for structure in structures:
        for _ in range(MOST_BLIND_DRAWS):
            candidate = random_sequence(problem, len(structure), rng)
            if candidate not in drawn:
                drawn[candidate] = None
                break
    return list(drawn)


def first_solved(
    problem: SynthesisProblem,
    structures: Sequence[EntanglerSequence],
    starts_of: Callable[[int], Iterable[Ansatz]],
) -> int | None:
    """Race the starts of one structure after another; return the number (from 1) of the first that reaches ``tol``.

    Raises:
        UnsoundError: a fit counts as exact, and simulation does not confirm it.
    """
    for number in range(len(structures)):
        fit = multi_start(problem.target, starts_of(number), tol=problem.tol, budget=Budget())
        if fit is not None and fit.infidelity <= problem.tol:
            if not is_solution(fit.ansatz.circuit(), problem, len(structures[number])):
                raise UnsoundError(f"a fit of infidelity {fit.infidelity:.1e} is another circuit when it is simulated")
            return number + 1
    return None


def _problem(circuit: Ansatz, coupling: Coupling) -> _HeldOut:
    return _HeldOut(task_for(circuit.circuit().unitary(), coupling), len(circuit.pairs), circuit.pairs)


def _from_folder(
    folder: str | None, coupling: Coupling, lengths: Collection[int]
) -> list[tuple[str, int, list[_HeldOut]]]:
    """Return the targets of a suite by their best count."""
    if folder is None:
        return []
    targets = load_suite(folder, qubits=(coupling.num_qubits,))
    return [
        (
            SUITE_ORIGIN,
            k,
            [_HeldOut(task_for(t.unitary, coupling), k, None) for t in targets if t.best_on(coupling) == k],
        )
        for k in sorted(lengths)
    ]


def _compare_structures(
    origin: str, length: int, problems: Sequence[_HeldOut], source: AnsatzProposer, seed: int
) -> StructuresRow:
    """Run every arm on every target of one origin and length."""
    solved: dict[str, list[int | None]] = {"model": [], "model+angles": [], "random": []}
    seconds = dict.fromkeys(solved, 0.0)
    proposed = unsound = 0
    for number, held in enumerate(problems):
        problem, rng = held.problem, np.random.default_rng((seed, length, number))
        structures = source.sequences(problem, length, SAMPLES, rng, broad=False)[: max(FIRST)]
        informed = source.starts(problem, structures, rng)
        proposed += len(structures)
        arms = {
            "model": structures,
            "model+angles": structures,
            "random": uniform_counterparts(problem, structures, rng),
        }
        for arm, candidates in arms.items():
            started = time.perf_counter()
            starts = _starts(problem, candidates, informed if arm == "model+angles" else None, rng)
            try:
                solved[arm].append(first_solved(problem, candidates, starts))
            except UnsoundError:
                solved[arm].append(None)
                unsound += 1
            seconds[arm] += time.perf_counter() - started
        logger.info("structures, %s, %d entanglers: %d of %d", origin, length, number + 1, len(problems))
    counts = {arm: tuple(_solved_within(numbers, n) for n in FIRST) for arm, numbers in solved.items()}
    shown, starts_each = proposed / len(problems), num_starts(length)
    return StructuresRow(origin, length, len(problems), shown, starts_each, counts, seconds, unsound)


def _solved_within(numbers: Sequence[int | None], first: int) -> int:
    return sum(number is not None and number <= first for number in numbers)


def _starts(
    problem: SynthesisProblem,
    structures: Sequence[EntanglerSequence],
    informed: Sequence[Ansatz] | None,
    rng: np.random.Generator,
) -> Callable[[int], Iterable[Ansatz]]:
    """Return what gives the starts of a structure, by its index: an informed one first, if any, then random ones."""

    def starts(index: int) -> Iterable[Ansatz]:
        each = num_starts(len(structures[index]))
        if informed:
            yield informed[index]
        for _ in range(each - bool(informed)):
            yield random_start(structures[index], problem.num_qubits, problem.entangler, rng)

    return starts


def _compare_angles(
    origin: str, length: int, problems: Sequence[_HeldOut], source: AnsatzProposer, seed: int
) -> AnglesRow:
    """Count single starts that converge, given the true structure."""
    converged = {"model": 0, "uniform": 0}
    for number, held in enumerate(problems):
        problem, rng = held.problem, np.random.default_rng((seed, length, number))
        assert held.sequence is not None
        structures = [held.sequence] * STARTS_OF_ONE
        starts = {
            "model": source.starts(problem, structures, rng),
            "uniform": [random_start(pairs, problem.num_qubits, problem.entangler, rng) for pairs in structures],
        }
        for arm, given in starts.items():
            converged[arm] += sum(_converges(problem, start) for start in given)
    logger.info("angles, %s, %d entanglers", origin, length)
    return AnglesRow(origin, length, len(problems), len(problems) * STARTS_OF_ONE, converged)


def _converges(problem: SynthesisProblem, start: Ansatz) -> bool:
    fit = multi_start(problem.target, [start], tol=problem.tol, budget=Budget(), rounds=SINGLE_ROUNDS)
    return fit is not None and fit.infidelity <= problem.tol
