"""Training: configuration, loop, resuming."""

from circuitdiff.training.config import PRESETS, TrainingConfig, training_config
from circuitdiff.training.loop import TrainingReport, train

__all__ = ["PRESETS", "TrainingConfig", "TrainingReport", "train", "training_config"]
