"""The sizes that define a network."""

from __future__ import annotations

from collections.abc import Mapping
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
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"model configuration: {field.name} = {value!r} is not a positive integer")
        if not 2 <= self.num_qubits <= 5:
            raise InputError(f"model configuration: num_qubits = {self.num_qubits} is not 2 to 5")
        if self.width % self.heads:
            raise InputError(f"model configuration: width {self.width} is not a multiple of heads {self.heads}")

    @property
    def skeleton(self) -> Skeleton:
        """The layout of the circuits that the network speaks."""
        return Skeleton(self.num_qubits, self.max_entanglers)

    def as_dict(self) -> dict[str, Any]:
        """Return the sizes, with the model type."""
        return {"model_type": MODEL_TYPE, **asdict(self)}

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
        return cls(**sizes)
