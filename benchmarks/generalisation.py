"""What the models do beyond their training data: longer circuits, families, couplings and registers they never saw.

    python benchmarks/generalisation.py [--only depth|families|couplings|ranks|registers] [--targets 16] [-o FILE]

Targets and seeds are fixed. `registers` trains two small networks, ten minutes or so of a core each; what its folder
holds is not trained again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from design_common import DISCRETE, SEED, one_thread, table, trained
from generalisation_families import families

from circuitdiff.circuits.circuit import Circuit, phase_free_key
from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.tensors import decode
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.sequences import random_sequences, sequence_tables
from circuitdiff.evaluation.papers.circuits import KEY_DECIMALS, generator, held_out_circuits, is_connected
from circuitdiff.evaluation.papers.discrete import is_made
from circuitdiff.evaluation.papers.entanglement import rank_vectors
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.generation.generation import schmidt_ranks_of
from circuitdiff.spec.circuit_spec import CircuitSpec

Row = dict[str, Any]

FEW, MANY = 128, 512
"""Samples a target of `depth`; of the first so many of a search, the others are told apart."""

BANDS: tuple[tuple[str, int, tuple[tuple[int, int], ...]], ...] = (
    ("circuitdiff-gates-3q", 3, ((9, 16), (17, 24), (25, 32))),
    ("circuitdiff-gates-5q", 4, ((13, 20), (21, 24), (25, 32))),
)
"""Model, register, and lengths of the targets' circuits; the first are of lengths that training draws."""

SHAPES: tuple[tuple[int, str, str], ...] = (
    (4, "line", "line"),
    (4, "ring", "ring"),
    (4, "star", "0-1,0-2,0-3"),
    (5, "line", "line"),
    (5, "ring", "ring"),
    (5, "star", "0-1,0-2,0-3,0-4"),
    (5, "T", "0-1,1-2,1-3,3-4"),
)
"""Training draws lines, and rings now and then by chance; never stars and T, as no line goes through them."""

COUPLED_GATES, COUPLED_SAMPLES, RANK_SAMPLES = 12, 128, 64

SMALL = {"model.width": "64", "model.heads": "2", "model.decoder_layers": "3", "model.stem_width": "192"}
RUNS = {"3 to 8 qubits": {}, "3 to 8 qubits, not 6": {"mixture.left_out": "[6]"}}
REGISTERS = (5, 6, 7)


class Given(NamedTuple):
    """What the command line says."""

    targets: int
    steps: int
    out: Path


def depth(given: Given) -> list[Row]:
    """Exact circuits for unitaries of longer circuits than training drew, with the search and as many plain samples."""
    rows = []
    for name, num_qubits, bands in BANDS:
        model = CircuitDiffusion.from_pretrained(name)
        for low, high in bands:
            layout = Layout(num_qubits, DISCRETE, high)
            circuits = held_out_circuits(
                layout, given.targets, SEED, lambda c, low=low: c.num_gates >= low and whole(c)
            )
            solved, plain = [], [0, 0]
            for number, circuit in enumerate(circuits):
                target, how = circuit.unitary(), Sampling(num_samples=MANY)
                spec = CircuitSpec(gates=DISCRETE, max_gates=high)
                made = model.search(target, spec, sampling=how, generator=generator(SEED, number))
                shortest = min((c.num_gates for c in made if is_made(target, [c])), default=None)
                if shortest is not None:
                    solved.append((len(made), shortest, shortest - circuit.num_gates))
                spec = CircuitSpec(gates=DISCRETE)
                control = model.sample(target, spec, sampling=how, generator=generator(SEED, number))
                plain = [plain[0] + is_made(target, control[:FEW]), plain[1] + is_made(target, control)]
            drawn, gates, beyond = zip(*solved, strict=True) if solved else ((), (), ())
            counts = {
                f"searched, {FEW}": sum(count <= FEW for count in drawn),
                f"searched, {MANY}": len(solved),
                "longer than training's": sum(count > model.layout.max_gates for count in gates),
                f"independent, {FEW}": plain[0],
                f"independent, {MANY}": plain[1],
            }
            row = {"model": name, "qubits": num_qubits, "gates": f"{low} to {high}", "targets": len(circuits), **counts}
            rows.append(row | {"gates beyond the target's, mean": sum(beyond) / len(beyond) if beyond else None})
    return rows


def whole(circuit: Circuit) -> bool:
    """Tell whether a circuit couples all its qubits, where they are more than three."""
    return circuit.num_qubits <= 3 or is_connected(circuit)


def couplings(given: Given) -> list[Row]:
    """Exact circuits within couplings, for unitaries of circuits within them, beside the same without the mask."""
    model, rows = CircuitDiffusion.from_pretrained("circuitdiff-gates-5q"), []
    for num_qubits, name, text in SHAPES:
        coupling = parse_coupling(text, num_qubits)
        circuits = circuits_within(coupling, given.targets)
        solved, broken, free, within = 0, 0, 0, 0
        for number, circuit in enumerate(circuits):
            target = circuit.unitary()
            spec, how = CircuitSpec(gates=DISCRETE, max_gates=COUPLED_GATES), Sampling(num_samples=COUPLED_SAMPLES)
            coupled = replace(spec, num_qubits=num_qubits, coupling=coupling.text)
            made = model.search(target, coupled, sampling=how, generator=generator(SEED, number))
            solved += is_made(target, made)
            broken += sum(not coupling.allows(c.pairs) for c in made)
            made = model.search(target, spec, sampling=how, generator=generator(SEED, number))
            free += is_made(target, made)
            within += is_made(target, [c for c in made if coupling.allows(c.pairs)])
        shares = [count / len(circuits) for count in (solved, free, within)]
        heads = ("solved", "solved, all coupled", "of these within the coupling")
        rows.append({"qubits": num_qubits, "coupling": name, **dict(zip(heads, shares, strict=True)), "broken": broken})
    return rows


