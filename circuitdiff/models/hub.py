"""Checkpoints on the Hugging Face hub: what is in its cache is found, and the network is used when asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from circuitdiff.errors import InputError
from circuitdiff.models.bundled import CARD_FILE, CONFIG_FILE

REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
"""What the hub calls a model: its owner and its name."""

FILES = [CONFIG_FILE, CARD_FILE, "model.safetensors", "README.md"]
"""All that is fetched; nothing in it can run code."""

LIBRARY = "circuitdiff"
LICENSE = "apache-2.0"
TAGS = ["diffusion", "quantum-computing", "quantum-circuits", "unitary-synthesis"]

METADATA = (
    f"---\nlibrary_name: {LIBRARY}\nlicense: {LICENSE}\ntags:\n" + "".join(f"- {tag}\n" for tag in TAGS) + "---\n\n"
)
"""The front matter of a model card, which the hub reads."""


def hub_checkpoint(repository: str, *, download: bool = False) -> Path:
    """Return the folder of a checkpoint ``owner/name`` in the hub's cache.

    Args:
        repository: owner and name.
        download: whether it may be fetched; otherwise the network is not used.

    Raises:
        InputError: it is not in the cache, or cannot be fetched.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, allow_patterns=FILES, local_files_only=not download))
    except Exception as error:  # of the hub, of its client, of the network: many kinds, one outcome
        reason = " ".join(str(error).split())[:160]
        hint = "" if download else "; from_pretrained(download=True) fetches it"
        raise InputError(f"no checkpoint {repository!r} from the hub: {reason}{hint}") from error


def push_checkpoint(model: Any, repository: str, card: Path | None, **options: Any) -> str:
    """Upload a model by the hub's mixin, and return the address of the commit.

    Args:
        model: with `save_pretrained`.
        repository: owner and name.
        card: a README.md to go with it, None for a generated one.
        options: of ``huggingface_hub.ModelHubMixin.push_to_hub``: ``private``, ``token``, ``branch``, …
    """
    from huggingface_hub import ModelHubMixin

    class HubModel(ModelHubMixin, library_name=LIBRARY, license=LICENSE, tags=list(TAGS)):
        def _save_pretrained(self, save_directory: Path) -> None:
            model.save_pretrained(save_directory)
            if card is not None:
                (save_directory / "README.md").write_bytes(card.read_bytes())

    return str(HubModel().push_to_hub(repository, **options))
