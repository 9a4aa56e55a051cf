from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from circuitdiff import Circuit
from circuitdiff.resynthesis import cache
from circuitdiff.resynthesis.cache import BlockCache, block_key, default_cache

BELL = Circuit.from_gates(2, [("h", (0,), ()), ("cx", (0, 1), ())], 0.25)


def test_keys_are_equal_up_to_phase_and_differ_with_constraints() -> None:
    unitary = BELL.unitary()
    assert block_key(unitary, "u,cx") == block_key(unitary * np.exp(1.7j), "u,cx")
    assert block_key(unitary, "u,cx") != block_key(unitary, "u,cz")
    assert block_key(unitary, "u,cx") != block_key(unitary.T.conj(), "u,cx")


def test_circuits_come_back_from_another_cache_of_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "blocks.sqlite"
    BlockCache(path).put(b"key", BELL)
    assert BlockCache(path).get(b"key") == BELL
    assert BlockCache(path).get(b"other") is None


def test_cache_without_a_file_remembers(tmp_path: Path) -> None:
    store = BlockCache(None)
    store.put(b"key", BELL)
    assert store.get(b"key") == BELL


@pytest.mark.parametrize("content", [b"not a database, but long enough to look like one" * 30, b""])
def test_damaged_file_is_no_obstacle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "blocks.sqlite"
    path.write_bytes(content)
    store = BlockCache(path)
    assert store.get(b"key") is None
    store.put(b"key", BELL)
    assert store.get(b"key") == BELL


def test_cache_is_bounded_and_threads_share_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_BLOCKS", 5)
    monkeypatch.setattr(cache, "_CHECK_EVERY", 1)
    path = tmp_path / "blocks.sqlite"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: BlockCache(path).put(bytes([n]), BELL), range(20)))
    kept = [n for n in range(20) if BlockCache(path).get(bytes([n])) == BELL]
    assert 1 <= len(kept) <= 5


def test_user_says_where_caches_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "circuitdiff" / "blocks.sqlite"
