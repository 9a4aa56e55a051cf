"""A text encoder of transformers that somebody else trained, read from a folder and left as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from circuitdiff.errors import InputError
from circuitdiff.models.bundled import CONFIG_FILE, read_json_object

TOKENIZER_FILE = "tokenizer.json"
MAX_WORDS = 128
"""Longest prompt in tokens, where the encoder itself takes as many; what follows is cut off."""


class PretrainedText(nn.Module):
    """An encoder and its tokenizer; its weights are fixed, stay in their folder, and are no part of a checkpoint.

    The folder is in the Hugging Face layout: config.json, safetensors and tokenizer.json. Nothing is downloaded, and no
    code of the folder's runs.
    """

    def __init__(self, folder: str) -> None:
        """Read a folder.

        Raises:
            InputError: a file is missing or damaged, or weights do not fit the configuration.
        """
        super().__init__()
        model = _read_model(Path(folder))
        self.width: int = model.config.hidden_size
        self._model = (model,)  # a tuple hides it from `parameters` and `state_dict`

    def forward(self, words: Tensor, present: Tensor) -> Tensor:
        """Map token ids (prompts, words) to features (prompts, words, width); absent words do not matter."""
        first = torch.zeros_like(present)
        first[:, :1] = True  # attention over nothing is undefined; an empty prompt's features go unused
        with torch.no_grad():
            model = self._model[0].to(words.device)
            features: Tensor = model(input_ids=words, attention_mask=(present | first).long()).last_hidden_state
        return features


def tokenize_for(folder: str, prompts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return token ids (prompts, words) int64, and where there are words (prompts, words) bool; CPU.

    Raises:
        InputError: the folder's tokenizer is missing or damaged.
    """
    tokenizer, most = _read_tokenizer(Path(folder))
    rows = [tokenizer.encode(prompt).ids[:most] for prompt in prompts]
    lengths = torch.tensor([len(row) for row in rows])
    longest = max(map(len, rows), default=0)
    words = torch.tensor([row + [0] * (longest - len(row)) for row in rows], dtype=torch.int64)
    return words.view(len(rows), longest), torch.arange(longest) < lengths[:, None]


def _read_model(folder: Path) -> Any:
    """Build an encoder from its configuration and load its weights, in single precision."""
    from transformers import AutoConfig, AutoModel

    read_json_object(folder / CONFIG_FILE, "text model configuration")
    shards = sorted(folder.glob("*.safetensors"))
    if not shards:
        raise InputError(f"text model {folder} has no safetensors")
    try:
        config = AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        config = getattr(config, "text_config", config)  # of models of words and something else, such as CLIP
        if config.is_encoder_decoder:
            raise InputError(f"text model {folder} is not an encoder alone")
        # from_pretrained would leave buffers that are not saved unset
        model = AutoModel.from_config(config, trust_remote_code=False)
        weights = {name: value.float() for shard in shards for name, value in load_file(str(shard)).items()}
        model.load_state_dict(_matched(model.state_dict(), weights, folder), strict=False)
    except (SafetensorError, RuntimeError, OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"text model {folder} cannot be read: {' '.join(str(error).split())[:160]}") from error
    return model.eval().requires_grad_(False)


def _matched(own: Mapping[str, Tensor], given: Mapping[str, Tensor], folder: Path) -> dict[str, Tensor]:
    """Return the weights of a model among those given, which may all have a prefix more, or one less.

    The pooler, which sums up a text, is not used and may be missing.
    """
    needed = [name for name in own if "pooler" not in name]
    tops = {"", *(name.split(".")[0] + "." for name in (*own, *given))}
    for more in sorted(tops):
        for less in sorted(tops):
            names = {name: more + name.removeprefix(less) for name in own}
            if all(names[name] in given for name in needed):
                return {name: given[source] for name, source in names.items() if source in given}
    absent = next(name for name in needed if name not in given)
    raise InputError(f"text model {folder} lacks the weight {absent} of its configuration")


@lru_cache(maxsize=2)
def _read_tokenizer(folder: Path) -> tuple[Any, int]:
    from tokenizers import Tokenizer

    values = read_json_object(folder / CONFIG_FILE, "text model configuration")
    sizes = values.get("text_config") or values
    most = sizes.get("max_position_embeddings", MAX_WORDS)
    # positions of some encoders begin behind the padding token's
    most = max(1, min(MAX_WORDS, most - 2 if isinstance(most, int) else MAX_WORDS))
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as error:  # the library raises nothing narrower
        raise InputError(f"text model {folder} has no {TOKENIZER_FILE} that can be read") from error
    tokenizer.no_padding()
    return tokenizer, most
