"""Shops that take long to fill, each filled once per run; who changes one takes a copy."""

import fcntl
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from schwung.app.demo import fill_demo, open_demo
from schwung.app.refresh import refresh_all
from schwung.app.simulate import shop_of, simulate
from schwung.app.wiring import Workspace, create_workspace, open_workspace

SIMULATED = '[workspace]\nname = "Kaffeehaus"\nlanguage = "en"\nas_of = "2026-11-20"\n'


class Filled(NamedTuple):
    """A workspace, and what its import said."""

    workspace: Workspace
    result: dict[str, Any]


@pytest.fixture(scope="session")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The demo shop with its customer list. Tests that use it are of the xdist group "online_retail"."""
    workspace = open_demo(tmp_path_factory.mktemp("demo") / "shop")
    result = fill_demo(workspace)
    refresh_all(workspace)
    yield Filled(workspace, result)
    workspace.store.close()


@pytest.fixture(scope="session")
def simulated_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the coffee roaster on DuckDB and SQLite: 700 customers, 760 days to 20 November 2026, all mirrored.

    Filled once for all of xdist's workers, with the truth beside it. For reading only: a test that changes something
    takes a copy, `shutil.copytree(simulated_shop, tmp_path / "shop")`.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, filled = shared / "simulated", shared / "simulated.filled"
    with (shared / "simulated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not filled.exists():
            _simulate(folder)
            filled.touch()
    return folder


def _simulate(folder: Path) -> None:
    workspace = create_workspace(folder, SIMULATED)
    simulate(workspace, shop_of(workspace, 7, 700, 760, date(2026, 11, 20)))
    refresh_all(workspace)
    workspace.store.close()


@pytest.fixture(scope="session")
def simulated_workspace(simulated_shop: Path) -> Iterator[Workspace]:
    """The same, open for reading."""
    workspace = open_workspace(simulated_shop)
    yield workspace
    workspace.store.close()
