"""A queue of jobs, one of which runs at a time, and the events that each has sent."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from circuitdiff.errors import InputError, NoCircuitError
from circuitdiff.interruption import interrupt, resume

logger = logging.getLogger(__name__)

MAX_WAITING = 8
"""Jobs that may wait; one more is refused."""

MAX_KEPT = 64
"""Jobs that are remembered; the oldest finished one is forgotten first."""

Event = dict[str, Any]
"""What a page is told: ``kind`` and whatever belongs to it, plain data."""


@dataclass
class Job:
    """One compilation, and what it has told so far."""

    number: int
    request: Any
    events: list[Event] = field(default_factory=list)
    finished: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def send(self, kind: str, **data: Any) -> None:
        """Add an event for everybody who follows the job."""
        with self.changed:
            self.events.append({"kind": kind, **data})
            self.changed.notify_all()

    def finish(self) -> None:
        """Say that no event follows."""
        with self.changed:
            self.finished = True
            self.changed.notify_all()

    def after(self, count: int, timeout: float) -> tuple[list[Event], bool]:
        """Wait for events beyond the first ``count``; return them, and whether they are the last.

        Args:
            count: events that are known already.
            timeout: seconds after which an empty answer is given.
        """
        with self.changed:
            self.changed.wait_for(lambda: len(self.events) > count or self.finished, timeout)
            return self.events[count:], self.finished


class JobQueue:
    """Runs jobs one after another in a thread of its own."""

    def __init__(self, run: Callable[[Job], None]) -> None:
        """Take the function that does a job; it sends events, and what it raises ends the job with a message."""
        self._run = run
        self._numbers = itertools.count(1)
        self._jobs: OrderedDict[int, Job] = OrderedDict()
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="circuitdiff-demo", daemon=True)
        self._thread.start()

    def submit(self, request: Any) -> Job:
        """Put a job at the end of the queue.

        Raises:
            InputError: when too many wait already.
        """
        with self._changed:
            if len(self._waiting) >= MAX_WAITING:
                raise InputError(f"{len(self._waiting)} compilations are waiting already; try again later")
            job = Job(next(self._numbers), request)
            self._jobs[job.number] = job
            self._forget_old()
            self._waiting.append(job)
            job.send("queued", ahead=len(self._waiting) - (self._running is None))
            self._changed.notify_all()
        return job

    def find(self, number: int) -> Job | None:
        """Return a job by its number, None where there is none (any more)."""
        with self._changed:
            return self._jobs.get(number)

    def cancel(self, job: Job) -> None:
        """Ask a job to stop; it hands over the best so far, or never starts."""
        with self._changed:
            if job is self._running:
                interrupt()
            elif job in self._waiting:
                self._waiting.remove(job)
                job.send("error", message="cancelled before it began")
                job.finish()

    def close(self, timeout: float = 5.0) -> None:
        """Stop what runs and drop what waits; wait so many seconds at the most for the thread to end."""
        with self._changed:
            self._closed = True
            interrupt()
            self._changed.notify_all()
        self._thread.join(timeout)
        resume()

    def _forget_old(self) -> None:
        for number, job in list(self._jobs.items()):
            if len(self._jobs) <= MAX_KEPT:
                return
            if job.finished:
                del self._jobs[number]

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job.send("started")
                self._run(job)
            except (InputError, NoCircuitError) as error:
                job.send("error", message=str(error))
            except Exception as error:
                logger.exception("job %d failed", job.number)
                job.send("error", message=f"internal error: {type(error).__name__}: {error}")
            with self._changed:
                self._running = None
                if not self._closed:
                    resume()
            job.finish()

    def _next(self) -> Job | None:
        """Wait for a job; None when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._closed)
            if self._closed:
                return None
            self._running = self._waiting.pop(0)
            for ahead, other in enumerate(self._waiting):
                other.send("queued", ahead=ahead + 1)
            return self._running
