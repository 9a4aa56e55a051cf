"""The model of general circuits as its users see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from circuitdiff import CircuitDiffusion, CircuitSpec, Sampling
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.errors import InputError
from circuitdiff.generation.inpainting import keep_gates
from circuitdiff.models.config import TEXT
from tests.small_gate_models import SMALL_GATES, small_gate_model
from tests.small_models import small_model

SOURCE = Circuit.from_gates(
    3, [("h", (0,), ()), ("cx", (0, 1), ()), ("rx", (2,), (0.3,)), ("cp", (1, 2), (1.0,)), ("h", (1,), ())]
)


def unitary(num_qubits: int = 3, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (2**num_qubits, 2**num_qubits)
    return np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))[0]


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_samples_obey_gate_set_coupling_and_bounds(joint: bool, guidance: float) -> None:
    found = small_gate_model().sample(
        unitary(),
        CircuitSpec(gates=("h", "cx", "rx"), coupling="line", max_gates=6, max_two_qubit_gates=2),
        sampling=Sampling(9, 4, guidance, joint=joint),
    )
    assert len(found) == 9
    for circuit in found:
        assert circuit.num_qubits == 3
        assert circuit.gate_names <= {"h", "cx", "rx"}
        assert circuit.pairs <= {(0, 1), (1, 2)}
        assert circuit.num_gates <= 6
        assert circuit.two_qubit_count <= 2


@pytest.mark.parametrize(("guidance", "passes"), [(1.0, 1), (2.0, 2)])
@pytest.mark.parametrize("joint", [True, False])
def test_a_condition_is_encoded_once_and_guidance_takes_two_passes_a_step(
    guidance: float, passes: int, joint: bool
) -> None:
    model, steps = small_gate_model(), 5
    encoded, evaluated = [], []
    model.model.encoder.register_forward_hook(lambda *_: encoded.append(1))
    model.model.register_forward_hook(lambda *_: evaluated.append(1))
    model.sample(unitary(), sampling=Sampling(16, steps, guidance, joint=joint))
    assert len(encoded) == passes  # with the condition and, to be guided away from it, without
    rounds = 1 if joint else 2  # gates, then their angles
    assert len(evaluated) <= passes * (rounds * steps + 1)  # one more look for the number of gates
    assert len(evaluated) % passes == 0


def test_samples_depend_on_seed_and_target() -> None:
    model = small_gate_model()
    first, again, other, moved = (
        model.sample(unitary(seed=seed), sampling=Sampling(8, seed=draw))
        for seed, draw in ((0, 1), (0, 1), (0, 2), (1, 1))
    )
    assert first == again
    assert first != other
    assert first != moved


def test_targets_on_fewer_qubits_get_circuits_on_fewer_qubits() -> None:
    for circuit in small_gate_model().sample(unitary(2), sampling=Sampling(6)):
        assert circuit.num_qubits == 2
        assert circuit.unitary().shape == (4, 4)
    drawn = small_gate_model().sample(spec=CircuitSpec(schmidt_ranks=(2, 2)), sampling=Sampling(3))
    assert {circuit.num_qubits for circuit in drawn} == {2}


def test_prompts_ask_for_what_options_ask_for() -> None:
    model = small_gate_model()
    spoken, given = (
        model.sample(spec=spec, sampling=Sampling(5))
        for spec in (
            "3 qubits, SRV [2,1,2], only h and cx, on a line, at most 6 gates",
            CircuitSpec(schmidt_ranks=(2, 1, 2), gates=("h", "cx"), coupling="line", max_gates=6),
        )
    )
    assert spoken == given
    assert all(circuit.gate_names <= {"h", "cx"} and circuit.pairs <= {(0, 1), (1, 2)} for circuit in spoken)


READING = replace(SMALL_GATES, conditions=(TEXT,), text_width=16, text_layers=1)


def test_models_that_read_see_what_is_said_and_not_how() -> None:
    model = small_gate_model(READING)
    prompts = ("3 qubits, SRV [2, 2, 1]", "Generate Schmidt rank vector: [2,2,1] on 3 qubits", "3 qubits")
    first, again, other = (model.sample(spec=prompt, sampling=Sampling(8)) for prompt in prompts)
    assert first == again
    assert first != other


def test_bounds_that_do_not_bind_change_nothing_without_a_unitary() -> None:
    model = small_gate_model(READING)
    loose, free = (
        model.sample(spec=f"3 qubits, SRV [2, 2, 1]{bound}", sampling=Sampling(8))
        for bound in (f", at most {SMALL_GATES.max_gates} gates", "")
    )
    assert loose == free


def test_edits_keep_their_gates_and_change_the_others() -> None:
    keep = [True, True, False, False, True]
    found = small_gate_model().edit(SOURCE, keep, unitary(), sampling=Sampling(12))
    for circuit in found:
        assert circuit.operations[:2] == SOURCE.operations[:2]
        assert circuit.operations[-1] == SOURCE.operations[-1]
        assert circuit.num_gates <= SOURCE.num_gates
    assert len({circuit.operations for circuit in found}) > 3
    shorter = small_gate_model().edit(SOURCE, keep, unitary(), CircuitSpec(max_gates=4), sampling=Sampling(12))
    assert {circuit.num_gates for circuit in shorter} <= {3, 4}
    with pytest.raises(InputError, match="no circuit satisfies"):
        small_gate_model().edit(SOURCE, keep, unitary(), CircuitSpec(max_gates=2))


def test_structures_for_given_angles_and_angles_for_given_structures() -> None:
    model = small_gate_model()
    everything = [True] * SOURCE.num_gates
    kept = keep_gates(SOURCE, model.layout, everything, [False] * 5)
    turned = model.sample(unitary(), CircuitSpec(max_gates=5), keep=kept, sampling=Sampling(3))
    assert all([op[:2] for op in circuit.operations] == [op[:2] for op in SOURCE.operations] for circuit in turned)
    assert len({circuit.operations for circuit in turned}) == 3
    angled = keep_gates(SOURCE, model.layout, [False, False, False, True, True], everything)
    for circuit in model.sample(unitary(), keep=angled, sampling=Sampling(3)):
        assert circuit.operations[3].params == pytest.approx((1.0,))


def test_a_checkpoint_of_either_layout_comes_back(tmp_path: Path) -> None:
    for model in (small_gate_model(), small_model()):
        model.save_pretrained(tmp_path / model.name)
        assert CircuitDiffusion.from_pretrained(tmp_path / model.name).config == model.config


def test_what_cannot_be_asked_for_is_refused() -> None:
    model = small_gate_model()
    with pytest.raises(InputError, match="1 to 3 qubits, not 4"):
        model.sample(unitary(4))
    with pytest.raises(InputError, match="the model has no gate t;"):
        model.sample(unitary(), CircuitSpec(gates=("h", "t")))
    with pytest.raises(InputError, match="8 x 8"):
        model.sample(unitary(2), CircuitSpec(num_qubits=3))
    with pytest.raises(InputError, match="unknown sampler 'best'; there are: angles, beam"):
        model.sample(unitary(), sampling=Sampling(sampler="best"))
    with pytest.raises(InputError, match="not understood at 'purple'"):
        model.sample(spec="purple circuits")
    with pytest.raises(InputError, match="no circuit satisfies"):
        model.sample(unitary(), CircuitSpec(max_gates=4), keep=keep_gates(SOURCE, model.layout, [True] * 5))
    for keep in ([True] * 5, [False] * 5):
        with pytest.raises(InputError, match="of 5 are kept"):
            model.edit(SOURCE, keep, unitary())
    with pytest.raises(InputError, match="flags for a circuit of 5 gates"):
        model.edit(SOURCE, [True, False], unitary())
    with pytest.raises(InputError, match="more than the 7 that fit"):
        keep_gates(Circuit(3, SOURCE.operations * 2), model.layout, [True] * 10)


@pytest.mark.parametrize(
    "options",
    [
        *({"num_samples": 0}, {"num_samples": -2}, {"num_samples": "3"}, {"steps": 0}),
        *({"temperature": -1.0}, {"temperature": float("nan")}, {"guidance": float("inf")}, {"remask": 1.5}),
    ],
)
def test_sampling_refuses_numbers_out_of_range(options: dict[str, object]) -> None:
    (name,) = options
    with pytest.raises(InputError, match=name):
        Sampling(**options)
