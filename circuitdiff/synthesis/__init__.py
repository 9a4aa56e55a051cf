"""Synthesis: instantiation, proposers, and the portfolio that makes circuits exact and short."""

from circuitdiff.synthesis.compiler import DEFAULT_PROPOSERS, PROPOSERS, compile
from circuitdiff.synthesis.result import CompileResult, ProposerReport

__all__ = ["DEFAULT_PROPOSERS", "PROPOSERS", "CompileResult", "ProposerReport", "compile"]
