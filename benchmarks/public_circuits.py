"""A folder of OpenQASM files through the command line or Qiskit's stage: read or why not, saved, wrong, and how long.

python benchmarks/public_circuits.py FOLDER [--timeout 10] [--effort fast] [--every 1] [-o rows.jsonl]
python benchmarks/public_circuits.py FOLDER --level 3 [--qubits 20-115] [--count 12] [-o rows.jsonl]

Every file has a process of its own, forked from one that has imported everything and compiled a small circuit, and
killed after `PATIENCE`; what a start of the command line costs is measured once and said. Files with the same contents
count once. With ``-o`` a run that is broken off goes on where it stopped.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

PATIENCE = 600.0
"""Seconds after which a process is given up."""

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[3];\nh q[0];\nccx q[0],q[1],q[2];\nmeasure q -> c;\n'
BASIS = ("rz", "sx", "x", "cx")

Row = dict[str, Any]


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--timeout", type=float, default=10.0, show_default=True, help="Given to each compilation, seconds.")
@click.option("--effort", default="fast", show_default=True)
@click.option("--level", type=click.IntRange(0, 3), help="Qiskit's stage at this level, without a limit.")
@click.option("--qubits", default="1-1000", show_default=True, help="With --level: circuits this wide alone.")
@click.option("--count", type=click.IntRange(1), help="With --level: so many circuits, spread over all.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Take each so many-th file.")
@click.option("--processor-clock", is_flag=True, help="Limits are processor seconds: a machine's to itself.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write a row for each file to this file.")
def main(
    folder: Path,
    timeout: float,
    effort: str,
    level: int | None,
    qubits: str,
    count: int | None,
    every: int,
    processor_clock: bool,
    output: Path | None,
) -> None:
    """Compile every file and report."""
    files = distinct(sorted(folder.rglob("*.qasm")))
    if level is not None:
        least, most = map(int, qubits.split("-"))
        files = [file for file in files if "transpiled" not in file.name and least <= width_of(file) <= most]
        files = files[:: max(1, -(-len(files) // (count or len(files))))][:count]
    rows = [json.loads(line) for line in output.read_text().splitlines()] if output and output.exists() else []
    known = {row["file"] for row in rows}
    click.echo(f"a start of the command line takes {warm():.1f} s of processor time", err=True)
    for file in files[::every]:
        name = str(file.relative_to(folder))
        if name not in known:
            compiled = through_command_line(file, timeout, effort) if level is None else through_stage(file, level)
            rows.append({"file": name, "bytes": file.stat().st_size, **forked(compiled, processor_clock)})
            click.echo(json.dumps(rows[-1]), err=True)
            if output is not None:
                with output.open("a") as lines:
                    lines.write(json.dumps(rows[-1]) + "\n")
    click.echo(summary(rows))


def distinct(files: list[Path]) -> list[Path]:
    """Return the files without those that hold what an earlier one does; empty ones go, too."""
    first: dict[str, Path] = {}
    for file in files:
        if file.stat().st_size:
            first.setdefault(sha256(file.read_bytes()).hexdigest(), file)
    return list(first.values())


def width_of(file: Path) -> int:
    """Return how many qubits a file of OpenQASM 2 declares."""
    return sum(map(int, re.findall(r"qreg\s+\w+\s*\[\s*(\d+)\s*\]", file.read_text())))


def warm() -> float:
    """Import everything, compile a small circuit; return the processor seconds of a start of the command line."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.qasm"
        small.write_text(BELL)
        command = [sys.executable, "-m", "circuitdiff", "compile", str(small), "--json", "--cache", "none"]
        subprocess.run(command, capture_output=True, check=True)
        before = os.times()
        subprocess.run(command, capture_output=True, check=True)
        after = os.times()
        through_command_line(small, 10.0, "fast")()
    from qiskit import transpile as transpile  # what a stage imports counts to no circuit

    import circuitdiff_qiskit.stage as stage  # noqa: F401

    return after.children_user + after.children_system - before.children_user - before.children_system


