"""Pages of benchmarks, training runs and drawn circuits; a browser has no complaint about any page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import circuitdiff
from circuitdiff.circuits.unitaries import named
from circuitdiff.evaluation.deep import CONTROL, MODEL, DeepReport, DeepRow
from circuitdiff.evaluation.report import BenchReport, Comparison, Outcome
from circuitdiff.generation.generation import Sampling, generate
from circuitdiff.reports.bench_page import bench_page
from circuitdiff.reports.compilation_page import compilation_page
from circuitdiff.reports.denoising import watch
from circuitdiff.reports.generation_page import generation_page
from circuitdiff.reports.training_page import training_page
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.training import training_config
from circuitdiff.training.loop import TrainingReport
from circuitdiff.training.metrics import MetricsLog
from tests.browser import check_quiet_and_fitting, chromium, show

SPEC = CircuitSpec(num_qubits=3, gates=("h", "cx"))


def bench() -> str:
    lines = tuple(
        Comparison(f"<{n}>", "family", 3, None, {"circuitdiff": Outcome(n, 1e-16, n, n), "qiskit": Outcome(2 * n)})
        for n in range(1, 6)
    )
    return bench_page("named", BenchReport({"suite": "named"}, {}, ("circuitdiff", "qiskit"), lines, "one thread"))


def deep() -> str:
    rows = tuple(DeepRow(k, 10, {MODEL: 10 - k, CONTROL: 5}, {MODEL: 0.1, CONTROL: None}) for k in (2, 3, 4))
    return bench_page("deep", DeepReport({"seed": 0}, {}, rows))


def training(folder: Path) -> str:
    log = MetricsLog(folder, 0)
    for step in range(0, 2000, 2):
        log.write(step, step / 10, {"structure": 2.0 - step / 2000, "circuits_per_second": 90.0})
    log.write(2000, 200.0, {"validation_structure": 1.1})
    report = TrainingReport(folder, 2000, 200.0, 10_000, 123_456, {"validation_structure": 1.1})
    return training_page("training", report, training_config("small", {}))


def generation() -> str:
    drawn = generate(SPEC, named("ghz:3"), sampling=Sampling(num_samples=8))
    return generation_page("drawn", drawn, 1.0, watch(SPEC, named("ghz:3")))


def compilation() -> str:
    given = circuitdiff.Circuit.from_gates(2, [("cx", (0, 1), ())] * 2 + [("swap", (0, 1), ())])
    return compilation_page("compiled", circuitdiff.compile(given, effort="fast"), given)


def test_bench_page_shows_counts_a_chart_and_escapes_names() -> None:
    page = bench()
    assert "<b>15</b>two-qubit gates, circuitdiff" in page
    assert "<b>30</b>two-qubit gates, qiskit" in page
    assert "&lt;5&gt;" in page
    assert page.count("<circle") >= 5


def test_training_page_draws_curves_of_a_long_run_in_few_points(tmp_path: Path) -> None:
    page = training(tmp_path)
    assert "123,456" in page
    curve = max(re.findall(r'<path d="([^"]*)"', page), key=len)
    assert 100 < curve.count("L") <= 300
    assert "held out" in page


def test_generation_page_has_one_frame_a_step_and_every_circuit() -> None:
    page = generation()
    steps = int(re.findall(r'max="(\d+)"', page)[0])
    assert page.count("<li>step") == steps
    assert "infidelity" in page


@pytest.mark.slow
@pytest.mark.parametrize("make", [bench, deep, training, generation, compilation], ids=lambda make: make.__name__)
def test_page_is_quiet_in_a_browser_and_fits_its_width(make: Callable[..., str], tmp_path: Path) -> None:
    text = training(tmp_path) if make is training else make()
    links = re.findall(r"(?:src|href)=\"([^\"]*)\"|url\(([^)]*)\)|@import", text)
    assert {link for pair in links for link in pair if link} <= {"data:,"}
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    with chromium() as browser:
        for width in (390, 1200):
            show(browser, (tmp_path / "page.html").as_uri(), width)
            check_quiet_and_fitting(browser, width)
        if make is generation:
            move = "const s = document.getElementById('step'); s.value = 0; s.dispatchEvent(new Event('input'))"
            browser.execute_script(move)
            assert browser.find_element("id", "caption").text.startswith("step 0")
