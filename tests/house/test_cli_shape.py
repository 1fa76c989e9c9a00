"""The analyses come in one shape: the same options on the command line, a method of the shop of the same name."""

import inspect
from typing import Any

import pytest
import typer
from typer.main import get_command

from schwung.app.shop import Shop
from schwung.cli import app

ANALYSES = ("funnel", "paths", "visits", "cohorts", "audit", "lifecycle", "acquisition", "journey-map", "flywheel", "diagnose", "report", "measure")  # fmt: skip


@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_has_the_options_of_all(name: str) -> None:
    root: Any = get_command(app)
    options = {flag for one in root.get_command(typer.Context(root), name).params for flag in one.opts}
    assert options >= {"--json", "--since", "--until", "--engine", "--workspace"}
    method = inspect.signature(getattr(Shop, name.replace("-", "_")))
    assert "asked" in method.parameters or {"since", "until", "engine"} <= set(method.parameters)
