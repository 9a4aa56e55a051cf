"""Unitaries that have names: ``named("qft:4")``, ``named("tfim:3?t=0.4&steps=2")``.

A name is followed by the size where there is a choice (``:4``), and by options (``?t=0.4&steps=2``).  All matrices are
little-endian: qubit 0 is the least significant bit of the index.
"""

from __future__ import annotations

from circuitdiff.circuits.unitaries.catalogue import named, names

__all__ = ["named", "names"]
