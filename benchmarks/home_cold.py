"""All figures of the home page, asked of a server that has just started: nothing is at hand, nothing compiled."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from fastapi.testclient import TestClient

from benchmarks.console_pages import LOADED, Browser, filled, session_of
from benchmarks.figure import Figure
from benchmarks.running import serving
from schwung.app.fresh import forget_cached
from schwung.app.wiring import Workspace, open_workspace
from schwung.lake.engines.duckdb import DuckDBEngine
from schwung.lake.prepared import Statement
from schwung.web.app import create_app

_MOST = 6.0
_READ = re.compile(r'"(kept_)?[a-z_]+_[0-9a-f]{32}"')
"""A table of the lake, or what is kept of one, in a statement."""


def run(repeats: int, scale: str) -> list[Figure]:
    """From the request of the page to the last of its parts, one after the other; the server starts anew each time."""
    folder = filled(scale)
    session = session_of(folder)
    seconds, parts = [], 0
    for _ in range(repeats):
        with serving(folder) as server:
            browser = Browser(server, session)
            browser.open("/health-check")
            began = time.perf_counter()
            browser.visit("/")
            seconds.append(time.perf_counter() - began)
            parts = len(browser.taken) - 2
    workspace = open_workspace(folder)
    try:
        statements, scans, kept = _counted(workspace, session)
    finally:
        forget_cached()
        workspace.store.close()
    note = f"{parts} parts, {statements} statements, {scans} scans of tables in the lake, {kept} of rows kept in memory"
    return [Figure("all figures of the home page, cold", "s", seconds, "lower", bar=_MOST, note=note)]


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
