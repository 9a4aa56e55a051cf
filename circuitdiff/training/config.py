"""Training configurations: frozen, with presets and dotted overrides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any

from circuitdiff.data.ansatz_mixture import AnsatzMixture
from circuitdiff.data.gate_mixture import GateMixture
from circuitdiff.data.state_mixture import StateMixture
from circuitdiff.errors import InputError
from circuitdiff.models.config import RANKS, STATE, TEXT, UNITARY, DenoiserConfig
from circuitdiff.training.losses import Objective

ANSATZ = DenoiserConfig(
    gates=("dcz",),
    final_gate="u",
    max_gates=12,
    encoder_layers=2,
    decoder_layers=4,
    stem_width=512,
    features_per_token=0,
)
"""A network that places dressed CZ, on three qubits."""


CircuitMixture = AnsatzMixture | StateMixture | GateMixture


def mixture_of(model: DenoiserConfig) -> type[CircuitMixture]:
    """Return of which kind the training circuits of a model are."""
    if STATE in model.conditions:
        return StateMixture
    return AnsatzMixture if model.final_gate else GateMixture


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides a training run; the same configuration gives the same run on the same machine.

    The run ends at `steps` or after `seconds` of training, whichever comes first; the learning rate has then decayed.
    """

    model: DenoiserConfig = field(default_factory=lambda: ANSATZ)
    mixture: CircuitMixture = field(default_factory=AnsatzMixture)  # as `mixture_of` the model
    objective: Objective = field(default_factory=Objective)
    seed: int = 0
    start: str = ""  # checkpoint, by name or path, whose weights the run begins with; those that it lacks are random
    own: float = 0.5  # share of one's own circuits in a batch, where there are any
    batch_size: int = 64  # targets of a shard
    shards: int = 0  # parts of a step, spread over the processes of torchrun; 0: one for each process
    steps: int = 1_000_000
    seconds: float = 3600.0
    learning_rate: float = 1e-3
    final_learning_rate: float = 1e-5
    warmup_steps: int = 300
    weight_decay: float = 0.02
    optimizer: str = "muon"  # for the matrices of the transformer layers, AdamW for the rest; or adamw for all
    ema_decay: float = 0.999
    gradient_clip: float = 1.0
    precision: str = "bf16"  # or fp32
    device: str = "cpu"
    compile: bool = False
    log_every: int = 100  # steps
    tensorboard: bool = False  # whether metrics go to FOLDER/tensorboard too
    save_every: float = 300.0  # seconds
    validate_every: int = 2000  # steps
    validation_circuits: int = 1024

    def __post_init__(self) -> None:
        """Refuse values that cannot train."""
        for name in ("batch_size", "steps", "log_every", "validate_every", "validation_circuits"):
            if getattr(self, name) < 1:
                raise InputError(f"training configuration: {name} = {getattr(self, name)} is below 1")
        if self.precision not in ("bf16", "fp32"):
            raise InputError(f"training configuration: precision {self.precision!r} is neither bf16 nor fp32")
        if self.optimizer not in ("muon", "adamw"):
            raise InputError(f"training configuration: optimizer {self.optimizer!r} is neither muon nor adamw")
        if self.seconds <= 0 or self.learning_rate <= 0:
            raise InputError("training configuration: seconds and learning_rate must be above 0")
        if type(self.mixture) is not mixture_of(self.model):
            raise InputError("training configuration: model and mixture are of different kinds")
        reads = TEXT in self.model.conditions
        share = self.objective.text_given
        if reads != (share > 0):
            raise InputError(f"training configuration: text_given = {share}, and the model reads: {reads}")
        if not 0 < self.own <= 1:
            raise InputError(f"training configuration: own = {self.own} is not above 0 and at most 1")
        if self.shards < 0:
            raise InputError(f"training configuration: shards = {self.shards} is below 0")

    @property
    def circuits_per_step(self) -> int:
        """Targets of all shards."""
        return self.batch_size * max(1, self.shards)

    def as_dict(self) -> dict[str, Any]:
        """Return plain nested values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingConfig:
        """Read what `as_dict` returned; unknown keys are refused."""
        model: DenoiserConfig = _changed(ANSATZ, values.get("model", {}))
        objective: Objective = _changed(Objective(), values.get("objective", {}))
        changed: TrainingConfig = _changed(cls(model, mixture_of(model)(), objective), values)
        return changed


_TINY_MODEL = replace(
    ANSATZ, max_gates=4, width=32, heads=2, encoder_layers=1, decoder_layers=2, stem_width=64, stem_layers=1
)

_STATES = DenoiserConfig(
    num_qubits=6,
    gates=("dcz",),
    final_gate="u",
    max_gates=14,
    conditions=(STATE,),
    encoder_layers=2,
    decoder_layers=3,
    stem_width=128,
    stem_layers=1,
)
"""A network that places dressed CZ for states of up to six qubits; it learns structures, and no angles."""

_DISCRETE = ("h", "cx", "z", "x", "ccx", "swap")
_CONTINUOUS = ("h", "cx", "ccx", "swap", "rx", "ry", "rz", "cp")
"""The gate sets of the two papers: arXiv 2311.02041 and arXiv 2506.01666."""
_BOTH = tuple(dict.fromkeys(_DISCRETE + _CONTINUOUS))
_RECURRING = (",".join(_DISCRETE), ",".join(_CONTINUOUS))

PRESETS: Mapping[str, TrainingConfig] = {
    "tiny": TrainingConfig(model=_TINY_MODEL, batch_size=16, steps=50, log_every=10, validation_circuits=64),
    "small": TrainingConfig(),
    "base": TrainingConfig(
        model=replace(ANSATZ, max_gates=14, width=256, heads=8, encoder_layers=4, decoder_layers=8),
        batch_size=4096,
        learning_rate=8e-4,
        seconds=6 * 3600.0,
        device="cuda",
    ),
    "4q": TrainingConfig(
        model=replace(ANSATZ, num_qubits=4, max_gates=14, stem_width=256),
        mixture=AnsatzMixture(haar=0.35, one_pair=0.03),
        objective=Objective(angle_copies=0),
        start="circuitdiff-3q-small",
    ),
    "gates-tiny": TrainingConfig(
        model=DenoiserConfig(
            gates=_BOTH,
            max_gates=6,
            width=32,
            heads=2,
            encoder_layers=1,
            decoder_layers=2,
            stem_width=32,
            stem_layers=1,
        ),
        mixture=GateMixture(gate_sets=_RECURRING),
        batch_size=16,
        steps=50,
        log_every=10,
        validation_circuits=64,
    ),
    "gates-3q": TrainingConfig(
        model=DenoiserConfig(gates=_BOTH),
        mixture=GateMixture(gate_sets=_RECURRING),
        objective=Objective(structure_copies=3),
    ),
    "states-tiny": TrainingConfig(
        model=replace(_STATES, num_qubits=4, max_gates=6, width=32, heads=2, encoder_layers=1, decoder_layers=2),
        mixture=StateMixture(),
        objective=Objective(angle_copies=0),
        batch_size=16,
        steps=50,
        log_every=10,
        validation_circuits=64,
    ),
    "states": TrainingConfig(model=_STATES, mixture=StateMixture(), objective=Objective(angle_copies=0)),
    "entanglement": TrainingConfig(
        model=DenoiserConfig(num_qubits=8, gates=("h", "cx"), max_gates=16, conditions=(RANKS, TEXT), decoder_layers=4),
        mixture=GateMixture(
            unitaries=False,
            entanglement=True,
            gate_sets=("h,cx",),
            named=1.0,
            smaller=0.8,
            min_qubits=3,
            shortness=3.0,
        ),
        objective=Objective(angle_copies=0, text_given=0.7),
    ),
    "gates-5q-small": TrainingConfig(
        model=DenoiserConfig(num_qubits=5, gates=_BOTH, max_gates=20, stem_width=256, largest_side=2),
        mixture=GateMixture(gate_sets=_RECURRING, smaller=0.7, min_qubits=4, shortness=1.3),
        objective=Objective(structure_copies=3),
        start="circuitdiff-gates-3q",
    ),
    "gates-5q": TrainingConfig(
        model=DenoiserConfig(
            num_qubits=5,
            gates=_BOTH,
            max_gates=32,
            conditions=(UNITARY,),
            width=192,
            heads=6,
            encoder_layers=2,
            decoder_layers=7,
            stem_width=384,
            features_per_token=12,
            largest_side=2,
        ),
        mixture=GateMixture(gate_sets=_RECURRING, smaller=0.2),
        batch_size=1024,
        learning_rate=8e-4,
        seconds=6 * 3600.0,
        device="cuda",
    ),
}


def training_config(preset: str = "small", overrides: Mapping[str, str] | None = None) -> TrainingConfig:
    """Return a preset with overrides, e.g. ``{"batch_size": "128", "model.width": "192"}``.

    Raises:
        InputError: for an unknown preset or key, or a value of the wrong type.
    """
    if preset not in PRESETS:
        raise InputError(f"unknown training preset {preset!r}; there are {', '.join(PRESETS)}")
    nested: dict[str, Any] = {}
    for key, text in (overrides or {}).items():
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        *outer, last = key.split(".")
        place = nested
        for name in outer:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise InputError(f"training configuration: {name} is given as a value and in parts")
        place[last] = value
    changed: TrainingConfig = _changed(PRESETS[preset], nested)
    return changed


def _changed(config: Any, values: Mapping[str, Any]) -> Any:
    """Return a configuration with some values changed, all at once, so that they are judged together."""
    names = [item.name for item in fields(config)]
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name not in names:
            raise InputError(f"training configuration: unknown key {name!r}; there are {', '.join(names)}")
        current = getattr(config, name)
        if is_dataclass(current) and isinstance(value, Mapping):
            changes[name] = _changed(current, value)
            continue
        if isinstance(current, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if isinstance(current, tuple) and isinstance(value, list):
            value = tuple(value)
        if type(value) is not type(current):
            raise InputError(f"training configuration: {name} = {value!r} is not of type {type(current).__name__}")
        changes[name] = value
    return replace(config, **changes)
