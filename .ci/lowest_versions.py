"""Print the lowest versions that pyproject.toml permits, one requirement a line; extras are named as arguments."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Print requirements with ``==`` in the place of ``>=``."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(r for extra in sys.argv[1:] for r in project["optional-dependencies"][extra])]
    for requirement in wanted:
        print(re.sub(r">=\s*([^,]+).*", r"==\1", requirement))


if __name__ == "__main__":
    main()
