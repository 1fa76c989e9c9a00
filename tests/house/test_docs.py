"""Docs that can fail: the generated pages are fresh, and everything that can be named is on them."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from schwung.app.wiring import TABLES
from schwung.cli import COMMANDS
from schwung.cli.reference import all_pages
from schwung.cli.reference.errors import codes
from schwung.collect.event_type import EVENT_TYPES
from schwung.core.text import LANGUAGES
from schwung.measure.metrics import METRICS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "schwung"
PAGES = all_pages()
RAISED = re.compile(r"\b(?:InputError|SetupError|OutsideError)\(\s*\"([a-z0-9_]+)\"")


@pytest.mark.parametrize("path", PAGES)
def test_page_is_fresh(path: str) -> None:
    written = ROOT / "docs" / path
    assert written.is_file(), "run: make docs"
    assert written.read_text(encoding="utf-8") == PAGES[path], "run: make docs"


def test_every_error_code_is_documented() -> None:
    """Found by another way than the pages are written: by text, not by syntax."""
    raised = {code for path in SOURCE.rglob("*.py") for code in RAISED.findall(path.read_text(encoding="utf-8"))}
    assert raised
    assert not {code for code in raised if f"`{code}`" not in PAGES["reference/errors.md"]}
    assert not [found.code for found in codes() if found.who.startswith("the sender") and not found.texts]


def test_everything_is_documented() -> None:
    assert not [name for name in METRICS for language in LANGUAGES if _metric_page(name, language) not in PAGES]
    assert not [name for name in EVENT_TYPES if f"### {name}\n" not in PAGES["reference/events.md"]]
    assert not [name for name in TABLES if f"## {name}\n" not in PAGES["reference/tables.md"]]
    assert not [name for name, (module, _) in COMMANDS.items() if find_spec(f"schwung.cli.{module}") is None]
    assert not [name for name in COMMANDS if f"## schwung {name}\n" not in PAGES["reference/commands.md"]]


def _metric_page(name: str, language: str) -> str:
    return f"reference/metrics/{name}{'' if language == 'en' else '.' + language}.md"
