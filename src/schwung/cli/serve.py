"""schwung serve and schwung worker: the two processes of a workspace."""

import asyncio
import contextlib
import errno
import gc
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schwung.cli.output import HERE, WorkspaceOption, language
from schwung.core.errors import SetupError
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.app.wiring import Workspace

app = typer.Typer()

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_STOP_SECONDS = 20.0
_TEXTS = {
    "serving": Text(en="schwung serves {folder} at {address}", de="schwung bedient {folder} unter {address}"),
    "link": Text(
        en="No operator has a password yet. Sign in once with: {link}",
        de="Noch hat niemand ein Passwort. Einmalig anmelden mit: {link}",
    ),
}


@app.command("serve")
def serve(
    workspace: WorkspaceOption = HERE,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all.", show_default="from schwung.toml")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on.", show_default="from schwung.toml")
    ] = None,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Start the worker as a child process.")] = True,
    console: Annotated[bool, typer.Option("--console/--no-console", help="Serve the console besides intake.")] = True,
) -> None:
    """Serve console and intake, and start the worker.

    Ready when /health answers. Stops on Ctrl-C or SIGTERM, after finishing what it has begun.
    """
    gc.disable()  # until all is imported: nothing of it becomes garbage
    from schwung.app.log import configure_log
    from schwung.app.wiring import open_workspace

    configure_log()
    opened = open_workspace(workspace)
    host, port = host or opened.settings.serve.host, port or opened.settings.serve.port
    address = _usable_address(host, port)
    opened.store  # noqa: B018  a store that cannot be opened is told before anything starts
    child = WorkerChild(opened.folder) if worker else None
    try:
        _serve(opened, address, port, child, console=console)
    finally:
        if child:
            child.stop()
        opened.store.close()


@app.command("worker")
def worker(
    workspace: WorkspaceOption = HERE,
    child: Annotated[bool, typer.Option("--child", hidden=True, help="End when standard input ends.")] = False,
) -> None:
    """Run the worker alone: unify, mirror, refresh, fold, nightly work. Any number may run; one works at a time."""
    from schwung.app.log import configure_log
    from schwung.app.wiring import open_workspace
    from schwung.app.worker import run_worker

    configure_log()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if child:
        threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
    opened = open_workspace(workspace)
    try:
        run_worker(opened, stop)
    finally:
        opened.store.close()


def _stop_with_parent(stop: threading.Event) -> None:
    """The parent holds the other end of our standard input: however it ends, the input ends."""
    with contextlib.suppress(OSError, ValueError):
        while sys.stdin.buffer.read(4096):
            pass
    stop.set()


def _usable_address(host: str, port: int) -> str:
    """The numeric address of `host`. SetupError before anything starts: the server would share a busy port silently."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return str(address[0])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                "port_busy",
                Text(en="Something listens on port {port} already.", de="Auf Port {port} lauscht schon etwas.").fill(
                    port=port
                ),
                Text(en="Stop it, or choose another with --port.", de="Beenden oder mit --port einen anderen wählen."),
            ) from error
        raise SetupError(
            "address_unusable",
            Text(
                en="Port {port} on {host} cannot be used: {why}.",
                de="Port {port} auf {host} ist nicht benutzbar: {why}.",
            ).fill(port=port, host=host, why=error.strerror or error),
            Text(en="Choose others with --host and --port.", de="Mit --host und --port andere wählen."),
        ) from error


class WorkerChild:
    """The worker as a child process: started when the server listens and again when it dies, ended with us."""

    def __init__(self, folder: Path) -> None:
        self._command = [sys.executable, "-m", "schwung", "worker", "--child", "--workspace", str(folder)]
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._child = self._spawn()
        threading.Thread(target=self._watch, args=(self._child,), name="worker child", daemon=True).start()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, stdin=subprocess.PIPE)

    def _watch(self, child: "subprocess.Popen[bytes]") -> None:
        from schwung.app.log import log

        pause, started = _SHORTEST_PAUSE, time.monotonic()
        while not self._stopping.is_set():
            code = child.wait()
            if time.monotonic() - started > _LONGEST_PAUSE * 2:
                pause = _SHORTEST_PAUSE  # it worked for a while
            if self._stopping.wait(pause):
                return
            log("worker_restarted", level="warning", exit_code=code)
            pause, started = min(pause * 2, _LONGEST_PAUSE), time.monotonic()
            with contextlib.suppress(OSError):  # no memory for another process: the next round tries again
                self._child = child = self._spawn()

    def stop(self) -> None:
        self._stopping.set()
        child = self._child
        if child is None:
            return
        child.terminate()
        with contextlib.suppress(OSError):
            child.stdin.close()  # type: ignore[union-attr]
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()


def _serve(workspace: "Workspace", host: str, port: int, child: WorkerChild | None, *, console: bool) -> None:
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

    from schwung.web.app import create_app

    if console:
        from schwung.app.fresh import keep_warm

        keep_warm(workspace)
    server = Server(
        create_app(workspace, console=console),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        backlog=1024,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        log_enabled=False,
    )
    _settle_memory()
    asyncio.run(_until_stopped(server, workspace, host, port, child, console=console))


def _settle_memory() -> None:
    """The intake makes very many short-lived objects and no cycles: look for those rarely, and not among the modules.

    The writer's thread gets its turn within a millisecond instead of five: it holds up all who wait for its commit.
    """
    gc.freeze()  # without a look at all that was imported: it costs a quarter of a second and finds next to nothing
    gc.enable()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.001)


async def _until_stopped(
    server: Any, workspace: "Workspace", host: str, port: int, child: WorkerChild | None, *, console: bool
) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    serving = asyncio.create_task(server.serve())
    while not serving.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            break
        await asyncio.sleep(0.01)
    if not serving.done():
        if child:
            child.start()  # not before: both would wait for the processor
        await asyncio.to_thread(_greet, workspace, host, port, console=console)
    await serving


def _greet(workspace: "Workspace", host: str, port: int, *, console: bool) -> None:
    from schwung.app.access import one_time_link

    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else f"[{host}]" if ":" in host else host
    address = workspace.settings.serve.public_url.rstrip("/") or f"http://{shown}:{port}"
    spoken = language()
    typer.echo(_TEXTS["serving"].fill(folder=workspace.folder, address=address).in_(spoken))
    if console and (path := one_time_link(workspace)):
        typer.echo(_TEXTS["link"].fill(link=address + path).in_(spoken))
    sys.stdout.flush()
