"""The files of a dataset: a manifest, a card, and shards that are complete or absent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from circuitdiff import __version__
from circuitdiff.atomic import replacing
from circuitdiff.datasets.schema import SCHEMA_VERSION, SCHEMAS
from circuitdiff.errors import InputError

MANIFEST = "dataset.json"
CARD = "README.md"
SHARDS = "data"
METADATA = b"circuitdiff"
GENERATOR = f"circuitdiff {__version__}"
BATCH_ROWS = 8192


@dataclass(frozen=True)
class Manifest:
    """What a dataset is made of; its shards follow from `seed` and `parameters`.

    Attributes:
        kind: ``random`` or ``solutions``.
        seed: of every random choice.
        parameters: plain data that the builder of the kind understands.
    """

    kind: str
    seed: int
    parameters: Mapping[str, Any]
    schema_version: int = SCHEMA_VERSION
    generator: str = GENERATOR

    def metadata(self, shard: int, rows: int) -> dict[bytes, bytes]:
        """Return what a shard says about itself."""
        return {METADATA: json.dumps(asdict(self) | {"shard": shard, "rows": rows}, sort_keys=True).encode()}


def shard_path(folder: Path, shard: int) -> Path:
    """Return where a shard lies."""
    return folder / SHARDS / f"shard-{shard:06d}.parquet"


def open_dataset(folder: Path, manifest: Manifest) -> Manifest:
    """Begin a dataset, or make sure that the one in the folder is the same.

    Returns:
        The manifest to go by: of a dataset of an earlier version, that of this version.

    Raises:
        InputError: the folder holds another dataset or something else, or cannot be written.
    """
    try:
        (folder / SHARDS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error
    if (folder / MANIFEST).exists():
        known = read_manifest(folder)
        for name in ("kind", "seed", "parameters"):
            if getattr(known, name) != getattr(manifest, name):
                theirs = _difference(getattr(known, name), getattr(manifest, name))
                raise InputError(f"{folder} holds another dataset: its {name} differ{theirs}; choose another folder")
        return replace(manifest, schema_version=known.schema_version)
    if any((folder / SHARDS).glob("*.parquet")):
        raise InputError(f"{folder} holds shards but no {MANIFEST}")
    write_text(folder / MANIFEST, json.dumps(asdict(manifest), indent=2, sort_keys=True) + "\n")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read a dataset's manifest.

    Raises:
        InputError: there is none, or it is damaged or of another version.
    """
    path = folder / MANIFEST
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**fields)
    except FileNotFoundError as error:
        raise InputError(f"{folder} is no dataset: it has no {MANIFEST}") from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is damaged: {error}") from error
    _check_version(manifest.schema_version, path)
    kinds = SCHEMAS[manifest.schema_version]
    if manifest.kind not in kinds:
        raise InputError(f"{path} is of an unknown kind {manifest.kind!r}; there are: {', '.join(kinds)}")
    return manifest


def write_shard(folder: Path, manifest: Manifest, shard: int, columns: Mapping[str, Any]) -> Path:
    """Write a shard so that a reader sees all of it or nothing.

    Raises:
        InputError: it cannot be written, as on a full disk.
    """
    schema = SCHEMAS[manifest.schema_version][manifest.kind]
    rows = len(columns["key"])
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema.with_metadata(manifest.metadata(shard, rows)))
    path = shard_path(folder, shard)
    for left in path.parent.glob(f".{path.name}.*.part"):
        left.unlink(missing_ok=True)  # by a worker that was killed; nobody else makes this shard
    with replacing(path) as part:
        pq.write_table(table, part, compression="zstd", row_group_size=BATCH_ROWS)
    return path


def finished_rows(folder: Path, shard: int) -> int | None:
    """Return the rows of a shard, None where there is none.

    Raises:
        InputError: the file is damaged, foreign or of another version.
    """
    path = shard_path(folder, shard)
    return open_shard(path).metadata.num_rows if path.exists() else None


def shards_of(folder: Path) -> list[Path]:
    """Return the shards of a dataset in order.

    Raises:
        InputError: there are none.
    """
    paths = sorted((folder / SHARDS).glob("*.parquet")) if folder.is_dir() else []
    if not paths:
        raise InputError(f"{folder} holds no shards (data/*.parquet)")
    return paths


def open_shard(path: Path) -> pq.ParquetFile:
    """Open a shard and check what it says it is.

    Raises:
        InputError: the file cannot be read, is damaged, is no shard of ours or is one of another version.
    """
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path} is not a readable Parquet file: {str(error).splitlines()[0]}") from error
    said = (file.schema_arrow.metadata or {}).get(METADATA)
    try:
        facts = json.loads(said) if said is not None else None
    except (ValueError, RecursionError):
        facts = None
    if not isinstance(facts, dict):
        raise InputError(f"{path} is a Parquet file, but no shard of a circuitdiff dataset")
    _check_version(facts.get("schema_version"), path)
    schema = SCHEMAS[facts["schema_version"]].get(str(facts.get("kind")))
    if schema is None or not file.schema_arrow.equals(schema) or facts.get("rows") != file.metadata.num_rows:
        raise InputError(f"{path} does not have the columns or rows that its metadata claims")
    return file


def batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a shard, `BATCH_ROWS` or fewer at a time.

    Raises:
        InputError: see `open_shard`, or a page that is damaged.
    """
    file = open_shard(path)
    try:
        yield from file.iter_batches(BATCH_ROWS, columns=list(columns) if columns is not None else None)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path} is damaged: {str(error).splitlines()[0]}") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def _check_version(version: Any, path: Path) -> None:
    if not isinstance(version, int) or version not in SCHEMAS:
        raise InputError(f"{path} has schema version {version}, this circuitdiff reads {', '.join(map(str, SCHEMAS))}")


def _difference(known: Any, wanted: Any) -> str:
    if isinstance(known, Mapping) and isinstance(wanted, Mapping):
        names = sorted(name for name in {*known, *wanted} if known.get(name) != wanted.get(name))
        return " in " + ", ".join(f"{name} ({known.get(name)} there)" for name in names)
    return f" ({known} there)"