def circuits_within(coupling: Coupling, count: int) -> list[Circuit]:
    """Draw circuits of gates without angles that keep to a coupling and use it all, with different unitaries."""
    layout = Layout(coupling.num_qubits, DISCRETE, COUPLED_GATES)
    tables, permitted = sequence_tables(layout), torch.from_numpy(layout.permitted(pairs=coupling.pairs))
    source = torch.Generator().manual_seed(derived_seed(Stream.EVALUATION, SEED, coupling.num_qubits))
    found: dict[bytes, Circuit] = {}
    while len(found) < count:
        length = torch.randint(len(coupling.pairs), COUPLED_GATES + 1, (64,), generator=source)
        drawn = random_sequences(permitted.expand(64, -1), length, tables, source)
        for circuit in decode(drawn[0], torch.zeros(*drawn[0].shape, 4), layout.vocabulary):
            if is_connected(circuit):
                found.setdefault(phase_free_key(circuit.unitary(), KEY_DECIMALS), circuit)
    return list(found.values())[:count]


def ranks(given: Given) -> list[Row]:
    """Samples with the Schmidt ranks asked for, within couplings: the bundled model of entanglement."""
    model, rows = CircuitDiffusion.from_pretrained("circuitdiff-entanglement"), []
    for num_qubits, name, text in (*((n, "all", "all") for n in (4, 5)), *SHAPES):
        coupling = parse_coupling(text, num_qubits)
        right, near, far, broken = [], [], [], 0
        for vector in rank_vectors((num_qubits,), 2**num_qubits, SEED):
            share, outside = share_right(model, vector, coupling)
            right.append(share)
            (near if hangs_together(vector, coupling) else far).append(share)
            broken += outside
        shown = {"samples right": right, "entangled qubits adjoin": near, "others": far}
        means = {head: sum(shares) / len(shares) if shares else None for head, shares in shown.items()}
        rows.append({"qubits": num_qubits, "coupling": name, **means, "broken": broken})
    return rows


def share_right(
    model: CircuitDiffusion, vector: tuple[int, ...], coupling: Coupling | None = None
) -> tuple[float, int]:
    """Share of samples with the ranks asked for, and how many leave the coupling."""
    number = int("".join(map(str, vector)))
    spec = CircuitSpec(schmidt_ranks=vector, coupling=coupling.text if coupling else None)
    how = Sampling(num_samples=RANK_SAMPLES)
    drawn = model.sample(spec=spec, sampling=how, generator=generator(SEED, number))
    right = sum(schmidt_ranks_of(circuit) == vector for circuit in drawn)
    return right / len(drawn), sum(not coupling.allows(c.pairs) for c in drawn) if coupling else 0


def hangs_together(vector: Sequence[int], coupling: Coupling) -> bool:
    """Tell whether the entangled qubits reach each other without others."""
    entangled = tuple(qubit for qubit, rank in enumerate(vector) if rank == 2)
    return len(entangled) < 2 or coupling.restricted(entangled) is not None


def registers(given: Given) -> list[Row]:
    """Samples with the Schmidt ranks asked for of a network that never saw six qubits, beside one that did."""
    rows = []
    for name, changes in RUNS.items():
        folder = given.out / name.replace(" ", "-").replace(",", "")
        report = trained("entanglement", SMALL | changes, given.steps, None, folder)
        model = CircuitDiffusion.from_pretrained(folder / "checkpoint")
        row: Row = {"trained on": name, "circuits": report.circuits}
        for size in REGISTERS:
            shares = [share_right(model, vector)[0] for vector in rank_vectors((size,), given.targets, SEED)]
            row[f"right on {size}"] = sum(shares) / len(shares)
        rows.append(row)
    return rows


EXPERIMENTS: dict[str, tuple[Callable[[Given], list[Row]], int]] = {
    "depth": (depth, 16),
    "families": (lambda given: families(given.targets), 256),
    "couplings": (couplings, 16),
    "ranks": (ranks, 0),
    "registers": (registers, 58),
}
"""By name, each with its default of --targets: vectors of ranks for `registers`, samples for `families`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=EXPERIMENTS, help="one experiment; else all")
    parser.add_argument("--targets", type=int, help="targets of a row; for families, samples of a target")
    parser.add_argument("--steps", type=int, default=2400, help="of each training")
    parser.add_argument("--out", type=Path, default=Path("runs/generalisation"), metavar="FOLDER", help="of trainings")
    parser.add_argument("-o", "--json", type=Path, metavar="FILE", help="the rows as JSON")
    given = parser.parse_args()
    one_thread()
    found: dict[str, Any] = {}
    for name in [given.only] if given.only else EXPERIMENTS:
        measure, targets = EXPERIMENTS[name]
        started = time.process_time()
        rows = measure(Given(given.targets or targets, given.steps, given.out))
        found[name] = {"seconds": round(time.process_time() - started), "rows": rows}
        print(f"{name}: {found[name]['seconds']} processor seconds\n")
        print(table(list(rows[0]), [list(row.values()) for row in rows]), end="\n\n", flush=True)
        if given.json is not None:
            given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
