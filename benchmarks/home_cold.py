"""All figures of the home page, asked of a server that has just started: nothing is in its memory, nothing compiled.

Cold means two things, and both are measured. After a restart: the store holds the answers that the server before left; orders
came in since, so none of them is still true. From nothing: the store holds no answer either, and no statement lies compiled;
what the worker works out once a night is there (`app/lasting.py`). The page asks for its parts as a browser does, six at once.
"""

import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from fastapi.testclient import TestClient

from benchmarks.console_pages import LOADED, Browser, filled, session_of
from benchmarks.figure import Figure
from benchmarks.running import Server, serving, write_key
from schwung.app.fresh import forget_cached
from schwung.app.simulate_live import send
from schwung.app.wiring import Workspace, open_workspace
from schwung.lake.engines.duckdb import DuckDBEngine
from schwung.lake.shelf import FOLDER
from schwung.web.app import create_app

_MOST = 6.0
_AT_ONCE = 6
"""Connections that a browser opens to one server."""
_READ = re.compile(r'"(kept_)?([a-z_]+)_[0-9a-f]{32}"')
"""A table of the lake, or what is kept of one, in a statement."""


def run(repeats: int, scale: str) -> list[Figure]:
    """Each time two servers are started. The first one finds nothing kept. Before the second one orders came in, so what it
    finds kept is no longer true: it shows it with its age and computes all anew."""
    folder = filled(scale)
    key, session = write_key(folder, "cold"), session_of(folder)
    first, painted, renewed, work = [], [], [], []
    parts = 0
    for seed in range(repeats):
        _forget_kept(folder)
        with serving(folder) as server:
            seconds, _, used, parts = _visited(server, session, is_kept=False)
            first.append(seconds)
            work.append(used)
            send(server.url, key, rate=20, seconds=2, seed=900 + seed)
            time.sleep(5)  # until they are facts
        with serving(folder) as server:
            seconds, page, _, due = _visited(server, session, is_kept=True)
            renewed.append(seconds)
            painted.append(page)
            if not due:
                raise RuntimeError("nothing was due: no order became a fact in time")
    workspace = open_workspace(folder)
    try:
        statements, scans, kept = _counted(workspace, session)
    finally:
        forget_cached()
        workspace.store.close()
    told = ", ".join(f"{name} {count}" for name, count in scans.most_common())
    note = (
        f"nothing in memory, nothing kept; {parts} parts, {statements} statements; {scans.total()} scans of tables in the "
        f"lake ({told}), {kept} of rows held in memory"
    )
    return [
        Figure(
            "all figures of the home page shown after a restart, with their age",
            "s", painted, "lower", bar=_MOST, note="one answer; kept by the server before it, older than the newest orders",
        ),
        Figure("the same, until all are computed anew", "s", renewed, "lower", note="the page loads its parts by itself"),
        Figure("all figures of the home page where nothing is kept", "s", first, "lower", bar=_MOST, note=note),
        Figure("work of the server for them", "CPU-s", work, "lower"),
    ]  # fmt: skip


def _visited(server: Server, session: str, *, is_kept: bool) -> tuple[float, float, float, int]:
    """The page, then its parts as a browser loads them: seconds of all, of the page alone, of the processor; parts loaded."""
    browser = Browser(server, session)
    browser.open("/health-check")
    used, began = server.cpu_seconds(), time.perf_counter()
    _, text = browser.open("/")
    page = time.perf_counter() - began
    if is_kept and 'class="s-later' in text:
        raise RuntimeError("a part of the page was not kept")
    parts = list(dict.fromkeys(LOADED.findall(text)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda part: browser.open(part, part=True), parts))
    return time.perf_counter() - began, page, server.cpu_seconds() - used, len(parts)


def _forget_kept(folder: Path) -> None:
    workspace = open_workspace(folder)
    try:
        with workspace.store.write() as tx:
            tx.run("kept.drop_all")
        shutil.rmtree(workspace.beside_lake(FOLDER), ignore_errors=True)
    finally:
        workspace.store.close()


def _counted(workspace: Workspace, session: str) -> tuple[int, Counter[str], int]:
    """Statements behind the page; how often they read each table of the lake (its folded and its later rows are one read),
    and how often rows that are held in memory."""
    asked: list[str] = []
    client = TestClient(create_app(workspace), base_url="http://127.0.0.1")
    client.cookies.set("schwung_session", session)
    with _noted(asked):
        for address in LOADED.findall(client.get("/").text):
            client.get(address.replace("&amp;", "&"), headers={"HX-Request": "true"})
    reads = [found for sql in asked for found in _READ.finditer(sql)]
    return len(asked), Counter(found[2] for found in reads if not found[1]), sum(1 for found in reads if found[1])


@contextmanager
def _noted(asked: list[str]) -> Iterator[None]:
    """Every statement that DuckDB is asked meanwhile."""
    prepared, run, keep = DuckDBEngine._statement, DuckDBEngine.run, DuckDBEngine.keep

    def note(found: Any, sql: str) -> Any:
        asked.append(sql)
        return found

    with ExitStack() as stack:
        for name, seen in (
            ("_statement", lambda one, *given: note(found := prepared(one, *given), found[0])),
            ("run", lambda one, rows: note(run(one, rows), str(one.backend.compile(rows)))),
            ("keep", lambda one, rows, name: note(keep(one, rows, name), str(one.backend.compile(rows)))),
        ):
            stack.enter_context(mock.patch.object(DuckDBEngine, name, seen))
        yield
