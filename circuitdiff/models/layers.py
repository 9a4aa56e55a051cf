"""Transformer layers, pre-normalised."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FeedForward(nn.Module):
    """Linear, GELU, linear."""

    def __init__(self, width: int, hidden: int) -> None:
        """Set up; `hidden` is the inner width."""
        super().__init__()
        self.expand = nn.Linear(width, hidden)
        self.contract = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., width) to (..., width)."""
        mapped: Tensor = self.contract(nn.functional.gelu(self.expand(x), approximate="tanh"))
        return mapped


class Stem(nn.Module):
    """A residual perceptron over many features at once."""

    def __init__(self, features: int, width: int, layers: int, outputs: int) -> None:
        """Set up from `features` by `layers` blocks of `width` to `outputs`."""
        super().__init__()
        self.enter = nn.Linear(features, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), FeedForward(width, 2 * width)) for _ in range(layers)
        )
        self.leave = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, outputs))

    def forward(self, features: Tensor) -> Tensor:
        """Map (batch, features) to (batch, outputs)."""
        x = self.enter(features)
        for block in self.blocks:
            x = x + block(x)
        summary: Tensor = self.leave(x)
        return summary


class SelfAttention(nn.Module):
    """Full attention among positions, without order."""

    def __init__(self, width: int, heads: int) -> None:
        """Set up; `heads` divides `width`."""
        super().__init__()
        self.heads = heads
        self.qkv_proj = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """Map (batch, positions, width) to the same shape; positions not `present` (batch, positions) are not read."""
        query, key, value = split_heads(self.qkv_proj(x), self.heads, 3)
        mixed: Tensor = self.out_proj(merge_heads(attend(query, key, value, present)))
        return mixed


class CrossAttention(nn.Module):
    """Attention from positions to a memory whose keys and values are computed once."""

    def __init__(self, width: int, heads: int) -> None:
        """Set up; `heads` divides `width`."""
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.kv_proj = nn.Linear(width, 2 * width)
        self.out_proj = nn.Linear(width, width)

    def keys_and_values(self, memory: Tensor) -> Tensor:
        """Map memory (batch, memory, width) to (2, batch, heads, memory, width / heads)."""
        remembered: Tensor = self.kv_proj(memory)
        return split_heads(remembered, self.heads, 2)

    def forward(self, x: Tensor, remembered: Tensor, present: Tensor | None = None) -> Tensor:
        """Map (batch, positions, width) to the same shape.

        `remembered` is from `keys_and_values`; what is not `present` (batch, memory) is not read.
        """
        (query,) = split_heads(self.q_proj(x), self.heads, 1)
        mixed: Tensor = self.out_proj(merge_heads(attend(query, remembered[0], remembered[1], present)))
        return mixed


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        """Set up with the sizes of the parts."""
        super().__init__()
        self.norm_attention, self.norm_feed = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.feed = SelfAttention(width, heads), FeedForward(width, hidden)

    def forward(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """Map (batch, positions, width) to the same shape; positions not `present` (batch, positions) are not read."""
        mixed: Tensor = x + self.attention(self.norm_attention(x), present)
        fed: Tensor = mixed + self.feed(self.norm_feed(mixed))
        return fed


class DecoderLayer(nn.Module):
    """Self-attention within a circuit, cross-attention to the condition, feed-forward."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        """Set up with the sizes of the parts."""
        super().__init__()
        self.norm_attention, self.norm_cross, self.norm_feed = (nn.LayerNorm(width) for _ in range(3))
        self.attention, self.cross = SelfAttention(width, heads), CrossAttention(width, heads)
        self.feed = FeedForward(width, hidden)

    def forward(self, x: Tensor, remembered: Tensor, present: Tensor | None = None) -> Tensor:
        """Map (targets, circuits, positions, width) to the same shape; the circuits of a target share its memory.

        What is not `present` (targets, memory) is not read.
        """
        circuits = x.flatten(0, 1)
        circuits = circuits + self.attention(self.norm_attention(circuits))
        queries = circuits.view(len(x), -1, x.shape[-1])
        queries = queries + self.cross(self.norm_cross(queries), remembered, present)
        fed: Tensor = queries + self.feed(self.norm_feed(queries))
        return fed.view_as(x)


def split_heads(x: Tensor, heads: int, parts: int) -> Tensor:
    """Split (batch, positions, parts * width) into (parts, batch, heads, positions, width / heads)."""
    batch, positions, _ = x.shape
    return x.view(batch, positions, parts, heads, -1).permute(2, 0, 3, 1, 4)


def merge_heads(x: Tensor) -> Tensor:
    """Undo `split_heads` for one part: (batch, heads, positions, size) to (batch, positions, heads * size)."""
    return x.transpose(1, 2).flatten(2)


def attend(query: Tensor, key: Tensor, value: Tensor, present: Tensor | None = None) -> Tensor:
    """Softmax attention over (batch, heads, positions, size), to the keys that are `present` (batch, keys) bool.

    Circuits are a dozen positions long: written out, the products beat torch's fused kernels on CPUs, most of all in
    the bfloat16 backward pass.
    """
    scores = (query @ key.transpose(-1, -2)).float() * query.shape[-1] ** -0.5
    if present is not None:
        scores = scores.masked_fill(~present[:, None, None], -torch.inf)
    return torch.softmax(scores, -1).to(value.dtype) @ value
