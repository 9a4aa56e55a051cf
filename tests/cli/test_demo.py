"""The local page: what it takes, one job at a time, reachable from this machine alone, and a browser's view of it."""

from __future__ import annotations

import base64
import io
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.unitaries import named
from circuitdiff.cli.demo.jobs import MAX_WAITING, Job, JobQueue
from circuitdiff.cli.demo.requests import MAX_SECONDS, DemoRequest, read_request, understood
from circuitdiff.cli.demo.work import run_job
from circuitdiff.errors import InputError
from circuitdiff.interruption import is_interrupted
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.target import Target
from tests.browser import check_quiet_and_fitting, chromium, show

uvicorn = pytest.importorskip("uvicorn")
pytest.importorskip("starlette")
pytestmark = pytest.mark.filterwarnings("default")

GIVEN = {"gate_set": "", "coupling": "line", "effort": "fast", "seconds": 20}
QASM = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'


def npy(array: Any) -> str:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(
    ("sent", "kind", "num_qubits"),
    [
        ({"named": "toffoli"}, Target, 3),
        ({"text": "[[0, 1], [1, 0]]"}, Target, 1),
        ({"text": "[[1, 0], [0, -1j]]"}, Target, 1),
        ({"text": "[0.6, 0, 0, 0.8]"}, Target, 2),
        ({"text": '{"000": 0.6, "111": 0.8}'}, Target, 3),
        ({"text": "4 qubits, SRV [2,2,2,1]"}, CircuitSpec, 4),
        ({"file": {"name": "w.npy", "data": npy(named("w:3"))}}, Target, 3),
    ],
)
def test_request_reads_every_kind_of_target(sent: dict[str, Any], kind: type, num_qubits: int) -> None:
    request = read_request(GIVEN | sent)
    assert isinstance(request.given, kind)
    assert request.given.num_qubits == understood(sent)["num_qubits"] == num_qubits


