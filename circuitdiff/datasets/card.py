"""The card of a dataset, in the layout of the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from circuitdiff.datasets.schema import SCHEMAS
from circuitdiff.datasets.shards import CARD, SHARDS, Manifest, write_text

_MEANING = {
    "key": "the same for circuits equal up to the order of gates on disjoint qubits and the global phase",
    "structure": "the same with all angles left out",
    "num_qubits": "register",
    "gates": "names in time order, those of OpenQASM 3 and Qiskit",
    "qubits": "qubits of all gates, end to end; qubit 0 is the least significant bit",
    "params": "angles of all gates, end to end, radians",
    "num_gates": "number of gates",
    "two_qubit_count": "gates on two or more qubits",
    "depth": "layers",
    "gate_set": "the gates that the circuit may use",
    "coupling": "the pairs of qubits that it may couple",
    "family": "random, or what kind of textbook circuit it is",
    "piece": "whether it is a part of such a circuit",
    "srv": "Schmidt rank of each qubit in the state made of |0...0>",
    "target": "name or file of the operation",
    "source": "where the circuit comes from",
    "infidelity": "1 - |tr(U†V)| / d, re-simulated in double precision",
    "unitary": "matrix, row by row, real and imaginary parts in turn, up to global phase",
}


def write_card(folder: Path, manifest: Manifest, circuits: int, distinct: int) -> None:
    """Write README.md: what the dataset holds, how it was made and how to read it."""
    schema = SCHEMAS[manifest.schema_version][manifest.kind]
    columns = "\n".join(f"| `{field.name}` | {_type(field.type)} | {_MEANING[field.name]} |" for field in schema)
    settings = "\n".join(f"- {name}: `{value}`" for name, value in sorted(manifest.parameters.items()))
    write_text(
        folder / CARD,
        f"""---
license: apache-2.0
tags: [quantum-circuits, circuitdiff]
configs:
- config_name: default
  data_files: {SHARDS}/*.parquet
---

# Quantum circuits: {manifest.kind}

{circuits} circuits, {distinct} of them distinct, made by {manifest.generator} with seed {manifest.seed}, schema
version {manifest.schema_version}.

{settings}

| column | type | meaning |
|---|---|---|
{columns}

`circuitdiff dataset verify .` simulates every circuit again and compares it with its `unitary`;
`circuitdiff mine .` looks for what the circuits have in common.
""",
    )


def _type(given: pa.DataType) -> str:
    return f"list<{given.value_type}>" if pa.types.is_list(given) else str(given)
