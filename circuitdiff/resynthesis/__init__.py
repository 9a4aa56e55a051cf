"""Circuits of any width, made shorter block by block, and never longer."""

from circuitdiff.resynthesis.batch import resynthesize_many
from circuitdiff.resynthesis.device import gate_set_of
from circuitdiff.resynthesis.limits import default_timeout
from circuitdiff.resynthesis.programs import resynthesize_program
from circuitdiff.resynthesis.settings import BlockSettings
from circuitdiff.resynthesis.sweeps import resynthesize_steps
from circuitdiff.resynthesis.whole import Resynthesis, resynthesize

__all__ = [
    "BlockSettings",
    "Resynthesis",
    "default_timeout",
    "gate_set_of",
    "resynthesize",
    "resynthesize_many",
    "resynthesize_program",
    "resynthesize_steps",
]
