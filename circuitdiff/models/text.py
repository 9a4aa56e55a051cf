"""Reading words: a word-level tokenizer of prompts and a small text transformer, trained with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from circuitdiff.models.pretrained_text import PretrainedText, tokenize_for

if TYPE_CHECKING:
    from transformers import CLIPTextConfig

MAX_WORDS = 64
"""Longest prompt in tokens; what follows is cut off."""

PAD_WORD, UNKNOWN_WORD, START_WORD, END_WORD = SPECIAL_WORDS = ("[PAD]", "[UNK]", "[START]", "[END]")

_WORDS = (
    "a an and at chain circle circuit connected connectivity coupling entangling entanglement fully gate gates "
    "generate line linear maximum more nearest neighbour no of on only qubit qubits rank ring schmidt set srv than "
    "the to two up using vector with all most"
).split()
_GATES = (
    "id x y z h s sdg t tdg sx sxdg rx ry rz p u cx cy cz ch swap iswap ecr cp crx cry crz rxx ryy rzz ccx ccz cswap"
).split()
VOCABULARY = (*SPECIAL_WORDS, *"[](),:;-", *map(str, range(65)), *_WORDS, *_GATES)
"""Words of the prompts that `circuitdiff.spec.grammar.render_prompt` makes. Checkpoints depend on their number and
order: gates that come to the library later are words that a model does not know."""


def tokenize(prompts: Sequence[str], folder: str = "") -> tuple[Tensor, Tensor]:
    """Return token ids (prompts, words) int64, and where there are words (prompts, words) bool; CPU.

    Words outside `VOCABULARY` become UNKNOWN_WORD. Where a folder with a text encoder is named, its tokenizer reads.
    """
    if folder:
        return tokenize_for(folder, prompts)
    tokenizer = _tokenizer()
    ids = [tokenizer.encode(prompt).ids[:MAX_WORDS] for prompt in prompts]
    longest = max((len(row) for row in ids), default=0)
    words = torch.tensor([row + [0] * (longest - len(row)) for row in ids], dtype=torch.int64)
    lengths = torch.tensor([len(row) for row in ids])
    return words.view(len(ids), longest), torch.arange(longest) < lengths[:, None]


def text_encoder(folder: str, width: int, layers: int) -> TextEncoder | PretrainedText:
    """Return the text encoder in a folder, or, where none is named, a new one of these sizes."""
    return PretrainedText(folder) if folder else TextEncoder(text_config(width, layers))


def text_config(width: int, layers: int) -> CLIPTextConfig:
    """Return the sizes of a text tower with heads 32 wide."""
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // 32),
        max_position_embeddings=MAX_WORDS,
        pad_token_id=VOCABULARY.index(PAD_WORD),
        bos_token_id=VOCABULARY.index(START_WORD),
        eos_token_id=VOCABULARY.index(END_WORD),
        attn_implementation="eager",
    )


class TextEncoder(nn.Module):
    """The text tower of CLIP (Radford et al., arXiv 2103.00020), made from its sizes; nothing is downloaded."""

    def __init__(self, config: CLIPTextConfig) -> None:
        """Build with random weights."""
        super().__init__()
        from transformers import CLIPTextModel

        self.width = config.hidden_size
        model = CLIPTextModel(config)
        self.tower = getattr(model, "text_model", model)  # wrapped in some versions: one name for weights

    def forward(self, words: Tensor, present: Tensor) -> Tensor:
        """Map token ids (prompts, words) to features (prompts, words, width); absent words do not matter."""
        first = torch.zeros_like(present)
        first[:, :1] = True  # attention over nothing is undefined; an empty prompt's features go unused
        features: Tensor = self.tower(input_ids=words, attention_mask=(present | first).long()).last_hidden_state
        return features


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Sequence as Steps
    from tokenizers.pre_tokenizers import Split, WhitespaceSplit
    from tokenizers.processors import TemplateProcessing

    ids = {word: number for number, word in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(WordLevel(ids, unk_token=UNKNOWN_WORD))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Steps([WhitespaceSplit(), Split(Regex(r"[\[\](),:;\-]"), "isolated")])
    tokenizer.post_processor = TemplateProcessing(
        single=f"{START_WORD} $A {END_WORD}", special_tokens=[(w, ids[w]) for w in (START_WORD, END_WORD)]
    )
    return tokenizer
