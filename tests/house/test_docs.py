"""Docs that can fail: the generated pages are fresh, and everything that can be named is on them."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from schwung.app.wiring import TABLES
from schwung.cli import COMMANDS
from schwung.cli.reference import all_pages
from schwung.cli.reference.errors import codes
from schwung.collect.event_type import EVENT_TYPES
from schwung.core.text import LANGUAGES
from schwung.measure.metrics import METRICS
from schwung.predict.models import MODELS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "schwung"
pages = cache(all_pages)
MODEL_PAGES = ("reference/models.md", "reference/models.de.md")
RAISED = re.compile(r"\b(?:InputError|SetupError|OutsideError)\(\s*\"([a-z0-9_]+)\"")


def test_pages_are_fresh() -> None:
    assert len(pages()) > len(METRICS)
    assert not {path: what for path, text in pages().items() if (what := _difference(path, text))}, "run: make docs"


def _difference(path: str, text: str) -> str | None:
    """The first line that a page should have and has not."""
    page = ROOT / "docs" / path
    written = page.read_text(encoding="utf-8") if page.is_file() else ""
    if written == text:
        return None
    known = written.splitlines()
    return next((line for line in text.splitlines() if line not in known), "the order or number of its lines")


def test_every_error_code_is_documented() -> None:
    """Found by another way than the pages are written: by text, not by syntax."""
    raised = {code for path in SOURCE.rglob("*.py") for code in RAISED.findall(path.read_text(encoding="utf-8"))}
    assert raised
    assert not {code for code in raised if f"`{code}`" not in pages()["reference/errors.md"]}
    assert not [found.code for found in codes() if found.who.startswith("the sender") and not found.texts]


def test_everything_is_documented() -> None:
    assert not [name for name in METRICS for language in LANGUAGES if _metric_page(name, language) not in pages()]
    assert not [name for name in MODELS for page in MODEL_PAGES if f"(`{name}`)\n" not in pages()[page]]
    assert not [name for name in EVENT_TYPES if f"### {name}\n" not in pages()["reference/events.md"]]
    assert not [name for name in TABLES if f"## {name}\n" not in pages()["reference/tables.md"]]
    assert not [name for name, (module, _) in COMMANDS.items() if find_spec(f"schwung.cli.{module}") is None]
    assert not [name for name in COMMANDS if f"## schwung {name}\n" not in pages()["reference/commands.md"]]


def _metric_page(name: str, language: str) -> str:
    return f"reference/metrics/{name}{'' if language == 'en' else '.' + language}.md"
