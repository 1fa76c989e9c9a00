"""Shops that take long to fill, each filled once per run; who changes one takes a copy."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from schwung.app import demo
from schwung.app.demo import NAME, fill_demo, open_demo
from schwung.app.refresh import refresh_all
from schwung.app.simulate import shop_of, simulate
from schwung.app.wiring import Workspace, create_workspace, open_workspace

SIMULATED = '[workspace]\nname = "Kaffeehaus"\nlanguage = "en"\nas_of = "2026-11-20"\n'


PART = """
COPY (
  SELECT * FROM read_parquet($file)
  WHERE "Customer ID" % 8 = 0 OR Invoice LIKE 'A%' OR Invoice = (SELECT max_by(Invoice, InvoiceDate) FROM read_parquet($file))
    OR "Customer ID" IS NULL AND regexp_extract(Invoice, '[0-9]+')::BIGINT % 8 = 0
) TO '{part}' (FORMAT parquet)
"""
"""Every eighth customer and guest of the demo shop, its bad debts, and its last order."""


class Filled(NamedTuple):
    """A workspace, what its import said, and the file that went in."""

    workspace: Workspace
    result: dict[str, Any]
    file: Path
    is_whole: bool


@pytest.fixture(scope="session", params=["part", pytest.param("whole", marks=pytest.mark.heavy)])
def online_retail(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The demo shop with its customer list: an eighth of it, and the whole where time does not matter. Tests that use
    it are of the xdist group "online_retail"."""
    folder = tmp_path_factory.mktemp("demo")
    with as_file(files("schwung.demo_data")) as data, pytest.MonkeyPatch.context() as patched:
        if request.param == "part":
            shutil.copy(data / f"{NAME}.mapping.yaml", folder)
            with duckdb.connect() as connection:
                connection.execute(
                    PART.format(part=folder / f"{NAME}.parquet"), {"file": str(data / f"{NAME}.parquet")}
                )
            patched.setattr(demo, "files", lambda _: folder)
            data = folder
        workspace = open_demo(folder / "shop")
        result = fill_demo(workspace)
        refresh_all(workspace)
        yield Filled(workspace, result, data / f"{NAME}.parquet", request.param == "whole")
    workspace.store.close()


WHOLE = [pytest.mark.heavy, pytest.mark.parametrize("online_retail", ["whole"], indirect=True)]
"""For what holds of the whole demo shop alone."""


def on_whole(test: Any) -> Any:
    for mark in WHOLE:
        test = mark(test)
    return test


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
