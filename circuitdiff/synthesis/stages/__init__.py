"""The stages of the pipeline, each of which yields candidates: importing this package registers them all."""

from circuitdiff.synthesis.stages import (
    block_template,
    column_search,
    column_template,
    deep_search,
    diffusion,
    discrete,
    disentangle,
    edit,
    low_rank,
    peel,
    random,
    search,
    symmetry,
    template,
)
from circuitdiff.synthesis.stages.stage import STAGES, Stage, proposer_names, register_stage, stage_entry

__all__ = [
    "STAGES",
    "Stage",
    "block_template",
    "column_search",
    "column_template",
    "deep_search",
    "diffusion",
    "discrete",
    "disentangle",
    "edit",
    "low_rank",
    "peel",
    "proposer_names",
    "random",
    "register_stage",
    "search",
    "stage_entry",
    "symmetry",
    "template",
]
