"""How tests are run; what they use is in tests/fixtures.py."""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings


def _only_shares_out(arguments: list[str]) -> bool:
    """Whether this process runs no test itself, for it starts xdist's workers: then it need not import what tests use."""
    asked = [
        (short[2:] or count) for short, count in zip(arguments, [*arguments[1:], ""], strict=True) if short[:2] == "-n"
    ]
    collects = {"--collect-only", "--co", "--fixtures"} & {*arguments}
    return "PYTEST_XDIST_WORKER" not in os.environ and not collects and any(one not in ("", "0") for one in asked)


__all__ = ["FrozenClock", "NewWorkspace"]
pytest_plugins = ["tests.table"]
if not _only_shares_out(sys.argv):
    pytest.register_assert_rewrite("tests.fixtures")
    from tests.fixtures import FrozenClock, NewWorkspace

    pytest_plugins += ["tests.fixtures", "tests.shops"]

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
