"""Errors that a user can mend: one line each, with the numbers that matter."""

from __future__ import annotations


class InputError(ValueError):
    """Input that cannot be used: a bad file, matrix, gate set, coupling map or option."""


class NoCircuitError(TimeoutError):
    """The time allowed ran out before there was any circuit to return."""


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""
