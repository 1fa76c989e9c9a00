"""Shops that take long to fill, each filled once per run; who changes one takes a copy."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from schwung.app.demo import fill_demo, open_demo
from schwung.app.refresh import refresh_all
from schwung.app.wiring import Workspace


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
