"""What the command line tells the shell."""

from __future__ import annotations

from typing import Final

FAILURE: Final = 1
BAD_INPUT: Final = 2
TOLERANCE_NOT_MET: Final = 3
NO_CIRCUIT: Final = 4
INTERRUPTED: Final = 130
