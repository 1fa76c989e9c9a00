"""Every command, option and argument says itself in German too, and nothing German is left over."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from schwung.cli import COMMANDS, app
from schwung.cli.german import complaint, frame, texts


def commands(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """Path → command, as they are in English."""
    monkeypatch.setenv("SCHWUNG_LANGUAGE", "en")
    root: Any = get_command(app)

    def below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield path, command
        for name, member in getattr(command, "commands", {}).items():
            yield from below(f"{path} {name}", member)

    for name in COMMANDS:
        yield from below(name, root.get_command(typer.Context(root), name))


def test_every_text_of_the_help_is_german_too(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(commands(monkeypatch))
    said = {
        text
        for command in known.values()
        for one in command.params
        for text in (getattr(one, "help", None), getattr(one, "show_default", None))
        if isinstance(text, str) and text
    }
    assert {*texts()["lines"]} == {*COMMANDS}
    assert {*texts()["commands"]} == {*known, "schwung"}
    assert {*texts()["options"]} == said | {"Show this message and exit."}


def test_german_help_tells_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many paragraphs, the same options named in them."""
    for path, command in commands(monkeypatch):
        english, german = inspect.cleandoc(command.help or ""), texts()["commands"][path]
        told = [part for part in english.split("\n\n") if not part.startswith("Example:")]
        assert len(german.split("\n\n")) == len(told), path
        assert set(re.findall(r"--[a-z-]+", english.split("Example:")[0])) <= set(re.findall(r"--[a-z-]+", german)), (
            path
        )


def test_help_comes_in_the_readers_language() -> None:
    try:
        german = CliRunner(env={"SCHWUNG_LANGUAGE": "de"}).invoke(app, ["measure", "--help"]).output
        assert "Aufruf: " in german and "Optionen" in german and "Beispiel: schwung measure" in german
        assert not re.search(r"Usage|Options|Arguments|default|required|exit", german)
        assert "Befehle:" in CliRunner(env={"SCHWUNG_LANGUAGE": "de"}).invoke(app, ["--help"]).output
        english = CliRunner(env={"SCHWUNG_LANGUAGE": "en"}).invoke(app, ["measure", "--help"]).output
        assert "Usage: " in english and "Options" in english and "Optionen" not in english
    finally:
        frame("en")


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("No such option: --sinc Did you mean --since?", "Eine Option --sinc gibt es nicht."),
        ("Missing argument 'FILE'.", "'FILE' fehlt."),
        ("Invalid value for '--days': Input should be greater than or equal to 1", "Falscher Wert für '--days': mindestens 1."),
        ("Invalid value for '--x': something new", "Falscher Wert für '--x'."),
    ],
)  # fmt: skip
def test_complaints_are_german(english: str, german: str) -> None:
    assert complaint(english) == german
