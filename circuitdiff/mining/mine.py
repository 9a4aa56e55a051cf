"""Everything that is mined from a dataset, in one report."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from circuitdiff.datasets.shards import read_manifest
from circuitdiff.interop import to_qasm
from circuitdiff.mining.contrasts import Contrast, find_contrasts
from circuitdiff.mining.frequent import SAMPLE, Found, frequent_patterns, sample_circuits
from circuitdiff.mining.gadgets import MAX_GADGETS, Gadget, pair_encoding
from circuitdiff.mining.kinds import read_corpus
from circuitdiff.mining.pareto import Best, pareto_fronts
from circuitdiff.mining.patterns import Pattern
from circuitdiff.mining.rule_files import rule_dict
from circuitdiff.mining.rules import Rule, find_rules

logger = logging.getLogger(__name__)

WINDOW_GATES = 5
"""Gates of a pattern."""

PATTERNS_SHOWN = 40


@dataclass(frozen=True)
class MineReport:
    """What the circuits of a dataset have in common.

    Attributes:
        circuits: in the dataset, as far as gadgets were mined from them.
        gadgets: by gate-pair encoding, in the order in which they were made.
        patterns: frequent ones of a sample of `sampled` circuits.
        rules: verified and irreducible.
        contrasts: gadgets that go with a gate set, a coupling map or a family.
        pareto: the best circuits of each target and device.
    """

    path: str
    circuits: int
    sampled: int
    gadgets: list[Gadget]
    patterns: Found
    rules: list[Rule]
    contrasts: list[Contrast]
    pareto: list[Best]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "path": self.path,
            "circuits": self.circuits,
            "sampled": self.sampled,
            "gadgets": [
                {"gates": gadget.gates(), "count": gadget.count, "qasm": to_qasm(gadget.circuit(), 3)}
                for gadget in self.gadgets
            ],
            "patterns": [{"gates": p.text(), "count": count} for p, count in self.frequent(PATTERNS_SHOWN)],
            "ties": [tie.as_dict() for tie in self.patterns.ties.found()],
            "rules": [rule_dict(rule) for rule in self.rules],
            "contrasts": [contrast.as_dict() for contrast in self.contrasts],
            "pareto": [best.as_dict() for best in self.pareto],
            "seconds": self.seconds,
        }

    def frequent(self, count: int) -> list[tuple[Pattern, int]]:
        """Return the most frequent patterns and how often they occur."""
        return sorted(self.patterns.counts.items(), key=lambda item: (-item[1], item[0].steps))[:count]


def mine_dataset(
    folder: Path, *, sample: int = SAMPLE, max_gadgets: int = MAX_GADGETS, gates: Collection[str] = (), seed: int = 0
) -> MineReport:
    """Mine a dataset.

    Args:
        folder: the dataset.
        sample: circuits whose connected parts are looked at for patterns and rules; gadgets are mined from all.
        max_gadgets: gadgets to make.
        gates: gates that rules may introduce, beside those of the dataset.
        seed: of the sample and of the angles at which rules are verified.

    Raises:
        InputError: the folder is no dataset, or a shard is damaged, foreign or of another version.
    """
    started = time.monotonic()
    logger.info("reading circuits")
    read_manifest(folder)
    corpus = read_corpus(folder)
    logger.info("gadgets of %d circuits", len(corpus))
    gadgets = pair_encoding(corpus, max_gadgets)
    logger.info("%d gadgets; patterns", len(gadgets))
    found = frequent_patterns(sample_circuits(folder, sample, seed), WINDOW_GATES)
    present = {kind.name for kind in corpus.kinds} - {"u"}
    logger.info("%d patterns; what may replace them", len(found.counts))
    rules = find_rules(found.counts, present | set(gates), seed)
    return MineReport(
        path=str(folder),
        circuits=len(corpus),
        sampled=found.circuits,
        gadgets=gadgets,
        patterns=found,
        rules=rules,
        contrasts=find_contrasts(corpus, gadgets),
        pareto=pareto_fronts(folder),
        seconds=time.monotonic() - started,
    )
