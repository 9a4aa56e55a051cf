"""The training stream of a configuration."""

from __future__ import annotations

from circuitdiff.data.gate_stream import GateBatch, GateMixture, GateStream
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.stream import CircuitBatch, CircuitStream
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


def shard_batch(stream: CircuitStream | GateStream, step: int, shard: int, shards: int) -> CircuitBatch | GateBatch:
    """Return the circuits of a shard of a step.

    Circuits are made in chunks of many batches; the chunks go to the shards in turn, so that no process makes circuits
    that another uses.
    """
    per_chunk = stream.chunk // stream.batch_size
    chunk, offset = divmod(step, per_chunk)
    return stream.batch((chunk * shards + shard) * per_chunk + offset)


def shard_seed(config: TrainingConfig, step: int, shard: int) -> int:
    """Return the seed of the noise of a shard of a step."""
    return derived_seed(Stream.NOISE, config.seed, step, *([shard] if shard else []))
