"""Which optimiser trains which weights."""

from __future__ import annotations

import torch

from circuitdiff.errors import InputError
from circuitdiff.models.denoiser import Denoiser
from circuitdiff.training.config import TrainingConfig

_BETAS = (0.9, 0.98)


def make_optimizers(model: Denoiser, config: TrainingConfig) -> dict[str, torch.optim.Optimizer]:
    """Return Muon for the matrices of the transformer layers and AdamW for the rest, or AdamW alone.

    Muon (Jordan et al., 2024) orthogonalises the momentum of a matrix; its rate is scaled to match AdamW's (Liu et al.,
    arXiv 2502.16982). The wide condition stem is left to AdamW: orthogonalising it would cost more than it gains.
    """
    if config.optimizer == "muon" and not hasattr(torch.optim, "Muon"):
        raise InputError(f"optimizer muon needs torch 2.9, and this is {torch.__version__}; there is adamw")
    named = list(model.named_parameters())
    orthogonal = [
        value for name, value in named if config.optimizer == "muon" and "layers." in name and value.dim() == 2
    ]
    chosen = {id(value) for value in orthogonal}
    rest = [value for _, value in named if id(value) not in chosen]
    groups = [
        {"params": [value for value in rest if value.dim() > 1], "weight_decay": config.weight_decay},
        {"params": [value for value in rest if value.dim() <= 1], "weight_decay": 0.0},
    ]
    optimizers: dict[str, torch.optim.Optimizer] = {
        "adamw": torch.optim.AdamW(groups, lr=config.learning_rate, betas=_BETAS, fused=True)
    }
    if orthogonal:
        optimizers["muon"] = torch.optim.Muon(
            orthogonal,
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            adjust_lr_fn="match_rms_adamw",
        )
    return optimizers
