"""Angles for given circuits: Pauli programs, Levenberg-Marquardt and multi-start."""
