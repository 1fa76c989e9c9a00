"""All figures of the home page, asked of a server that has just started: nothing is in its memory.

Cold means three things, and all are measured. After a restart: the store holds the answers that the server before left; orders
came in since, so none of them is still true. Nothing kept: the store holds no answer; what the worker does once a night is
there (`app/lasting.py`, compiled statements). From nothing: no statement lies compiled either. The page asks for its parts as
a browser does, six at once.
"""

import re
import shutil
import threading
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
from schwung.app.chores import do_due_chores
from schwung.app.fresh import MOST_AGE, forget_cached
from schwung.app.home_figures import ask_home
from schwung.app.publish import newest_snapshot
from schwung.app.simulate_live import send
from schwung.app.wiring import Workspace, open_workspace
from schwung.core.clock import SECOND
from schwung.lake.engines.duckdb import DuckDBEngine
from schwung.lake.shelf import FOLDER
from schwung.web.app import create_app

_MOST = 6.0
_FACT_WITHIN = 120.0
"""Seconds in which what was sent has to become a fact, beside all else that the worker of a server just started does."""
_AT_ONCE = 6
"""Connections that a browser opens to one server."""
_READ = re.compile(r'"(kept_)?([a-z_]+)_[0-9a-f]{32}"')
"""A table of the lake, or what is kept of one, in a statement."""


def run(repeats: int, scale: str) -> list[Figure]:
    """Each time three servers are started. The first one finds nothing, the second one statements. Before the third one
    orders came in, so what it finds kept is no longer true: it shows it with its age and computes all anew."""
    folder = filled(scale)
    key, session = write_key(folder, "cold"), session_of(folder)
    nothing, first, painted, renewed, work = [], [], [], [], []
    parts = 0
    for seed in range(repeats):
        _spend_a_night(folder)
        _forget(folder, statements=True)
        with serving(folder) as server:
            nothing.append(_visited(server, session, is_kept=False)[0])
        _spend_a_night(folder)
        _forget(folder)
        with serving(folder) as server:
            seconds, _, used, parts = _visited(server, session, is_kept=False)
            first.append(seconds)
            work.append(used)
            known = _published(folder)
            send(server.url, key, rate=20, seconds=2, seed=900 + seed)
            _wait_for_a_fact(folder, known)
            time.sleep(MOST_AGE / SECOND)  # younger answers are shown as they are
        with serving(folder) as server:
            seconds, page, _, due = _visited(server, session, is_kept=True)
            renewed.append(seconds)
            painted.append(page)
            if not due:
                raise RuntimeError("nothing was due although orders came in")
    with _opened(folder) as workspace:
        try:
            statements, scans, kept = _counted(workspace, session)
        finally:
            forget_cached()
    told = ", ".join(f"{name} {count}" for name, count in scans.most_common())
    note = (
        f"nothing in memory, no answer kept; {parts} parts, {statements} statements; {scans.total()} scans of tables in the "
        f"lake ({told}), {kept} of rows held in memory"
    )
    return [
        Figure(
            "all figures of the home page shown after a restart, with their age",
            "s", painted, "lower", bar=_MOST, note="one answer; kept by the server before it, older than the newest orders",
        ),
        Figure("the same, until all are computed anew", "s", renewed, "lower", note="the page loads its parts by itself"),
        Figure("all figures of the home page where no answer is kept", "s", first, "lower", bar=_MOST, note=note),
        Figure("work of the server for them", "CPU-s", work, "lower"),
        Figure("the same where no statement lies compiled either", "s", nothing, "lower", note="until the next night"),
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


@contextmanager
def _opened(folder: Path) -> Iterator[Workspace]:
    workspace = open_workspace(folder)
    try:
        yield workspace
    finally:
        workspace.store.close()


def _spend_a_night(folder: Path) -> None:
    """What the worker does of itself, so that it does not do it while the page is measured."""
    with _opened(folder) as workspace:
        do_due_chores(workspace, threading.Event())
        ask_home(workspace)


def _forget(folder: Path, *, statements: bool = False) -> None:
    with _opened(folder) as workspace:
        with workspace.store.write() as tx:
            tx.run("kept.drop_all")
        if statements:
            shutil.rmtree(workspace.beside_lake(FOLDER), ignore_errors=True)


def _published(folder: Path) -> int:
    with _opened(folder) as workspace, workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    return 0 if snapshot is None else snapshot.batch_no


def _wait_for_a_fact(folder: Path, known: int) -> None:
    until = time.monotonic() + _FACT_WITHIN
    while _published(folder) <= known:
        if time.monotonic() > until:
            raise RuntimeError(f"no order became a fact within {_FACT_WITHIN:.0f} s")
        time.sleep(0.2)


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
