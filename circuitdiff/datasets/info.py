"""What a dataset holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from circuitdiff.datasets.build import count_distinct
from circuitdiff.datasets.schema import SCHEMAS
from circuitdiff.datasets.shards import batches, read_manifest, shards_of


def describe(folder: Path) -> dict[str, Any]:
    """Return kind, origin, size, and how many circuits there are of each family or for each target.

    Raises:
        InputError: the folder is no dataset, or a shard is damaged, foreign or of another version.
    """
    manifest, paths = read_manifest(folder), shards_of(folder)
    circuits, distinct = count_distinct(folder)
    counts: Counter[int] = Counter()
    structures: dict[str, set[int]] = {}
    rows: Counter[str] = Counter()
    families: Counter[str] = Counter()
    present = SCHEMAS[manifest.schema_version][manifest.kind].names
    columns = ["two_qubit_count", "structure", *(name for name in ("target", "family") if name in present)]
    for path in paths:
        for batch in batches(path, columns):
            counts.update(batch.column("two_qubit_count").to_pylist())
            if "family" in columns:
                families.update(batch.column("family").to_pylist())
            if "target" in columns:
                for target, structure in zip(
                    batch.column("target").to_pylist(), batch.column("structure").to_pylist(), strict=True
                ):
                    rows[target] += 1
                    structures.setdefault(target, set()).add(structure)
    return {
        "path": str(folder),
        "kind": manifest.kind,
        "schema_version": manifest.schema_version,
        "generator": manifest.generator,
        "seed": manifest.seed,
        "parameters": dict(manifest.parameters),
        "shards": len(paths),
        "bytes": sum(path.stat().st_size for path in paths),
        "circuits": circuits,
        "distinct": distinct,
        "two_qubit_counts": {str(count): counts[count] for count in sorted(counts)},
        "families": dict(families),
        "targets": {
            target: {"circuits": rows[target], "structures": len(found)} for target, found in structures.items()
        },
    }
