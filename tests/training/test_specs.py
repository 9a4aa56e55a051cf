"""Training circuits fulfil what is written about them."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.tensors import decode
from circuitdiff.data.seeds import Stream
from circuitdiff.spec.grammar import parse_prompt
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
        spec = parse_prompt(prompt)
        used = [rank for rank in ranks if rank] or [1] * layout.num_qubits
        assert spec.schmidt_ranks in (None, tuple(used))
        assert spec.num_qubits in (None, len(used))
        assert spec.gates is None or circuit.gate_names <= set(spec.gates)
        assert spec.coupling is None or circuit.pairs <= set(parse_coupling("line", layout.num_qubits).pairs)
        assert spec.max_gates is None or circuit.num_gates <= spec.max_gates
        assert spec.max_two_qubit_gates is None or circuit.two_qubit_count <= spec.max_two_qubit_gates
