"""Compiled templates: taken by the next process, not by other code, and not needed."""

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from schwung.web.console import compiled


@pytest.fixture(autouse=True)
def _written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def shown(folder: Path, times: int) -> str:
    """By a process of its own, as far as Jinja knows. What a filter makes of a constant is worked out by the compiler."""
    made = Environment(loader=FileSystemLoader(folder), bytecode_cache=compiled.compiled(folder), autoescape=True)
    made.filters["often"] = lambda number: number * times
    return made.get_template("page.html").render()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text("{{ 2|often }}")
    return tmp_path


def test_a_template_is_compiled_once_by_the_same_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(folder, 2) == "4" == shown(folder, 3), "the latter did not compile it"
    monkeypatch.setattr(compiled, "code_mark", lambda: "other code")
    assert shown(folder, 3) == "6"
    (folder / "page.html").write_text("{{ 3|often }}")
    assert shown(folder, 3) == "9"
    monkeypatch.setattr(compiled, "version", lambda name: f"another {name}")
    assert shown(folder, 4) == "12"


def test_where_nothing_can_be_written_it_is_compiled_again(folder: Path) -> None:
    (folder / "__pycache__").write_text("a file")
    assert shown(folder, 2) == "4" and shown(folder, 3) == "6"


def test_python_says_whether_to_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert shown(folder, 2) == "4" and not (folder / "__pycache__").exists()
