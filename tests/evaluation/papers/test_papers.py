from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from circuitdiff.circuits.entanglement import possible_ranks
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.errors import InputError
from circuitdiff.evaluation.papers.bench import PROTOCOLS, run_papers
from circuitdiff.evaluation.papers.entanglement import rank_vectors
from circuitdiff.models.gate_config import RANKS, UNITARY, GateDenoiserConfig
from tests.small_gate_models import SMALL_GATES, small_gate_model

BOTH = tuple(dict.fromkeys(PRESETS["genqc-discrete"] + PRESETS["genqc-continuous"]))
ON_THREE = replace(SMALL_GATES, gates=BOTH, max_gates=16, conditions=(UNITARY,))
OF_RANKS = replace(SMALL_GATES, gates=("h", "cx"), max_gates=6, num_qubits=8, conditions=(RANKS,))

FIELDS = {"value", "targets", "samples", "seconds", "model", "seed"}
GENERAL = {
    "discrete_3q": ON_THREE,
    "srv_3to5": OF_RANKS,
    "srv_6to8": OF_RANKS,
    "editing": ON_THREE,
}


@pytest.mark.parametrize("key", GENERAL)
def test_protocol_of_general_circuits_gives_a_figure_for_a_model_that_fits(key: str, tmp_path: Path) -> None:
    name = saved(GENERAL[key], tmp_path)
    told = json.loads(json.dumps(run_papers(key, 2, 5, name).as_dict(), allow_nan=False))
    assert list(told) == [key]
    assert FIELDS <= told[key].keys() <= FIELDS | {"reason"}
    assert math.isfinite(told[key]["value"])
    assert (told[key]["model"], told[key]["seed"]) == ("model", 5)
    assert told[key]["targets"] > 0 < told[key]["samples"]


def test_same_seed_gives_the_same_figure(tmp_path: Path) -> None:
    name = saved(OF_RANKS, tmp_path)
    first, second = (run_papers("srv_3to5", 4, 1, name).rows["srv_3to5"] for _ in range(2))
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)


def test_unknown_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="no protocol 'nothing'; there are discrete_3q"):
        run_papers("nothing")


def test_rank_vectors_are_possible_distinct_and_of_every_size() -> None:
    everything = rank_vectors((3, 4, 5), 1000, 0)
    assert len(set(everything)) == len(everything) == PROTOCOLS["srv_3to5"].targets
    assert all(map(possible_ranks, everything))
    assert {len(ranks) for ranks in rank_vectors((6, 7, 8), 3, 0)} == {6, 7, 8}


def saved(config: GateDenoiserConfig, folder: Path) -> str:
    small_gate_model(config).save_pretrained(folder / "model")
    return str(folder / "model")
