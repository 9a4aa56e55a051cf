"""The network of general circuits: shapes, and what it must and must not see."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from circuitdiff.circuits.vocabulary import MASK
from circuitdiff.errors import InputError
from circuitdiff.generation.requests import Request, condition_of
from circuitdiff.models.checkpoint import load_checkpoint
from circuitdiff.models.condition import Condition
from circuitdiff.models.config import VIEWS, DenoiserConfig
from tests.small_gate_models import SMALL_GATES, small_gate_model

LAYOUT = SMALL_GATES.layout
BLANK = torch.full((1, 1, LAYOUT.max_gates), MASK)


def unitary(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8)))[0]


def asked(**specs: object) -> Condition:
    request = Request(num_qubits=3, allowed=LAYOUT.permitted(), **specs)  # type: ignore[arg-type]
    return condition_of(request, SMALL_GATES, "cpu")


def answer(condition: Condition) -> torch.Tensor:
    model = small_gate_model().model
    return model(BLANK, None, None, model.encode(condition))[0]


def test_outputs_have_the_shapes_of_their_inputs() -> None:
    model = small_gate_model().model
    tokens = torch.full((1, 4, LAYOUT.max_gates), MASK)
    encoded = model.encode(asked(unitary=unitary()))
    logits, velocity = model(tokens, torch.zeros(1, 4, LAYOUT.max_gates, 4), torch.zeros(1, 4), encoded)
    assert logits.shape == (1, 4, LAYOUT.max_gates, len(LAYOUT.vocabulary))
    assert velocity.shape == (1, 4, LAYOUT.max_gates, 4)


@pytest.mark.parametrize(
    "specs",
    [
        {"unitary": unitary()},
        {"srv": (2, 1, 2)},
        {"max_gates": 3},
        {"max_two_qubit": 1},
    ],
)
def test_every_condition_is_seen(specs: dict[str, object]) -> None:
    assert not torch.allclose(answer(asked(**specs)), answer(asked()), atol=1e-6)


def test_masks_are_seen() -> None:
    narrow = replace(
        asked(), allowed=torch.from_numpy(LAYOUT.permitted(gates=["h"]))[None], mask_given=torch.ones(1) > 0
    )
    assert not torch.allclose(answer(narrow), answer(asked()), atol=1e-6)


def test_unconditional_neither_unitary_nor_ranks_are_seen() -> None:
    free = asked(unitary=unitary(), srv=(2, 1, 2)).unconditional()
    torch.testing.assert_close(answer(free), answer(asked()))
    torch.testing.assert_close(answer(free), answer(asked(unitary=unitary(1)).unconditional()))


@pytest.mark.parametrize("views", [("images",), ("spectra",), ("matrix",), ("matrix", "spectra"), VIEWS])
def test_a_unitary_is_seen_as_the_configuration_says(views: tuple[str, ...]) -> None:
    config = replace(SMALL_GATES, unitary_as=views)
    model = small_gate_model(config).model
    ansatz = unitary() @ np.kron(np.eye(4), np.linalg.qr(unitary(1)[:2, :2])[0])  # after a gate on qubit 0
    shown = [unitary(), np.exp(0.7j) * unitary(), ansatz, unitary(2)]
    same, phased, local, other = (model(BLANK, None, None, model.encode(asked(unitary=u)))[0] for u in shown)
    assert torch.allclose(same, phased, atol=1e-4)
    assert torch.allclose(same, local, atol=1e-4) == (views == ("spectra",))
    assert not torch.allclose(same, other, atol=1e-4)


def test_configurations_from_before_the_choice_of_views_are_read() -> None:
    old = {name: value for name, value in SMALL_GATES.as_dict().items() if name != "unitary_as"}
    assert DenoiserConfig.from_dict(old) == SMALL_GATES


def test_the_global_phase_of_a_target_is_not_seen() -> None:
    first, second = (answer(asked(unitary=phase * unitary())) for phase in (1, np.exp(1j)))
    torch.testing.assert_close(first, second, atol=1e-5, rtol=1e-4)


def test_the_order_of_control_and_target_is_seen() -> None:
    model = small_gate_model().model
    tokens = [LAYOUT.vocabulary.index("cx", qubits) for qubits in ((0, 1), (1, 0))]
    encoded = model.encode(asked())
    first, second = (
        model(torch.tensor([[[token] + [MASK] * (LAYOUT.max_gates - 1)]]), None, None, encoded)[0] for token in tokens
    )
    assert not torch.allclose(first, second, atol=1e-6)


def test_configurations_come_back() -> None:
    assert DenoiserConfig.from_dict(json.loads(json.dumps(SMALL_GATES.as_dict()))) == SMALL_GATES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gates": ["h", "warp"]}, "unknown gate 'warp'"),
        ({"gates": []}, "gates = "),
        ({"gates": ["h", "h"]}, "each once"),
        ({"gates": "h"}, "gates = 'h'"),
        ({"gates": ["u", "crx"]}, "period above 2 pi"),
        ({"conditions": ["mood"]}, "conditions = "),
        ({"unitary_as": ["pixels"]}, "unitary_as = "),
        ({"unitary_as": []}, "unitary_as = "),
        ({"num_qubits": 6}, "not 2 to 5"),
        ({"width": 15}, "multiple of heads"),
        ({"max_gates": 0}, "not a positive integer"),
        ({"width": 1 << 20}, "cannot be read|or more"),
        ({"color": 3}, "unknown key 'color'"),
    ],
)
def test_bad_configurations_are_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    small_gate_model().save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(InputError, match=message) as caught:
        load_checkpoint(tmp_path)
    assert "\n" not in str(caught.value)
