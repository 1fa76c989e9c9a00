"""What every test may use."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from schwung.app import passwords
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.clock import SECOND, Instant, to_instant
from schwung.lake import shelf
from schwung.stores import open_store
from tests.engines import engine, engine_name
from tests.postgres import PostgresServer, binaries
from tests.served import STATEMENTS

__all__ = ["FrozenClock", "NewWorkspace", "engine", "engine_name"]

_OF_EACH = shelf.Shelf


class FrozenClock:
    """A clock that stands still until it is told to move. Starts on 20 November 2026, 12:00 UTC."""

    def __init__(self) -> None:
        self.now: Instant = to_instant(datetime(2026, 11, 20, 12, tzinfo=UTC))

    def __call__(self) -> Instant:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hashes that cost little; test_passwords.py looks at those of everyday."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What one of xdist's workers compiled the others need not, nor what they serve: a statement is the same for every
    shop."""
    folder = tmp_path_factory.getbasetemp().parent / "statements"

    class Shared(shelf.Shelf):
        def __init__(self, _: Path) -> None:
            super().__init__(folder)

    with pytest.MonkeyPatch.context() as patched:
        if "PYTEST_XDIST_WORKER" in os.environ:
            folder.mkdir(exist_ok=True)
            patched.setattr(shelf, "Shelf", Shared)
            patched.setenv(STATEMENTS, str(folder))
        yield


@pytest.fixture
def own_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test compiles no other gets; nor does it get what others have."""
    monkeypatch.setattr(shelf, "Shelf", _OF_EACH)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One throw-away server per test session."""
    if binaries() is None:
        pytest.skip("PostgreSQL's server binaries are not installed")
    try:
        server = PostgresServer()
    except PermissionError:
        pytest.skip("PostgreSQL's server binaries lie where only root may run them, and the server refuses root")
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


@pytest.fixture(scope="session")
def _new_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store with the present schema and nothing in it, to be copied."""
    folder = tmp_path_factory.mktemp("model")
    open_store("sqlite:///store.db", folder).close()
    return folder / "store.db"


@pytest.fixture
def new_workspace(tmp_path: Path, clock: FrozenClock, _new_sqlite: Path) -> Iterator[NewWorkspace]:
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
        folder = tmp_path / name
        if store == "sqlite:///store.db":
            folder.mkdir(exist_ok=True)
            shutil.copy(_new_sqlite, folder / "store.db")
        made.append(create_workspace(folder, content, clock))
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
