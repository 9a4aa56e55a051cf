"""Reading the circuits of one's own that a model is to learn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.cli.targets import MATRIX, kind_of, read_target
from circuitdiff.errors import InputError
from circuitdiff.interop.formats import suffixes

if TYPE_CHECKING:
    from circuitdiff.data.fine_tuning import FineTuningSet
    from circuitdiff.models.config import DenoiserConfig

logger = logging.getLogger(__name__)

_WIDEST = 1000  # read at all; what the model does not hold is counted


def read_fine_tuning_set(path: Path, model: DenoiserConfig) -> FineTuningSet:
    """Read the circuits of a file, of a folder of files, or of a dataset, that a model can write.

    Raises:
        InputError: there is nothing to read, a dataset is damaged, none of the circuits fits, or the model is one of
            dressed CZ.
    """
    from circuitdiff.data.fine_tuning import fitting_circuits, refusals

    if model.final_gate:
        raise InputError("--circuits is for models of gate sequences (presets gates-... and entanglement)")
    if not path.exists():
        raise InputError(f"cannot read {path}: there is no such file or folder")
    is_dataset = path.is_dir() and any(path.glob("data/*.parquet"))
    own = fitting_circuits(_stored(path) if is_dataset else _files(path), model.layout)
    if own.refused:
        logger.warning("%d circuits taken from %s, left out: %s", len(own), path, refusals(own.refused))
    return own


def _stored(folder: Path) -> Iterator[Circuit]:
    """Yield the circuits of a dataset."""
    from circuitdiff.datasets.schema import read_circuits
    from circuitdiff.datasets.shards import batches, shards_of

    for shard in shards_of(folder):
        for batch in batches(shard):
            for part in read_circuits(batch):
                yield from map(part.arrays.circuit, range(len(part.arrays)))


def _files(path: Path) -> Iterator[Circuit | None]:
    """Yield the circuit of each file in the order of their names, None for what cannot be read."""
    paths = sorted(file for file in path.rglob("*") if kind_of(file) not in (None, MATRIX)) if path.is_dir() else [path]
    if not paths:
        raise InputError(f"{path} has no file of {' '.join(suffixes())} and no dataset")
    for file in paths:
        try:
            target = read_target(str(file), max_qubits=_WIDEST)
        except InputError as error:
            logger.warning("%s", error)
            yield None
            continue
        yield target if isinstance(target, Circuit) else None
