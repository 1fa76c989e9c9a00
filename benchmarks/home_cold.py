"""All figures of the home page, asked of a server that has just started: nothing is in its memory, nothing compiled."""

import re
import time
from collections.abc import Iterator
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
from schwung.lake.prepared import Statement
from schwung.web.app import create_app

_MOST = 6.0
_READ = re.compile(r'"(kept_)?[a-z_]+_[0-9a-f]{32}"')
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
    note = f"{parts} parts, {statements} statements, {scans} scans of tables in the lake, {kept} of rows kept in memory"
    return [
        Figure(
            "all figures of the home page shown after a restart, with their age",
            "s", painted, "lower", bar=_MOST, note="one answer; kept from the run before",
        ),
        Figure("the same, until all are computed anew", "s", renewed, "lower", note="the page loads its parts by itself"),
        Figure("all figures of the home page where nothing is kept", "s", first, "lower", bar=_MOST, note=note),
        Figure("work of the server for them", "CPU-s", work, "lower"),
    ]  # fmt: skip


def _visited(server: Server, session: str, *, is_kept: bool) -> tuple[float, float, float, int]:
    """The page and its parts, one after the other: seconds of all, of the page alone, of the processor; parts loaded."""
    browser = Browser(server, session)
    browser.open("/health-check")
    used, began = server.cpu_seconds(), time.perf_counter()
    _, text = browser.open("/")
    page = time.perf_counter() - began
    if is_kept and 'class="s-later' in text:
        raise RuntimeError("a part of the page was not kept")
    parts = list(dict.fromkeys(LOADED.findall(text)))
    for part in parts:
        browser.open(part, part=True)
    return time.perf_counter() - began, page, server.cpu_seconds() - used, len(parts)


def _forget_kept(folder: Path) -> None:
    workspace = open_workspace(folder)
    try:
        with workspace.store.write() as tx:
            tx.run("kept.drop_all")
    finally:
        workspace.store.close()


def _counted(workspace: Workspace, session: str) -> tuple[int, int, int]:
    """Statements behind the page; how often they read a table of the lake (its folded and its later rows are one read),
    and how often rows that are kept in memory."""
    asked: list[str] = []
    client = TestClient(create_app(workspace), base_url="http://127.0.0.1")
    client.cookies.set("schwung_session", session)
    with _noted(asked):
        for address in LOADED.findall(client.get("/").text):
            client.get(address.replace("&amp;", "&"), headers={"HX-Request": "true"})
    reads = [found[1] for sql in asked for found in _READ.finditer(sql)]
    return len(asked), reads.count(None), len(reads) - reads.count(None)


@contextmanager
def _noted(asked: list[str]) -> Iterator[None]:
    """Every statement that DuckDB is asked meanwhile."""
    over, run, keep = Statement.over, DuckDBEngine.run, DuckDBEngine.keep

    def note(sql: Any) -> Any:
        asked.append(str(sql))
        return sql

    with ExitStack() as stack:
        for owner, name, seen in (
            (Statement, "over", lambda one, relations, moment: note(over(one, relations, moment))),
            (DuckDBEngine, "run", lambda one, rows: (note(one.backend.compile(rows)), run(one, rows))[1]),
            (DuckDBEngine, "keep", lambda one, rows, name: (note(one.backend.compile(rows)), keep(one, rows, name))[1]),
        ):
            stack.enter_context(mock.patch.object(owner, name, seen))
        yield
