"""The sizes that define a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from circuitdiff.circuits.skeleton import Skeleton
from circuitdiff.errors import InputError

MODEL_TYPE = "circuitdiff"


@dataclass(frozen=True)
class DenoiserConfig:
    """Sizes of the condition encoder and the denoiser."""

    num_qubits: int = 3
    max_entanglers: int = 12
    width: int = 128
    heads: int = 4
    encoder_layers: int = 2
    decoder_layers: int = 4
    expansion: int = 4  # hidden width of a feed-forward layer, in units of `width`
    trunk_width: int = 512
    trunk_layers: int = 2
    summary_tokens: int = 6

    def __post_init__(self) -> None:
        """Refuse sizes that cannot make a network."""
        for field in fields(self):
            check_size(field.name, getattr(self, field.name))
        check_range("num_qubits", self.num_qubits, 2, 5)
        check_heads(self.width, self.heads)

    @property
    def layout(self) -> Skeleton:
        """The layout of the circuits that the network speaks."""
        return Skeleton(self.num_qubits, self.max_entanglers)

    @property
    def skeleton(self) -> Skeleton:
        """The layout by its own name."""
        return self.layout

    @property
    def fewest_weights(self) -> int:
        """A number of weights that a network of these sizes surely has."""
        return max(
            self.width**2 * self.expansion * (self.encoder_layers + self.decoder_layers),
            self.trunk_width**2 * (self.trunk_layers - 1) + self.trunk_width * self.width * self.summary_tokens,
            self.max_entanglers * self.width,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the sizes, with the model type."""
        return {"model_type": MODEL_TYPE, **asdict(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DenoiserConfig:
        """Read what `as_dict` returned; unknown keys and other model types are refused."""
        return cls(**known_values(values, MODEL_TYPE, [field.name for field in fields(cls)]))


def known_values(values: Mapping[str, Any], model_type: str, names: Sequence[str]) -> dict[str, Any]:
    """Return the values of a configuration without its model type; others than `names` are refused."""
    sizes = dict(values)
    kind = sizes.pop("model_type", None)
    if kind != model_type:
        raise InputError(f"model configuration: model_type is {kind!r}, not {model_type!r}")
    unknown = sorted(set(sizes) - set(names))
    if unknown:
        raise InputError(f"model configuration: unknown key {unknown[0]!r}")
    return sizes


def check_size(name: str, value: Any) -> None:
    """Refuse what is not a positive integer."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"model configuration: {name} = {value!r} is not a positive integer")


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Refuse what is not within bounds."""
    if not least <= value <= most:
        raise InputError(f"model configuration: {name} = {value} is not {least} to {most}")


def check_heads(width: int, heads: int) -> None:
    """Refuse widths that heads do not divide."""
    if width % heads:
        raise InputError(f"model configuration: width {width} is not a multiple of heads {heads}")
