"""The sizes that define a network over general circuits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from circuitdiff.circuits.gate_layout import GateLayout
from circuitdiff.errors import InputError
from circuitdiff.models.config import check_heads, check_range, check_size, known_values

GATE_MODEL_TYPE = "circuitdiff-gates"

UNITARY, RANKS, TEXT = "unitary", "ranks", "text"
CONDITIONS = (UNITARY, RANKS, TEXT)
"""What circuits can be asked for, beside gate sets, couplings and budgets: a unitary, the Schmidt ranks of the state
that they make of |0...0>, and words."""

IMAGES, SPECTRA, MATRIX = "images", "spectra", "matrix"
VIEWS = (IMAGES, SPECTRA, MATRIX)
"""What a network may be shown of a unitary: Heisenberg images, Schmidt spectra, and the matrix itself."""

_MOST_QUBITS, _MOST_QUBITS_OF_A_UNITARY = 10, 5

_LISTS: Mapping[str, Sequence[str] | None] = {"gates": None, "conditions": CONDITIONS, "unitary_as": VIEWS}
"""Values that are lists of names, and the names that there are, None for those that the layout knows."""


@dataclass(frozen=True)
class GateDenoiserConfig:
    """Sizes of the condition encoder and the denoiser of a `GateLayout`."""

    num_qubits: int = 3
    gates: tuple[str, ...] = ("h", "cx", "z", "x", "ccx", "swap")
    max_gates: int = 16
    conditions: tuple[str, ...] = (UNITARY,)  # of CONDITIONS
    unitary_as: tuple[str, ...] = (IMAGES, SPECTRA)  # of VIEWS
    width: int = 128
    heads: int = 4
    encoder_layers: int = 1
    decoder_layers: int = 5
    expansion: int = 4  # hidden width of a feed-forward layer, in units of `width`
    trunk_width: int = 384
    trunk_layers: int = 2
    trunk_share: int = 24  # features of each image and each spectrum that reach the trunk
    largest_side: int = 3  # legs on the smaller side of the bipartitions whose spectra are shown
    summary_tokens: int = 6
    text_width: int = 96
    text_layers: int = 2
    text_model: str = ""  # folder of a text encoder that stands for the one made of these sizes, "" for none

    def __post_init__(self) -> None:
        """Refuse sizes that cannot make a network."""
        for field in fields(self):
            if field.name not in (*_LISTS, "text_model"):
                check_size(field.name, getattr(self, field.name))
        if not isinstance(self.text_model, str):
            raise InputError(f"model configuration: text_model = {self.text_model!r} is not the name of a folder")
        for name, known in _LISTS.items():
            values = getattr(self, name)
            texts = isinstance(values, tuple) and all(isinstance(value, str) for value in values)
            if not texts or not values or len(set(values)) != len(values) or not set(values) <= set(known or values):
                raise InputError(f"model configuration: {name} = {values!r} is not a list of known names, each once")
        most = _MOST_QUBITS_OF_A_UNITARY if UNITARY in self.conditions else _MOST_QUBITS
        check_range("num_qubits", self.num_qubits, 2, most)
        check_heads(self.width, self.heads)
        _ = self.layout.vocabulary.placed  # refuses unknown gates

    @property
    def layout(self) -> GateLayout:
        """The layout of the circuits that the network speaks."""
        return GateLayout(self.num_qubits, self.gates, self.max_gates)

    @property
    def fewest_weights(self) -> int:
        """A number of weights that a network of these sizes surely has."""
        trunk = self.trunk_width**2 * (self.trunk_layers - 1) + self.trunk_width * self.width * self.summary_tokens
        return max(
            self.width**2 * self.expansion * (self.encoder_layers + self.decoder_layers),
            trunk + self.trunk_share * 2**self.num_qubits if UNITARY in self.conditions else 0,
            self.max_gates * self.width,
            self.text_width**2 * self.text_layers if TEXT in self.conditions and not self.text_model else 0,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the sizes, with the model type."""
        lists = {name: list(getattr(self, name)) for name in _LISTS}
        return {"model_type": GATE_MODEL_TYPE, **asdict(self), **lists}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GateDenoiserConfig:
        """Read what `as_dict` returned; unknown keys and other model types are refused."""
        sizes = known_values(values, GATE_MODEL_TYPE, [field.name for field in fields(cls)])
        given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in sizes.items()}
        return cls(**given)
