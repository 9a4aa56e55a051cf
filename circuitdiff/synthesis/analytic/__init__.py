"""Circuits by decomposition, without search."""
