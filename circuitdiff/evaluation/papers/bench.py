"""``run_papers``: one protocol after another, each with its seed, on the checkpoints that there are."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from circuitdiff.errors import InputError
from circuitdiff.evaluation.machine import use_one_thread_now
from circuitdiff.evaluation.papers import continuous, discrete, entanglement, masks, speed, structures
from circuitdiff.evaluation.papers.protocol import Protocol, Row, Setting
from circuitdiff.evaluation.papers.refined import refined
from circuitdiff.evaluation.papers.registry import ModelRegistry, NotCoveredError
from circuitdiff.evaluation.papers.report import PapersReport

logger = logging.getLogger(__name__)

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {
        "discrete_3q": Protocol("unitaries made exactly", 64, partial(discrete.compiled, num_qubits=3)),
        "discrete_4q": Protocol("unitaries made exactly", 32, partial(discrete.compiled, num_qubits=4)),
        "discrete_5q": Protocol("unitaries made exactly", 32, partial(discrete.compiled, num_qubits=5)),
        "srv_3to5": Protocol("samples with the asked ranks", entanglement.NUM_SMALL, entanglement.small),
        "srv_6to8": Protocol("samples with the asked ranks", 45, entanglement.large),
        "multimodal_4q_raw": Protocol("best sample under 1.3e-2", 32, continuous.raw),
        "multimodal_4q_searched": Protocol("best sample under 1.3e-2, searching", 32, continuous.searched),
        "multimodal_3q_refined": Protocol("reached to 1e-9", 64, partial(refined, num_qubits=3)),
        "multimodal_4q_refined": Protocol("reached to 1e-9", 32, partial(refined, num_qubits=4)),
        "multimodal_5q_refined": Protocol("reached to 1e-9", 16, partial(refined, num_qubits=5)),
        "qft4": Protocol("least infidelity", 1, continuous.fourier),
        "angles_8cx": Protocol("median error of angles, rad", 48, structures.angle_error),
        "ablation_ratio": Protocol("solved, over those solved blindly", 64, structures.solved_ratio),
        "mask_violations": Protocol("circuits that break a mask", 32, masks.violations),
        "line_mask_ratio": Protocol("solved on a line, over those without", 60, structures.line_ratio),
        "editing": Protocol("circuits whose new half fits", 64, discrete.edited),
        "seconds_64_samples": Protocol("processor seconds", 5, speed.sampling_seconds),
        "stream_3q": Protocol("circuits a processor second", 20 * speed.STREAM_BATCH, speed.stream_rate),
    }
)
"""By key, in the order of the report."""


def run_papers(
    only: str | None = None, targets: int | None = None, seed: int = 0, model: str | None = None
) -> PapersReport:
    """Measure what the papers measured, and what is beyond them, on one thread.

    Args:
        only: key of one protocol; all of `PROTOCOLS` by default.
        targets: how many targets each protocol takes; each its own number by default.
        seed: of targets and draws; no training run draws the same circuits.
        model: checkpoint that serves wherever it fits; else, and elsewhere, the bundled ones do.

    Raises:
        InputError: an unknown key, or a checkpoint that there is not.
    """
    if only is not None and only not in PROTOCOLS:
        raise InputError(f"no protocol {only!r}; there are {', '.join(PROTOCOLS)}")
    use_one_thread_now()
    models = ModelRegistry(model)
    keys = PROTOCOLS if only is None else (only,)
    return PapersReport({key: _row(PROTOCOLS[key], targets, seed, models) for key in keys})


def _row(protocol: Protocol, targets: int | None, seed: int, models: ModelRegistry) -> Row:
    started = time.perf_counter()
    try:
        found = protocol.measure(Setting(targets or protocol.targets, seed, models))
    except NotCoveredError as error:
        return Row(None, 0, 0, time.perf_counter() - started, None, seed, str(error))
    seconds = time.perf_counter() - started
    return Row(found.value, found.targets, found.samples, seconds, found.model, seed, found.reason, found.is_sound)
