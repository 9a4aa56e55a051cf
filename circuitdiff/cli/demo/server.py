"""The web application: a page, and jobs whose events the page follows.  It answers under loopback names alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from circuitdiff.cli.demo.jobs import Job, JobQueue
from circuitdiff.cli.demo.requests import choices, read_request, understood
from circuitdiff.errors import InputError
from circuitdiff.reports.circuit_svg import STYLE

MAX_BODY = 4 << 20
"""Bytes of a request; a unitary on five qubits as text takes a tenth of it."""

HOSTS = ["127.0.0.1", "localhost", "[::1]"]
"""Names under which the page answers: another site cannot reach it through a name of its own (DNS rebinding)."""

_STATIC = {"demo.js": "text/javascript", "demo.css": "text/css"}
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
_KEEP_ALIVE = 10.0
_WAIT = 0.5
"""Seconds for which a thread waits for the next event."""


def make_app(queue: JobQueue) -> Starlette:
    """Return the application, whose jobs go into a queue."""

    async def page(request: Request) -> Response:
        return HTMLResponse(_static("index.html"), headers={"Content-Security-Policy": _POLICY})

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC:
            return JSONResponse({"error": "not found"}, 404)
        style = STYLE if name == "demo.css" else ""
        return Response(_static(name) + style, media_type=_STATIC[name])

    async def offered(request: Request) -> Response:
        return JSONResponse(choices())

    async def understand(request: Request) -> Response:
        return await _answered(request, understood, status=200)  # half a word is no fault

    async def submit(request: Request) -> Response:
        return await _answered(request, lambda sent: {"job": queue.submit(read_request(sent)).number})

    async def events(request: Request) -> Response:
        job = queue.find(request.path_params["number"])
        if job is None:
            return JSONResponse({"error": "no such job"}, 404)
        return StreamingResponse(_events(job, request), media_type="text/event-stream")

    async def cancel(request: Request) -> Response:
        job = queue.find(request.path_params["number"])
        if job is None:
            return JSONResponse({"error": "no such job"}, 404)
        queue.cancel(job)
        return JSONResponse({"cancelled": job.number})

    routes = [
        Route("/", page),
        Route("/static/{name}", static),
        Route("/api/choices", offered),
        Route("/api/understood", understand, methods=["POST"]),
        Route("/api/jobs", submit, methods=["POST"]),
        Route("/api/jobs/{number:int}/events", events),
        Route("/api/jobs/{number:int}/cancel", cancel, methods=["POST"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)])


async def _events(job: Job, request: Request) -> AsyncIterator[str]:
    """Yield a job's events as server-sent events, from the first on, until it is finished or nobody listens."""
    sent, silent = 0, 0.0
    while not await request.is_disconnected():
        found, finished = await asyncio.to_thread(job.after, sent, _WAIT)
        for event in found:
            yield f"data: {json.dumps(event)}\n\n"
        sent, silent = sent + len(found), 0.0 if found else silent + _WAIT
        if finished and not found:
            return
        if silent >= _KEEP_ALIVE:
            silent = 0.0
            yield ": still here\n\n"


async def _answered(
    request: Request, answer: Callable[[dict[str, Any]], dict[str, Any]], status: int = 400
) -> Response:
    """Read a JSON object that was sent, no more than `MAX_BODY` of it, and answer with JSON; errors with a status."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return JSONResponse({"error": "JSON is expected"}, 415)  # which a form of another site cannot send
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return JSONResponse({"error": f"more than {MAX_BODY >> 20} MiB were sent"}, 413)
    try:
        return JSONResponse(await asyncio.to_thread(lambda: answer(_json_object(bytes(body)))))
    except InputError as error:
        return JSONResponse({"error": str(error)}, status)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError("what is sent is a JSON object")
    return value


def _static(name: str) -> str:
    return files("circuitdiff.cli.demo").joinpath("static", name).read_text(encoding="utf-8")
