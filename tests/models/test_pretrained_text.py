"""Text encoders that somebody else trained: read from a folder, left as they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from circuitdiff.errors import InputError
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.models.config import RANKS, TEXT, UNITARY
from circuitdiff.models.pretrained_text import PretrainedText
from circuitdiff.models.text import tokenize
from circuitdiff.training import PRESETS, TrainingConfig, train
from tests.small_gate_models import SMALL_GATES, small_gate_model

WORDS = {"[UNK]": 0, "3": 1, "qubits": 2, ",": 3, "srv": 4, "[": 5, "]": 6, "1": 7, "2": 8}
SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}


def bert() -> Any:
    from transformers import BertConfig, BertModel

    return BertModel(BertConfig(vocab_size=20, max_position_embeddings=12, **SIZES))


def headed_bert() -> Any:
    from transformers import BertConfig, BertForMaskedLM

    return BertForMaskedLM(BertConfig(vocab_size=20, max_position_embeddings=12, **SIZES))


def clip() -> Any:
    from transformers import CLIPConfig, CLIPModel

    text = {**SIZES, "vocab_size": 20, "max_position_embeddings": 12, "projection_dim": 8}
    vision = {**SIZES, "image_size": 8, "patch_size": 4, "projection_dim": 8}
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=8))


def saved(make: Callable[[], Any], folder: Path) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = make().eval()
    model.save_pretrained(folder)
    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return model


@pytest.mark.parametrize(("make", "part"), [(bert, None), (headed_bert, "bert"), (clip, "text_model")])
def test_features_are_those_of_the_encoder(make: Callable[[], Any], part: str | None, tmp_path: Path) -> None:
    model = saved(make, tmp_path)
    ids, present = tokenize(["srv [ 2 , 2 ]", "3 qubits"], str(tmp_path))
    assert ids.tolist() == [[4, 5, 8, 3, 8, 6], [1, 2, 0, 0, 0, 0]]
    assert present.sum(1).tolist() == [6, 2]
    found = PretrainedText(str(tmp_path))(ids, present)
    expected = (getattr(model, part) if part else model)(input_ids=ids, attention_mask=present.long()).last_hidden_state
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_long_prompts_are_cut_to_what_the_encoder_takes(tmp_path: Path) -> None:
    saved(bert, tmp_path)
    assert tokenize(["2 " * 50], str(tmp_path))[0].shape == (1, 10)


def test_weights_stay_in_their_folder_and_a_checkpoint_finds_them(tmp_path: Path) -> None:
    saved(bert, tmp_path / "text")
    config = replace(SMALL_GATES, conditions=(RANKS, TEXT), text_model=str(tmp_path / "text"))
    model = small_gate_model(config)
    model.save_pretrained(tmp_path / "model")
    assert not any("text" in name for name in model.model.state_dict())
    loaded = CircuitDiffusion.from_pretrained(tmp_path / "model")
    assert loaded.config == config
    one, other = (loaded.sample(spec=prompt, sampling=Sampling(8)) for prompt in ("srv [2, 2, 1]", "3 qubits"))
    assert one != other


def test_training_reads_with_it(tmp_path: Path) -> None:
    saved(bert, tmp_path / "text")
    folder = str(tmp_path / "text")
    nested = {"model": {"conditions": [UNITARY, TEXT], "text_model": folder}, "objective": {"text_given": 0.7}}
    values = PRESETS["gates-tiny"].as_dict()
    config = TrainingConfig.from_dict(values | {part: values[part] | changed for part, changed in nested.items()})
    train(replace(config, steps=2, precision="fp32"), tmp_path / "run")
    loaded = CircuitDiffusion.from_pretrained(tmp_path / "run" / "checkpoint")
    assert loaded.config.text_model == folder
    assert len(loaded.sample(spec="3 qubits, only h and cx", sampling=Sampling(2))) == 2


def read(folder: str) -> torch.Tensor:
    features: torch.Tensor = PretrainedText(folder)(*tokenize(["srv [2, 2]"], folder))
    return features


def without_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def with_another_size(folder: Path) -> None:
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | {"hidden_size": 32}))


def with_another_depth(folder: Path) -> None:
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | {"num_hidden_layers": 2}))


def with_code_of_its_own(folder: Path) -> None:
    (folder / "own.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    auto_map = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    (folder / "config.json").write_text(json.dumps({"model_type": "own", "auto_map": auto_map}))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_weights, "has no safetensors"),
        (without_tokenizer, "no tokenizer.json that can be read"),
        (with_another_size, "size mismatch"),
        (with_another_depth, "lacks the weight"),
        (with_code_of_its_own, "cannot be read"),
        (lambda folder: (folder / "config.json").unlink(), "cannot be read"),
    ],
)
def test_bad_folders_are_refused(spoil: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    saved(bert, tmp_path)
    spoil(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        read(str(tmp_path))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "ran").exists()
