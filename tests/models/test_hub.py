"""The hub: offline unless asked, uploads by its mixin, cards that it can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from circuitdiff import CircuitDiffusion, InputError
from circuitdiff.models.bundled import bundled_checkpoints
from circuitdiff.models.hub import METADATA, hub_checkpoint

NAME = "circuitdiff-entanglement"


def test_a_name_of_the_hub_is_looked_up_without_a_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket

    def refused(*arguments: Any, **options: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    with pytest.raises(InputError, match="download=True"):
        CircuitDiffusion.from_pretrained("nobody/nothing")


def test_a_download_takes_data_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub

    asked: dict[str, Any] = {}

    def fetched(repository: str, **options: Any) -> str:
        asked.update(options, repository=repository)
        return str(bundled_checkpoints()[NAME])

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetched)
    assert hub_checkpoint("owner/name", download=True) == bundled_checkpoints()[NAME]
    assert asked["local_files_only"] is False
    assert not any(pattern.endswith((".py", ".bin", ".pt", "*")) for pattern in asked["allow_patterns"])
    assert CircuitDiffusion.from_pretrained("owner/name").num_qubits == 8
    assert asked["local_files_only"] is True


def test_an_upload_holds_weights_configuration_and_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from huggingface_hub import HfApi

    sent: dict[str, str] = {}

    class Answer:
        repo_id = "owner/name"

    def upload(self: Any, *, folder_path: Any, **options: Any) -> str:
        for path in Path(folder_path).iterdir():
            sent[path.name] = path.read_text(encoding="utf-8", errors="replace")
        loaded = CircuitDiffusion.from_pretrained(folder_path)
        assert loaded.num_qubits == 8
        return "commit"

    monkeypatch.setattr(HfApi, "create_repo", lambda self, **options: Answer())
    monkeypatch.setattr(HfApi, "upload_folder", upload)
    model = CircuitDiffusion.from_pretrained(NAME)
    assert model.push_to_hub("owner/name") == "commit"
    assert {"config.json", "model.safetensors", "README.md"} <= sent.keys()
    assert "library_name: circuitdiff" in sent["README.md"]
    sent.clear()
    model.push_to_hub("owner/name", card=bundled_checkpoints()[NAME] / "README.md")
    assert sent["README.md"].startswith(METADATA)


@pytest.mark.parametrize("name", bundled_checkpoints())
def test_bundled_cards_have_the_metadata_of_the_hub(name: str) -> None:
    assert (bundled_checkpoints()[name] / "README.md").read_text(encoding="utf-8").startswith(METADATA)
