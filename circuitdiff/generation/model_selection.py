"""Which bundled checkpoint serves what is asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.errors import InputError
from circuitdiff.models.bundled import CONFIG_FILE, bundled_checkpoints, read_json_object
from circuitdiff.models.config import RANKS, STATE, TEXT, UNITARY, DenoiserConfig
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import parse_prompt


def checkpoint_for(target: NDArray[np.complex128] | str) -> str:
    """Return the name of the bundled checkpoint of gate sequences for a unitary (2^n, 2^n) or a prompt.

    Raises:
        InputError: there is none, or the prompt is not understood.
    """
    if isinstance(target, str):
        return choose_checkpoint(parse_prompt(target), has_target=False)
    return choose_checkpoint(CircuitSpec(num_qubits=len(target).bit_length() - 1), has_target=True)


def choose_checkpoint(spec: CircuitSpec, has_target: bool) -> str:
    """Return the name of the smallest bundled model of gate sequences that takes what is asked for.

    Raises:
        InputError: there is none, or a bundled one is damaged.
    """
    fitting = fitting_checkpoints(spec, has_target)
    if not fitting:
        size = "" if spec.num_qubits is None else f" on {spec.num_qubits} qubits"
        asked = ["a target"] * has_target + ["Schmidt ranks"] * (spec.schmidt_ranks is not None)
        asked += [f"the gates {', '.join(spec.gates)}"] if spec.gates else []
        raise InputError(f"no installed checkpoint makes circuits{size} for {' and '.join(asked) or 'this prompt'}")
    return fitting[0]


def fitting_checkpoints(spec: CircuitSpec, has_target: bool) -> list[str]:
    """Return the names of the bundled models of gate sequences that take what is asked for, the smallest first.

    Raises:
        InputError: a bundled one is damaged.
    """
    fitting = []
    for name, folder in bundled_checkpoints().items():
        config = DenoiserConfig.from_dict(read_json_object(folder / CONFIG_FILE, "checkpoint configuration"))
        if takes(config, spec, has_target):
            fitting.append((config.num_qubits, name))
    return [name for _, name in sorted(fitting)]


def ansatz_checkpoint(num_qubits: int, condition: str) -> str | None:
    """Return the name of the smallest bundled model that places entanglers on a register, None where there is none.

    Args:
        num_qubits: of the register.
        condition: what the model is shown, `UNITARY` or `STATE`.

    Raises:
        InputError: a bundled one is damaged.
    """
    fitting = []
    for name, folder in bundled_checkpoints().items():
        config = DenoiserConfig.from_dict(read_json_object(folder / CONFIG_FILE, "checkpoint configuration"))
        if config.final_gate and condition in config.conditions and num_qubits <= config.num_qubits:
            fitting.append((config.num_qubits, name))
    return min(fitting)[1] if fitting else None


def choose_state_checkpoint(size: int) -> str:
    """Return the name of the smallest bundled model for states of so many amplitudes.

    Raises:
        InputError: there is none, or a bundled one is damaged.
    """
    name = ansatz_checkpoint(size.bit_length() - 1, STATE)
    if name is None:
        raise InputError(f"no installed checkpoint makes circuits for states of {size.bit_length() - 1} qubits")
    return name


def takes(config: DenoiserConfig, spec: CircuitSpec, has_target: bool) -> bool:
    """Tell whether a model is one of gate sequences that takes a spec, with a unitary or without."""
    conditions = set(config.conditions)
    return (
        not config.final_gate
        and config.num_qubits >= (spec.num_qubits or 1)
        and set(spec.gates or ()) <= set(config.gates)
        and (UNITARY in conditions) == has_target
        and (spec.schmidt_ranks is None or bool({RANKS, TEXT} & conditions))
    )
