"""Other compilers beside ours: each in a warm process of its own, stopped when its time is up."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import MappingProxyType, TracebackType
from typing import NamedTuple, Self

from circuitdiff.errors import InputError, MissingExtraError
from circuitdiff.evaluation.baselines import BQSKIT_METHODS, ENGINES, MappedCircuit, Request

START_SECONDS = 120.0
"""How long a peer may take to load."""


class Peer(NamedTuple):
    """A compiler to measure against: what runs it, and how it is asked."""

    engine: str
    method: str


PEERS: Mapping[str, Peer] = MappingProxyType(
    {
        "qiskit": Peer("qiskit", "o3"),
        "qiskit-free": Peer("qiskit", "free"),
        **{f"bqskit-{method}": Peer("bqskit", method) for method in BQSKIT_METHODS},
    }
)
"""By name; for the methods see `engines`."""

ALIASES: Mapping[str, str] = MappingProxyType({"bqskit": "bqskit-o1"})


class PeerFailure(Exception):  # noqa: N818 - it is an outcome, not an error of ours
    """A peer raised, died or ran out of time; the message says which."""


@dataclass
class _Child:
    process: SpawnProcess
    pipe: Connection


class PeerProcesses:
    """The processes of the peers that take part, as a context; started at first use, and again after a timeout."""

    def __init__(self, names: Sequence[str]) -> None:
        """Check the names.

        Raises:
            InputError: an unknown peer.
            MissingExtraError: a peer that is not installed.
        """
        self.peers = {name: PEERS[name] for name in known_peers(names)}
        self._children: dict[str, _Child] = {}

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them."""
        for engine in list(self._children):
            self._stop(engine)

    def compile(self, name: str, request: Request, timeout: float) -> MappedCircuit:
        """Let a peer compile.

        Raises:
            PeerFailure: it raised, died, or had no answer after ``timeout`` seconds; a hanging one is killed.
        """
        engine = self.peers[name].engine
        child = self._child(engine)
        try:
            child.pipe.send(request)
            if not child.pipe.poll(timeout):
                self._stop(engine)
                raise PeerFailure(f"no answer within {timeout:g} s")
            reply = child.pipe.recv()
        except (EOFError, OSError) as error:
            self._stop(engine)
            raise PeerFailure("its process died") from error
        if isinstance(reply, MappedCircuit):
            return reply
        raise PeerFailure(str(reply))

    def _child(self, engine: str) -> _Child:
        if engine not in self._children:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, engine), name=f"circuitdiff-peer-{engine}")
            process.start()
            theirs.close()
            self._children[engine] = _Child(process, ours)
            self._greet(engine, ours)
        return self._children[engine]

    def _greet(self, engine: str, pipe: Connection) -> None:
        try:
            greeting = pipe.recv() if pipe.poll(START_SECONDS) else f"not ready after {START_SECONDS:g} s"
        except EOFError:
            greeting = "its process died"
        if greeting is not None:
            self._stop(engine)
            raise PeerFailure(f"{engine} does not start: {greeting}")

    def _stop(self, engine: str) -> None:
        """Kill a child with all that it started; there is nothing that it could lose."""
        child = self._children.pop(engine)
        child.pipe.close()
        assert child.process.pid is not None
        try:
            os.killpg(child.process.pid, signal.SIGKILL)
        except ProcessLookupError:  # it ended, or leads no group yet
            child.process.kill()
        child.process.join()


def known_peers(names: Sequence[str]) -> list[str]:
    """Return the full names of peers, each once.

    Raises:
        InputError: an unknown peer.
        MissingExtraError: a peer that is not installed.
    """
    full = list(dict.fromkeys(ALIASES.get(name, name) for name in names))
    for name in full:
        if name not in PEERS:
            raise InputError(f"unknown peer {name!r}; there are: {', '.join((*ALIASES, *PEERS))}")
        if find_spec(PEERS[name].engine) is None:
            raise MissingExtraError(f"peer {name} is not installed: pip install 'circuitdiff[peers]'")
    return full


def _serve(pipe: Connection, engine: str) -> None:
    """Answer requests until the other end closes; leads a process group, so that all of it can be killed."""
    os.setpgrp()
    try:
        run = ENGINES[engine]()
    except Exception as error:
        pipe.send(_one_line(error))
        raise
    pipe.send(None)
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(run(request))
        except Exception as error:
            pipe.send(_one_line(error))


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
