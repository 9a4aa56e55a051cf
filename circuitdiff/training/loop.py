"""The training loop: batches in, a checkpoint out."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from circuitdiff.data.fine_tuning import FineTuningSet
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.errors import InputError
from circuitdiff.models.checkpoint import resolve_checkpoint, save_checkpoint, start_from
from circuitdiff.models.denoiser import Denoiser
from circuitdiff.models.device import usable_device
from circuitdiff.training.card import remove_card, write_card
from circuitdiff.training.config import TrainingConfig
from circuitdiff.training.distributed import Processes, joined
from circuitdiff.training.losses import Losses, losses
from circuitdiff.training.metrics import MetricsLog
from circuitdiff.training.optimizers import make_optimizers
from circuitdiff.training.state import Progress, load_state, save_state
from circuitdiff.training.streams import make_stream, shard_batch, shard_seed

logger = logging.getLogger(__name__)

CHECKPOINT_FOLDER = "checkpoint"
_EMA_WARMUP = 10


@dataclass(frozen=True)
class TrainingReport:
    """What a run came to."""

    directory: Path
    step: int
    seconds: float
    circuits: int  # targets seen
    num_parameters: int
    validation: dict[str, float]  # losses of the averaged weights on held-out circuits


def train(
    config: TrainingConfig,
    directory: Path | str,
    *,
    own: FineTuningSet | None = None,
    dry_run: bool = False,
    on_progress: Callable[[float, dict[str, float]], None] | None = None,
) -> TrainingReport:
    """Train a denoiser, or go on where `directory` stopped.

    Args:
        config: of the run; on resuming, sizes must be those of the saved network, all else may change.
        directory: receives the state, the metrics (JSON lines) and, at every save, a checkpoint of the averages,
            which gets its card at the end. Processes that torchrun started all see the same one.
        own: circuits of one's own to mix in; a tenth is held out for `validation_own_...`, or none of fewer than ten.
        dry_run: take one step, write nothing.
        on_progress: called at every logged step with the share done, in [0, 1], and the metrics.

    Raises:
        MissingExtraError: when TensorBoard is wanted and not installed.
        InputError: when the device is absent, the saved state does not fit, processes cannot share the shards, or the
            model takes no circuits of one's own.
    """
    usable_device(config.device)
    with joined(config.device) as processes:
        config = replace(config, device=processes.device, shards=config.shards or processes.world_size)
        return _Run(config, Path(directory), dry_run, processes, own).to_the_end(on_progress)


class _Run:
    """The moving parts of one run."""

    def __init__(
        self, config: TrainingConfig, directory: Path, dry_run: bool, processes: Processes, own: FineTuningSet | None
    ) -> None:
        usable_device(config.device)
        self.config, self.directory, self.dry_run, self.processes = config, directory, dry_run, processes
        learned, self.held_out = own.split() if own else (own, own)
        shards = processes.shards(config.shards)
        self.streams = {shard: make_stream(config, Stream.TRAINING, learned) for shard in shards}
        self.num_own = len(learned) if learned else 0
        torch.manual_seed(config.seed)  # initial weights
        self.model = Denoiser(config.model)
        if config.start:
            taken = start_from(self.model, resolve_checkpoint(config.start))
            logger.info("starting from %s weights of %s", taken, config.start)
        if config.objective.angle_copies == 0:
            self.model.forget_angles()
        self.model.to(config.device)
        self.average = AveragedModel(self.model, multi_avg_fn=partial(_average, config.ema_decay))
        if config.compile:
            self.model.compile()
            self.model.encoder.compile()
        self.optimizers = make_optimizers(self.model, config)
        self.generator = torch.Generator(config.device)
        restored = None if dry_run else load_state(self.directory, self.model, self.average, self.optimizers)
        self.progress = restored or Progress()
        self._check_progress()
        writes = processes.is_main and not dry_run
        self.metrics = MetricsLog(directory, self.progress.step, tensorboard=config.tensorboard) if writes else None

    def to_the_end(self, on_progress: Callable[[float, dict[str, float]], None] | None) -> TrainingReport:
        config = self.config
        started = last_save = last_log = time.monotonic()
        earlier = self.progress.seconds
        sums: dict[str, float] = {}
        since_log = 0
        while self._share_done() < 1:
            for name, value in self._step().items():
                sums[name] = sums.get(name, 0.0) + value
            now = time.monotonic()
            since_log += 1
            [seconds] = self.processes.agree([earlier + now - started])  # decides the rate, and when to stop
            self.progress = Progress(self.progress.step + 1, seconds)
            if self.dry_run:
                break
            if self.progress.step % config.log_every == 0:
                metrics = {name: value / since_log for name, value in sums.items()}
                metrics["circuits_per_second"] = since_log * config.circuits_per_step / (now - last_log)
                self._log(metrics)
                if on_progress is not None and self.processes.is_main:
                    on_progress(self._share_done(), metrics)
                sums, since_log, last_log = {}, 0, now
            if self.progress.step % config.validate_every == 0:
                self._log(self.validate())
            if now - last_save > config.save_every and self.processes.is_main:
                self.save()
                last_save = now
        validation = self.validate()
        self._log(validation)
        if self.processes.is_main and not self.dry_run:
            sha256 = self.save()
            card = self.directory / CHECKPOINT_FOLDER
            write_card(card, config, self.progress, self.model.num_parameters(), validation, sha256, self.num_own)
        step, seconds = self.progress
        return TrainingReport(
            self.directory, step, seconds, step * config.circuits_per_step, self.model.num_parameters(), validation
        )

    def save(self) -> str:
        """Write the state and the checkpoint of the averaged weights; return the SHA-256 of the latter."""
        save_state(self.directory, self.config, self.progress, self.model, self.average, self.optimizers)
        remove_card(self.directory / CHECKPOINT_FOLDER)
        return save_checkpoint(self.directory / CHECKPOINT_FOLDER, self.config.model, self.average.module.state_dict())

    def validate(self) -> dict[str, float]:
        """Return the losses of the averaged weights on circuits that training does not draw."""
        config = self.config
        streams = {"": make_stream(config, Stream.VALIDATION)}
        if self.held_out:
            streams["own_"] = make_stream(replace(config, own=1.0), Stream.VALIDATION, self.held_out)
        averaged = cast("Denoiser", self.average.module).eval()
        batches = 1 if self.dry_run else -(-config.validation_circuits // config.batch_size)
        means: dict[str, float] = {}
        for prefix, stream in streams.items():
            generator = torch.Generator(config.device).manual_seed(derived_seed(Stream.VALIDATION, config.seed))
            with torch.no_grad(), self._autocast():
                found = [
                    losses(averaged, stream.batch(number), config.objective, config.model.layout, generator)
                    for number in range(batches)
                ]
            means |= {f"validation_{prefix}{name}": value for name, value in _means(found).items()}
        return means

    def _step(self) -> dict[str, float]:
        config, step = self.config, self.progress.step
        rate = learning_rate(config, step, self._share_done())
        found = [self._backward(step, shard) for shard in self.streams]
        self.processes.average_gradients(self.model.parameters())
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.gradient_clip)
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.average.update_parameters(self.model)
        means = _means(found)
        metrics = dict(zip(means, self.processes.average(list(means.values())), strict=True))
        if not math.isfinite(metrics["structure"]):
            raise FloatingPointError(f"training diverged at step {step}: loss {metrics['structure']}")
        return metrics | {"gradient_norm": float(norm), "learning_rate": rate}

    def _backward(self, step: int, shard: int) -> Losses:
        """Add the gradients of one shard to those there are, as a share of the mean over this process's shards."""
        config = self.config
        self.generator.manual_seed(shard_seed(config, step, shard))
        batch = shard_batch(self.streams[shard], step, shard, config.shards)
        with self._autocast():
            found = losses(self.model, batch, config.objective, config.model.layout, self.generator)
        torch.autograd.backward(found.total(config.objective) / len(self.streams))
        return Losses(*(value.detach() for value in found))

    def _autocast(self) -> AbstractContextManager[None]:
        device = torch.device(self.config.device).type
        return torch.autocast(device, torch.bfloat16, enabled=self.config.precision == "bf16")

    def _share_done(self) -> float:
        if self.dry_run:
            return 0.0
        return max(self.progress.step / self.config.steps, self.progress.seconds / self.config.seconds)

    def _log(self, metrics: dict[str, float]) -> None:
        if self.metrics is not None:
            logger.info("%s", self.metrics.write(*self.progress, metrics))

    def _check_progress(self) -> None:
        """Refuse processes that found different states."""
        [first] = self.processes.agree([self.progress.step])
        if first != self.progress.step:
            raise InputError(
                f"process {self.processes.rank} finds step {self.progress.step} in {self.directory}, the first process "
                f"step {first:.0f}: all must see the same folder"
            )


def _means(found: list[Losses]) -> dict[str, float]:
    values = (float(torch.stack(items).mean()) for items in zip(*found, strict=True))
    return dict(zip(Losses._fields, values, strict=True))


def learning_rate(config: TrainingConfig, step: int, share_done: float) -> float:
    """Return the rate: linear warm-up, then a cosine over the share of the run that is done."""
    warmup = min(1.0, (step + 1) / config.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, share_done)))
    return warmup * (config.final_learning_rate + (config.learning_rate - config.final_learning_rate) * cosine)


@torch.no_grad()
def _average(decay: float, averages: list[Tensor], weights: list[Tensor], number: Tensor | int) -> None:
    """Move exponential moving averages towards the weights, faster in the first steps."""
    step = int(number)
    torch._foreach_lerp_(averages, weights, 1 - min(decay, (1 + step) / (_EMA_WARMUP + step)))
