"""Training circuits fulfil what is written about them."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.tensors import decode
from circuitdiff.data.seeds import Stream
from circuitdiff.spec.prompts import parse
from circuitdiff.training import training_config
from circuitdiff.training.specs import prompts_of
from circuitdiff.training.streams import make_stream


@pytest.mark.parametrize("preset", ["entanglement", "gates-tiny"])
def test_circuits_fulfil_their_prompts(preset: str) -> None:
    stream = make_stream(training_config(preset), Stream.TRAINING)
    batch, layout = stream.batch(0), stream.layout  # type: ignore[union-attr]
    circuits = decode(batch.tokens, batch.params.double(), layout.vocabulary)
    prompts = prompts_of(batch, layout, np.random.default_rng(0))  # type: ignore[arg-type]
    assert len(set(prompts)) > len(prompts) / 2
    for prompt, circuit, ranks in zip(prompts, circuits, batch.ranks.tolist(), strict=True):  # type: ignore[union-attr]
        wish = parse(prompt)
        used = [rank for rank in ranks if rank] or [1] * layout.num_qubits
        assert wish.srv in (None, tuple(used))
        assert wish.num_qubits in (None, len(used))
        assert wish.gates is None or circuit.gate_names <= set(wish.gates)
        assert wish.coupling is None or circuit.pairs <= set(parse_coupling("line", layout.num_qubits).pairs)
        assert wish.max_gates is None or circuit.num_gates <= wish.max_gates
        assert wish.max_two_qubit is None or circuit.two_qubit_count <= wish.max_two_qubit
