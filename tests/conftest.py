"""What every test may use."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings

from schwung.app import passwords
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.clock import SECOND, Instant, to_instant
from schwung.lake import shelf
from schwung.stores import open_store
from tests.engines import engine, engine_name
from tests.postgres import PostgresServer, binaries
from tests.served import STATEMENTS

__all__ = ["engine", "engine_name"]
pytest_plugins = ["tests.table", "tests.shops"]

# The same examples in every run: what one finds, all find.
hypothesis_settings.register_profile("seeded", derandomize=True)
hypothesis_settings.load_profile("seeded")

LONGEST = ("spark", "browser", "online_retail")
"""Groups that take minutes, in the order in which the workers take them up."""
ROOMS = ("stories", "contract")
"""What takes seconds a test; all others are quick and fill up the end."""


MEMORY = Path("/dev/shm")
ENOUGH = 6 << 30
"""Bytes that must be free in memory for the folders of all tests."""
_OF_EACH = shelf.Shelf


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Folders of tests lie in memory where there is room: nobody waits for a disk, and what is killed keeps what it
    wrote just as on one. TMPDIR decides otherwise. A matrix is not shared out among cores that are all taken."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH < _free_memory():
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _free_memory() -> int:
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) * 1024


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share what a module or folder sets up once go to one worker; what takes long comes first."""
    for item in items:
        shared = _shared_by(item)
        if shared and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(shared))
    items.sort(key=_turn)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it again."""
    gc.freeze()


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        atexit.register(_end)
    else:
        gc.unfreeze()


def _end() -> None:
    """One of xdist's workers ends at once: to look through all that it imported and take it apart would cost seconds."""
    atexit.unregister(_end)
    atexit._run_exitfuncs()
    os._exit(0)


def _turn(item: pytest.Item) -> int:
    group, room = item.get_closest_marker("xdist_group"), item.path.parent.name
    if group and group.args[0] in LONGEST:
        return LONGEST.index(group.args[0])
    return len(LONGEST) + (ROOMS.index(room) if room in ROOMS else len(ROOMS))


def _shared_by(item: pytest.Item) -> str | None:
    """The widest module or folder below tests/ of which the item uses a fixture that lasts longer than a test; those
    of the house share what they have read of the source."""
    if not isinstance(item, pytest.Function):
        return None
    if item.path.parent.name == "house":
        return str(item.path.name)
    defined = item._fixtureinfo.name2fixturedefs.values()
    places = {found[-1].baseid for found in defined if found[-1].scope != "function"} - {"", "tests"}
    return min(places, key=len, default=None)


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
