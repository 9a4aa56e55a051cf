"""The sizes that define a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from circuitdiff.circuits.layout import Layout
from circuitdiff.errors import InputError

MODEL_TYPE = "circuitdiff"

UNITARY, STATE, RANKS, TEXT = "unitary", "state", "ranks", "text"
CONDITIONS = (UNITARY, STATE, RANKS, TEXT)
"""What circuits can be asked for, beside gate sets, couplings and budgets: a unitary, the state that they make of
|0...0>, its Schmidt ranks, and words."""

IMAGES, SPECTRA, MATRIX = "images", "spectra", "matrix"
VIEWS = (IMAGES, SPECTRA, MATRIX)
"""What a network may be shown of a unitary: Heisenberg images, Schmidt spectra, and the matrix itself."""

_MOST_QUBITS, _MOST_QUBITS_OF_A_STATE, _MOST_QUBITS_OF_A_UNITARY = 10, 8, 5

_LISTS: Mapping[str, Sequence[str] | None] = {"gates": None, "conditions": CONDITIONS, "unitary_as": VIEWS}
"""Values that are lists of names, and the names that there are, None for those that the layout knows."""

_TEXTS = ("final_gate", "text_model")
_OPTIONAL = ("features_per_token",)
"""Values that are texts, and sizes that may be 0."""


@dataclass(frozen=True)
class DenoiserConfig:
    """The circuits that a network writes, what it is shown, and the sizes of its condition encoder and denoiser."""

    num_qubits: int = 3
    gates: tuple[str, ...] = ("h", "cx", "z", "x", "ccx", "swap")
    final_gate: str = ""  # on every qubit after the others, see `Layout`; "" for none
    max_gates: int = 16  # without final ones
    conditions: tuple[str, ...] = (UNITARY,)  # of CONDITIONS
    unitary_as: tuple[str, ...] = (IMAGES, SPECTRA)  # of VIEWS
    width: int = 128
    heads: int = 4
    encoder_layers: int = 1
    decoder_layers: int = 5
    expansion: int = 4  # hidden width of a feed-forward layer, in units of `width`
    stem_width: int = 384
    stem_layers: int = 2
    features_per_token: int = 24  # of each image and each spectrum that reach the stem; 0 for all, as they are
    largest_side: int = 3  # legs on the smaller side of the bipartitions whose spectra are shown
    summary_tokens: int = 6
    text_width: int = 96
    text_layers: int = 2
    text_model: str = ""  # folder of a text encoder that stands for the one made of these sizes, "" for none

    def __post_init__(self) -> None:
        """Refuse sizes that cannot make a network."""
        for field in fields(self):
            if field.name not in (*_LISTS, *_TEXTS):
                _check_size(field.name, getattr(self, field.name), 0 if field.name in _OPTIONAL else 1)
        for name in _TEXTS:
            if not isinstance(getattr(self, name), str):
                raise InputError(f"model configuration: {name} = {getattr(self, name)!r} is not a text")
        for name, known in _LISTS.items():
            values = getattr(self, name)
            texts = isinstance(values, tuple) and all(isinstance(value, str) for value in values)
            if not texts or not values or len(set(values)) != len(values) or not set(values) <= set(known or values):
                raise InputError(f"model configuration: {name} = {values!r} is not a list of known names, each once")
        if {UNITARY, STATE} <= set(self.conditions):
            raise InputError("model configuration: a network is shown unitaries or states, not both")
        most = _MOST_QUBITS_OF_A_STATE if STATE in self.conditions else _MOST_QUBITS
        most = _MOST_QUBITS_OF_A_UNITARY if UNITARY in self.conditions else most
        if not 2 <= self.num_qubits <= most:
            raise InputError(f"model configuration: num_qubits = {self.num_qubits} is not 2 to {most}")
        if self.width % self.heads:
            raise InputError(f"model configuration: width {self.width} is not a multiple of heads {self.heads}")
        _ = self.layout.vocabulary.placed  # refuses unknown gates

    @property
    def layout(self) -> Layout:
        """The layout of the circuits that the network writes."""
        return Layout(self.num_qubits, self.gates, self.max_gates, self.final_gate)

    @property
    def fewest_weights(self) -> int:
        """A number of weights that a network of these sizes surely has."""
        stem = self.stem_width**2 * (self.stem_layers - 1) + self.stem_width * self.width * self.summary_tokens
        return max(
            self.width**2 * self.expansion * (self.encoder_layers + self.decoder_layers),
            stem + self.features_per_token * 2**self.num_qubits if UNITARY in self.conditions else 0,
            self.max_gates * self.width,
            self.text_width**2 * self.text_layers if TEXT in self.conditions and not self.text_model else 0,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the values, with the model type."""
        lists = {name: list(getattr(self, name)) for name in _LISTS}
        return {"model_type": MODEL_TYPE, **asdict(self), **lists}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DenoiserConfig:
        """Read what `as_dict` returned; unknown keys and other model types are refused."""
        sizes = dict(values)
        kind = sizes.pop("model_type", None)
        if kind != MODEL_TYPE:
            raise InputError(f"model configuration: model_type is {kind!r}, not {MODEL_TYPE!r}")
        unknown = sorted(set(sizes) - {field.name for field in fields(cls)})
        if unknown:
            raise InputError(f"model configuration: unknown key {unknown[0]!r}")
        given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in sizes.items()}
        return cls(**given)


def _check_size(name: str, value: Any, least: int) -> None:
    """Refuse what is not an integer of at least 0 or 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        what = "a positive integer" if least else "an integer of 0 or more"
        raise InputError(f"model configuration: {name} = {value!r} is not {what}")
