"""The checkpoints that protocols choose from: one that the user names, then the bundled ones."""

from __future__ import annotations

from functools import cache

from circuitdiff.errors import InputError
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.generation.model_selection import choose_checkpoint, takes
from circuitdiff.models.bundled import bundled_checkpoints
from circuitdiff.spec.circuit_spec import CircuitSpec


class NotCoveredError(Exception):
    """No checkpoint takes what a protocol asks of it; one line."""


class ModelRegistry:
    """Finds a checkpoint for a task: the named one where it fits, else a bundled one."""

    def __init__(self, named: str | None = None) -> None:
        """Load the checkpoint of a name or path.

        Raises:
            InputError: there is none, or it is damaged.
        """
        self._path = named
        self.named = None if named is None else _load(named)

    def general(self, spec: CircuitSpec, *, has_target: bool) -> CircuitDiffusion:
        """Return a model of general circuits that takes a spec, with a unitary or without.

        Raises:
            NotCoveredError: there is none.
        """
        if self.named is not None and takes(self.named.config, spec, has_target):
            return self.named
        try:
            found = _load(choose_checkpoint(spec, has_target))
        except InputError as error:
            raise NotCoveredError(str(error)) from error
        return found

    def ansatz_model(self, num_qubits: int, entanglers: int = 0) -> CircuitDiffusion:
        """Return a model of circuits of dressed CZ on a register, of at least so many entanglers.

        Raises:
            NotCoveredError: there is none.
        """
        found = self._named_ansatz or _load(None)
        if found.num_qubits != num_qubits or found.layout.max_gates < entanglers:
            raise NotCoveredError(
                f"no installed checkpoint makes circuits of {entanglers} dressed CZ on {num_qubits} qubits"
            )
        return found

    def either(self, spec: CircuitSpec) -> CircuitDiffusion:
        """Return a model for unitaries of either layout: the named one where it fits, else rather one of dressed CZ.

        Raises:
            NotCoveredError: there is none.
        """
        if self.named is not None and takes(self.named.config, spec, has_target=True):
            return self.named
        try:
            return self.ansatz_model(spec.num_qubits or 0)
        except NotCoveredError:
            return self.general(spec, has_target=True)

    def all(self) -> list[CircuitDiffusion]:
        """Return the named model and the bundled ones."""
        bundled = [_load(name) for name in bundled_checkpoints()]
        return bundled if self.named is None else [self.named, *bundled]

    @property
    def ansatz_path(self) -> str | None:
        """What loads the model of dressed CZ: the named checkpoint where it is one, else None for the default."""
        return self._path if self._named_ansatz else None

    @property
    def _named_ansatz(self) -> CircuitDiffusion | None:
        return self.named if self.named is not None and self.named.layout.final_gate else None


@cache
def _load(name_or_path: str | None) -> CircuitDiffusion:
    return CircuitDiffusion.from_pretrained(name_or_path)
