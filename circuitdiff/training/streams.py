"""The training stream of a configuration."""

from __future__ import annotations

from circuitdiff.data.gate_stream import GateMixture, GateStream
from circuitdiff.data.seeds import Stream
from circuitdiff.data.stream import CircuitStream
from circuitdiff.models.gate_config import GateDenoiserConfig
from circuitdiff.training.config import TrainingConfig

_CHUNK = {"cpu": 1024, "cuda": 8192}
"""General circuits made at a time: a GPU is idle between small operations."""


def make_stream(config: TrainingConfig, stream: Stream) -> CircuitStream | GateStream:
    """Return the circuits of a run, of the layout that its model speaks."""
    model, mixture = config.model, config.mixture
    if isinstance(model, GateDenoiserConfig):
        assert isinstance(mixture, GateMixture)
        return GateStream(
            model.layout,
            config.batch_size,
            config.seed,
            mixture,
            config.device,
            _CHUNK["cuda" if config.device.startswith("cuda") else "cpu"],
            stream,
            largest_side=model.largest_side,
        )
    assert not isinstance(mixture, GateMixture)
    return CircuitStream(model.layout, config.batch_size, config.seed, mixture, config.device, stream=stream)
