"""The steps of a sample: masked gates become known, and the last step is the circuit."""

from __future__ import annotations

from circuitdiff.circuits.unitaries import named
from circuitdiff.reports.denoising import watch
from circuitdiff.spec.circuit_spec import CircuitSpec


def test_steps_reveal_gates_and_keep_them_without_angles() -> None:
    found = watch(CircuitSpec(num_qubits=3, gates=("h", "cx")), named("ghz:3"))
    assert found.sample.correct
    assert all(gate is None for gate in found.steps[0])
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        assert all(a is None or a == b for a, b in zip(before, after, strict=True))
    assert None not in found.steps[-1]
    assert len(found.frames()) == len(found.steps)


def test_steps_with_angles_end_with_the_sample_and_its_fit() -> None:
    found = watch(CircuitSpec(num_qubits=3), named("tfim:3"), seed=1)
    names = sorted(gate.name for gate in found.steps[-1] if gate)
    assert names == sorted(gate.name for gate in found.sample.circuit.operations)
    masked = [sum(gate is None for gate in step) for step in found.steps]
    assert masked == sorted(masked, reverse=True)
    assert len(found.frames()) == len(found.steps) + (found.fitted is not None)
