"""What every test may use, and the table at the end that says what could not run here and why."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schwung.app.wiring import Workspace, create_workspace
from schwung.core.clock import SECOND, Instant, to_instant
from tests.engines import engine, engine_name
from tests.postgres import PostgresServer, binaries

__all__ = ["engine", "engine_name"]

_not_run: dict[str, list[str]] = defaultdict(list)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _not_run[reason.removeprefix("Skipped: ")].append(report.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Per room: how many ran; then per reason: how many did not."""
    rooms: dict[str, int] = defaultdict(int)
    for report in terminalreporter.stats.get("passed", []):
        if report.when == "call":
            rooms["/".join(report.nodeid.split("::")[0].split("/")[1:2])] += 1
    terminalreporter.write_sep("-", "what ran")
    for room, count in sorted(rooms.items()):
        terminalreporter.write_line(f"  {room:<12} {count:>5} passed")
    if _not_run:
        terminalreporter.write_sep("-", "what could not run here, and why")
        for reason, tests in sorted(_not_run.items()):
            terminalreporter.write_line(f"  {len(tests):>5}  {reason}")


class FrozenClock:
    """A clock that stands still until it is told to move. Starts on 20 November 2026, 12:00 UTC."""

    def __init__(self) -> None:
        self.now: Instant = to_instant(datetime(2026, 11, 20, 12, tzinfo=UTC))

    def __call__(self) -> Instant:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One throw-away server per test session."""
    if binaries() is None:
        pytest.skip("PostgreSQL's server binaries are not installed")
    server = PostgresServer()
    yield server
    server.close()


EACH_STORE = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=EACH_STORE)
def store_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A new store of each kind: SQLite (relative to the workspace) and PostgreSQL."""
    yield from _store_urls(request, empty=False)


@pytest.fixture(params=EACH_STORE)
def bare_store_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The same without a schema."""
    yield from _store_urls(request, empty=True)


def _store_urls(request: pytest.FixtureRequest, *, empty: bool) -> Iterator[str]:
    if request.param == "sqlite":
        yield "sqlite:///store.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_database(empty=empty)
    yield url
    server.drop(url)


NewWorkspace = Callable[..., Workspace]


@pytest.fixture
def new_workspace(tmp_path: Path, clock: FrozenClock) -> Iterator[NewWorkspace]:
    """Makes workspaces: `new_workspace(name="shop", store="sqlite:///store.db", more="[lifecycle]\\n…")`."""
    made: list[Workspace] = []

    def make(
        name: str = "shop", store: str = "sqlite:///store.db", more: str = "", zone: str = "Europe/Berlin",
        as_of: str = "now", clock: Callable[[], Instant] = clock,
    ) -> Workspace:  # fmt: skip
        content = (
            f'[workspace]\nname = "{name}"\nzone = "{zone}"\nlanguage = "en"\nas_of = "{as_of}"\n'
            f'[store]\nurl = "{store}"\n{more}'
        )
        made.append(create_workspace(tmp_path / name, content, clock))
        return made[-1]

    yield make
    for workspace in made:
        workspace.store.close()


@pytest.fixture
def workspace(new_workspace: NewWorkspace) -> Workspace:
    """A fresh workspace on SQLite with a frozen clock."""
    return new_workspace()


@pytest.fixture
def each_workspace(new_workspace: NewWorkspace, store_url: str) -> Workspace:
    """A fresh workspace, once on SQLite and once on PostgreSQL."""
    return new_workspace(store=store_url)