def through_command_line(file: Path, timeout: float, effort: str) -> Callable[[], Row]:
    """Return what compiles a file as the command line does, and says what came of it."""

    def compiled() -> Row:
        from circuitdiff.cli.main import main as command_line

        options = ("--effort", effort, "--timeout", str(timeout), "--cache", "none", "--quiet", "--format", "json")
        with tempfile.TemporaryDirectory() as folder, redirect_stderr(io.StringIO()) as said:
            output = Path(folder) / "result.json"
            try:
                command_line(["compile", str(file), "-o", str(output), *options])
            except SystemExit as stop:
                if not output.exists():
                    line = (said.getvalue().strip() or "nothing said").splitlines()[-1]
                    return {"exit": stop.code, "error": line.split(".qasm: ")[-1][-160:]}
                result = json.loads(output.read_text())
        before, after = result.get("before", {}).get("two_qubit_count"), result["two_qubit_count"]
        return {"exit": 0, "before": before, "after": after, "infidelity": result["infidelity"]}

    return compiled


def through_stage(file: Path, level: int) -> Callable[[], Row]:
    """Return what compiles a file by Qiskit at a level, without and with the stage, and counts its gates."""

    def compiled() -> Row:
        from qiskit import QuantumCircuit, transpile

        circuit = QuantumCircuit.from_qasm_file(str(file))
        settings = {"basis_gates": list(BASIS), "optimization_level": level, "seed_transpiler": 1}
        plain = transpile(circuit, **settings)
        started = time.monotonic(), time.process_time()
        result = transpile(circuit, optimization_method="circuitdiff", **settings)
        row = {"exit": 0, "qubits": circuit.num_qubits, "level": level, "infidelity": None}
        row |= {"stage_seconds": round(time.monotonic() - started[0], 1)}
        row |= {"stage_processor_seconds": round(time.process_time() - started[1], 1)}
        return row | {"before": plain.num_nonlocal_gates(), "after": result.num_nonlocal_gates()}

    return compiled


def forked(compiled: Callable[[], Row], processor_clock: bool) -> Row:
    """Return what came of one file in a process of its own, and the seconds it took."""
    started = time.monotonic()
    with tempfile.NamedTemporaryFile("r") as answer:
        child = os.fork()
        if child == 0:
            if processor_clock:
                time.monotonic = time.process_time
            try:
                row = compiled()
            except BaseException as error:  # a process that dies says why
                row = {"exit": None, "error": f"{type(error).__name__}: {error}"[:160]}
            Path(answer.name).write_text(json.dumps(row))
            os._exit(0)
        ended = 0
        while not ended and time.monotonic() < started + PATIENCE:
            time.sleep(0.02)
            ended, _, used = os.wait4(child, os.WNOHANG)
        if not ended:
            os.kill(child, 9)
            _, _, used = os.wait4(child, 0)
        said = answer.read() if ended else ""
    row = json.loads(said) if said else {"exit": None, "error": "died" if ended else "given up"}
    seconds = {"seconds": time.monotonic() - started, "processor_seconds": used.ru_utime + used.ru_stime}
    return row | {name: round(value, 1) for name, value in seconds.items()}


def summary(rows: list[Row]) -> str:
    """Return the figures of all rows in a few lines."""
    done = [row for row in rows if "after" in row]
    whole = [row for row in done if row["before"] is not None]
    reasons = Counter(f"exit {row['exit']}: {re.sub('[0-9]+', 'N', row['error'])}" for row in rows if "error" in row)
    seconds = sorted(row["seconds"] for row in rows) or [0.0]
    spent = sorted(row["processor_seconds"] for row in rows) or [0.0]
    lines = [
        f"{len(rows)} files, {len(done)} compiled, {len(rows) - len(done)} not",
        f"worse: {sum(row['after'] > row['before'] for row in whole)}",
        f"wrong: {sum((row['infidelity'] or 0.0) > 1e-6 for row in done)}",
        f"checked as a whole: {sum(row['infidelity'] is not None for row in done)}",
        f"two-qubit gates: {sum(row['before'] for row in whole)} before, {sum(row['after'] for row in whole)} after",
        f"fewer: {sum(row['after'] < row['before'] for row in whole)} of {len(whole)}",
        f"seconds: median {seconds[len(seconds) // 2]}, most {seconds[-1]}, above 15: {sum(s > 15 for s in seconds)}",
        f"processor seconds: median {spent[len(spent) // 2]}, most {spent[-1]}, above 15: {sum(s > 15 for s in spent)}",
        *(f"{count} x {reason}" for reason, count in reasons.most_common()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
