"""Exact circuits of gates without angles out of reach of search from both ends: the model of general circuits."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError
from circuitdiff.numerics.threads import single_threaded

if TYPE_CHECKING:
    from circuitdiff.generation import GateDiffusion

logger = logging.getLogger(__name__)


def modelled_circuits(
    U: NDArray[np.complex128],
    model: GateDiffusion,
    gate_set: GateSet,
    coupling: Coupling,
    num_samples: int,
    tol: float,
    seed: int,
    deadline: float,
) -> Iterator[Circuit]:
    """Yield circuits that a search with the model finds, each with fewer gates on two qubits or more than the last.

    Args:
        U: (d, d) unitary.
        model: that takes the unitary and the gates.
        gate_set: gates to use.
        coupling: allowed pairs.
        num_samples: most circuits drawn before each one that is found.
        tol: infidelity of what is yielded.
        seed: of the draws.
        deadline: `time.monotonic` at which to stop.
    """
    import torch

    most: int | None = None
    while time.monotonic() < deadline and most != -1:
        with single_threaded():
            drawn = model.search(
                U,
                gate_set=gate_set.gates,
                coupling=coupling,
                max_two_qubit=most,
                num_samples=num_samples,
                tol=tol,
                generator=torch.Generator(model.model.token_bias.device).manual_seed(seed),
                deadline=deadline,
            )
        exact = [circuit for circuit in dict.fromkeys(drawn) if infidelity(U, circuit.unitary()) <= tol]
        logger.info("the model found %d circuits in %d draws", len(exact), len(drawn))
        if not exact:
            return
        best = min(exact, key=lambda circuit: (circuit.two_qubit_count, circuit.num_gates))
        yield best
        most = best.two_qubit_count - 1


def model_for(name_or_path: str | None, num_qubits: int, gate_set: GateSet, device: str) -> GateDiffusion | None:
    """Return a model of general circuits for unitaries of a register in a gate set: the named one, else a bundled one.

    None where none is named and no bundled one takes them.

    Raises:
        InputError: the named one is damaged or missing, or does not take them.
    """
    from circuitdiff.generation.model_selection import choose_checkpoint
    from circuitdiff.spec.prompts import Wish

    wish = Wish(num_qubits=num_qubits, gates=gate_set.gates)
    if name_or_path is None:
        try:
            return load_general(choose_checkpoint(wish, has_target=True), device)
        except InputError as error:
            logger.info("%s", error)
            return None
    model = load_general(name_or_path, device)
    foreign = sorted(set(gate_set.gates) - set(model.config.gates))
    if foreign or num_qubits > model.num_qubits:
        raise InputError(
            f"checkpoint {model.name} takes {model.num_qubits} qubits and gates {', '.join(model.config.gates)}; "
            f"asked for are {num_qubits} and {', '.join(gate_set.gates)}"
        )
    return model


@lru_cache(maxsize=4)
def load_general(name_or_path: str, device: str) -> GateDiffusion:
    """Load a checkpoint of general circuits once a process.

    Raises:
        InputError: there is none of that name, or it is damaged or of the other kind.
    """
    from circuitdiff.generation import GateDiffusion

    return GateDiffusion.from_pretrained(name_or_path, device)
