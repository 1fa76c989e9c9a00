"""The demo shop: a workspace of its own, filled from the package's data by the normal import."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from schwung.app.import_mapping import load_mapping
from schwung.app.imports import Told, import_file
from schwung.app.settings import FILE_NAME
from schwung.app.wiring import Workspace, create_workspace, open_workspace
from schwung.core.clock import Clock, system_clock
from schwung.core.text import Language

NAME = "online_retail_2009_2010"
SOURCE = "online_retail"
CREDIT = (
    "Data: Chen, D. (2019). Online Retail II. UCI Machine Learning Repository. https://doi.org/10.24432/C5CG6D · "
    "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/ · converted"
)
_SETTINGS = """\
# The demo shop. Every setting is described in docs/reference/settings.md.

[workspace]
name = "Online Retail (demo)"
zone = "Europe/London"
currency = "GBP"
language = "{language}"
as_of = "last_fact"
data_credit = "{credit}"

[store]
url = "sqlite:///store.db"

[lake]
path = "lake"

[serve]
host = "127.0.0.1"
port = 8080
"""


def open_demo(folder: Path, language: Language = "en", clock: Clock = system_clock) -> Workspace:
    """The demo's workspace in `folder`, created where there is none."""
    if (folder / FILE_NAME).exists():
        return open_workspace(folder, clock)
    return create_workspace(folder, _SETTINGS.format(language=language, credit=CREDIT), clock)


def is_filled(workspace: Workspace) -> bool:
    with workspace.store.read() as tx:
        return tx.row("imports.done_of_source", source=SOURCE) is not None


def fill_demo(workspace: Workspace, told: Told = lambda *_: None) -> dict[str, Any]:
    """Import the shop's file; an import that was stopped goes on."""
    data = files("schwung.demo_data")
    with as_file(data / f"{NAME}.parquet") as path, as_file(data / f"{NAME}.mapping.yaml") as rules:
        return import_file(workspace, path, load_mapping(workspace, rules), told)
