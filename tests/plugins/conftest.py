from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep compiled blocks out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
