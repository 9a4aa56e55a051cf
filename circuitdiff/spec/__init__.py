"""What is asked of circuits, and the prompts in which it may be written."""

from __future__ import annotations

from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import parse_prompt, render_prompt

__all__ = ["CircuitSpec", "parse_prompt", "render_prompt"]
