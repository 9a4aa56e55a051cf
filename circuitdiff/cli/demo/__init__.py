"""``circuitdiff demo``: a local page to play with, one compilation at a time, in the browser."""

from __future__ import annotations

import socket
import webbrowser

import click

from circuitdiff.errors import InputError, MissingExtraError

HOST = "127.0.0.1"
"""The only address that is listened on: nothing leaves the machine, and nothing comes from outside."""

SECONDS_TO_CLOSE = 2


@click.command("demo", short_help="Open a local page to play with.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 for any that is free.")
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def command(port: int, no_browser: bool) -> None:
    """Serve a page on this machine alone: say what a circuit must do, choose a device, watch circuits come about.

    It takes a matrix, amplitudes, OpenQASM or a prompt; compilations run one after another. Ctrl-C ends it.
    """
    try:
        import uvicorn

        from circuitdiff.cli.demo.server import make_app
    except ImportError as error:
        raise MissingExtraError(f"{error.name} is not installed: pip install 'circuitdiff[demo]'") from error
    from circuitdiff.cli.demo.jobs import JobQueue
    from circuitdiff.cli.demo.work import run_job

    with _listening(port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        click.echo(f"circuitdiff demo on {address} (Ctrl-C to end)")
        if not no_browser:
            webbrowser.open(address)
        queue = JobQueue(run_job)
        config = uvicorn.Config(
            make_app(queue), log_level="warning", timeout_graceful_shutdown=SECONDS_TO_CLOSE, server_header=False
        )
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            queue.close()


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise InputError(f"port {port} cannot be used: {error.strerror}; name another with --port") from error
    return listening