def test_request_reads_pasted_circuits() -> None:
    assert understood({"text": QASM})["text"].startswith("A circuit of 2 gates")
    np.testing.assert_allclose(
        read_request(GIVEN | {"text": "[[[0, 0], [0, -1]], [[0, 1], [0, 0]]]"}).given.columns[1, 0], 1j
    )


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "say what"),
        ({"named": "toffoli", "text": "x"}, "say what"),
        ({"named": "/etc/passwd"}, "no target"),
        ({"text": "__import__('os')"}, "not understood"),
        ({"text": "[__import__('os')]"}, "numbers in brackets"),
        ({"text": "[" * 10_000}, "numbers in brackets"),
        ({"text": "[[1, 1], [1, 1]]"}, "orthonormal"),
        ({"text": "only h"}, "a prompt says"),
        ({"text": 7}, "text is text"),
        ({"file": "name"}, "a file has"),
        ({"file": {"name": "a.npy", "data": "?"}}, "base64"),
        ({"file": {"name": "a.npy", "data": base64.b64encode(b"\x93NUMPY nothing").decode()}}, "a.npy"),
        ({"named": "toffoli", "coupling": "/etc/hosts"}, "coupling map"),
        ({"named": "toffoli", "coupling": "0-1"}, "disconnected"),
        ({"named": "toffoli", "gate_set": "nothing"}, "nothing"),
        ({"named": "toffoli", "effort": "most"}, "effort"),
        ({"named": "toffoli", "seconds": MAX_SECONDS + 1}, "seconds"),
        ({"named": "toffoli", "seconds": True}, "seconds"),
    ],
)
def test_request_is_refused_in_one_line(sent: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        read_request(GIVEN | sent)
    assert "\n" not in str(refused.value)


def finished(job: Job, seconds: float = 60) -> list[dict[str, Any]]:
    ends = time.monotonic() + seconds
    while not job.finished and time.monotonic() < ends:
        job.after(len(job.events), 1.0)
    assert job.finished
    return job.events


def test_queue_runs_one_job_at_a_time_and_refuses_too_many() -> None:
    running, gate = [], threading.Event()

    def work(job: Job) -> None:
        running.append(job.number)
        assert len(running) == 1
        gate.wait(30)
        running.remove(job.number)

    queue = JobQueue(work)
    try:
        jobs = [queue.submit(None)]
        while not running:
            time.sleep(0.01)
        jobs += [queue.submit(None) for _ in range(MAX_WAITING)]
        with pytest.raises(InputError, match="waiting"):
            queue.submit(None)
        queue.cancel(jobs[-1])
        gate.set()
        events = [finished(job) for job in jobs]
        assert events[-1][-1]["kind"] == "error"
        assert [e["ahead"] for e in events[2] if e["kind"] == "queued"][:1] == [2]
    finally:
        queue.close()


def test_queue_stops_what_runs_and_goes_on_with_the_next() -> None:
    def work(job: Job) -> None:
        ends = time.monotonic() + 30
        while job.request and not is_interrupted() and time.monotonic() < ends:
            time.sleep(0.01)
        job.send("result", stopped=is_interrupted())

    queue = JobQueue(work)
    try:
        long, short = queue.submit(True), queue.submit(False)
        while not any(event["kind"] == "started" for event in long.events):
            time.sleep(0.01)
        queue.cancel(long)
        assert finished(long)[-1]["stopped"]
        assert not finished(short)[-1]["stopped"]
    finally:
        queue.close()


def test_work_sends_a_denoising_improvements_and_code() -> None:
    job = Job(1, read_request(GIVEN | {"named": "toffoli", "gate_set": "genqc-continuous", "coupling": "all"}))
    run_job(job)
    kinds = [event["kind"] for event in job.events]
    assert {"frames", "candidate", "result"} <= set(kinds)
    frames = job.events[kinds.index("frames")]
    assert len(frames["frames"]) == len(frames["captions"]) > 3
    result = job.events[-1]
    found = Circuit.from_qasm(result["code"]["OpenQASM 3"])
    assert abs(np.vdot(found.unitary(), named("toffoli"))) / 8 > 1 - 1e-9
    assert json.dumps(job.events)


def test_work_draws_circuits_for_a_prompt() -> None:
    job = Job(1, DemoRequest(CircuitSpec(schmidt_ranks=(2, 2), gates=("h", "cx")), None, "all", "fast", 5.0))
    run_job(job)
    assert job.events[-1]["kind"] == "result"
    assert "[2, 2]" in job.events[-1]["figures"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    from circuitdiff.cli.demo.server import make_app

    queue, listening = JobQueue(run_job), socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(queue), log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    queue.close()


def ask(url: str, sent: Any = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    data = None if sent is None else sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"} | (headers or {}))
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_server_runs_a_job_from_the_request_to_the_result(address: str) -> None:
    status, body = ask(f"{address}/api/jobs", GIVEN | {"text": "[0.6, 0, 0, 0.8]"})
    assert status == 200
    _, stream = ask(f"{address}/api/jobs/{json.loads(body)['job']}/events")
    events = [json.loads(line[6:]) for line in stream.decode().splitlines() if line.startswith("data: ")]
    assert events[-1]["kind"] == "result"
    assert "1 two-qubit gates" in events[-1]["figures"]


def test_server_answers_pages_of_its_own_alone(address: str) -> None:
    assert ask(f"{address}/")[0] == 200
    assert ask(f"{address}/", headers={"Host": "evil.example"})[0] == 400
    job = GIVEN | {"named": "toffoli"}
    assert ask(f"{address}/api/jobs", job, {"Content-Type": "text/plain"})[0] == 415
    assert ask(f"{address}/api/jobs", b"[1]")[0] == 400
    assert ask(f"{address}/api/jobs", b"{" + b" " * (5 << 20))[0] == 413
    assert ask(f"{address}/api/jobs/999/events")[0] == 404
    assert ask(f"{address}/static/server.py")[0] == 404


def test_port_in_use_is_refused_in_one_line(run_cli: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_cli("demo", "--no-browser", "--port", taken.getsockname()[1])
    assert done.returncode == 2
    assert done.stderr.decode().startswith("error: port")


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1100])
def test_page_works_in_a_browser(address: str, width: int) -> None:
    with chromium() as browser:

        def until(script: str, seconds: float = 60) -> None:
            ends = time.monotonic() + seconds
            while not browser.execute_script(f"return {script}"):
                assert time.monotonic() < ends, script
                time.sleep(0.1)

        show(browser, address, width)
        until("document.querySelectorAll('#map .hit').length === 3")
        browser.find_element("id", "text").send_keys("3 qubits, SRV [2,2,2], only h and cx")
        until("document.getElementById('understood').textContent.includes('3 qubits')")
        browser.execute_script("document.querySelector('[data-pair=\"0-2\"]').dispatchEvent(new MouseEvent('click'))")
        browser.execute_script("document.getElementById('run').click()")
        until("!document.getElementById('code').hidden")
        code = browser.find_element("id", "shown").get_attribute("textContent")
        assert Circuit.from_qasm(code).pairs <= {(0, 1), (1, 2)}
        check_quiet_and_fitting(browser, width)
