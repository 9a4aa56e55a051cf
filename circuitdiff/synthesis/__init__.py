"""Synthesis: instantiation, proposers, and the portfolio that makes circuits exact and short."""

from circuitdiff.numerics import threads as threads  # prepares children that are forked later
from circuitdiff.synthesis.batch import compile_many
from circuitdiff.synthesis.compiler import compile
from circuitdiff.synthesis.request import DEFAULT_PROPOSERS, PROPOSERS
from circuitdiff.synthesis.result import CompileResult, ProposerReport

__all__ = ["DEFAULT_PROPOSERS", "PROPOSERS", "CompileResult", "ProposerReport", "compile", "compile_many"]
