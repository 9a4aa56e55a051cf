"""The training stream of a configuration."""

from __future__ import annotations

from circuitdiff.data.fine_tuning import FineTuningSet, MixedStream
from circuitdiff.data.gate_mixture import GateMixture
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.stream import CircuitBatch, CircuitStream
from circuitdiff.errors import InputError
from circuitdiff.training.config import TrainingConfig

_CHUNK = {"cpu": 1024, "cuda": 8192}
"""Circuits made at a time: a GPU is idle between small operations."""

BatchStream = CircuitStream | MixedStream


def make_stream(config: TrainingConfig, stream: Stream, own: FineTuningSet | None = None) -> BatchStream:
    """Return the circuits of a run, with a share of one's own.

    Raises:
        InputError: circuits of one's own for a model of dressed CZ.
    """
    model, mixture = config.model, config.mixture
    count = max(1, round(config.own * config.batch_size)) if own else 0
    ordinary = CircuitStream(
        model.layout,
        max(1, config.batch_size - count),
        config.seed,
        mixture,
        config.device,
        _CHUNK["cuda" if config.device.startswith("cuda") else "cpu"],
        stream,
        largest_side=model.largest_side,
    )
    if not own:
        return ordinary
    if not isinstance(mixture, GateMixture):
        raise InputError("circuits of one's own train models of gate sequences (presets gates-... and entanglement)")
    return MixedStream(ordinary, mixture, own, count, config.batch_size)


def shard_batch(stream: BatchStream, step: int, shard: int, shards: int) -> CircuitBatch:
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
