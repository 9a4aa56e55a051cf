"""Run the command line with ``python -m circuitdiff``."""

from __future__ import annotations

from circuitdiff.cli.main import main

if __name__ == "__main__":
    main()
