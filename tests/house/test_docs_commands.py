"""Every `schwung …` command that stands in the docs is one that the command line understands."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from schwung.cli import COMMANDS, app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.M | re.S)
_INLINE = re.compile(r"`(schwung [a-z][^`]*)`")
_LINE = re.compile(r"^\s*(schwung [a-z].*)$", re.M)


def commands_of(text: str) -> list[str]:
    found = [line for block in _BLOCK.findall(text) for line in _LINE.findall(block)]
    return [*found, *_INLINE.findall(_BLOCK.sub("", text))]


def wrong(command: str) -> str | None:
    """What the command line would not understand. Arguments are not checked, only commands and options."""
    words = shlex.split(command.split("  #")[0].replace("…", ""), comments=True)[1:]
    words = words[: next((place for place, word in enumerate(words) if word in ("|", ">", "&&", ";")), None)]
    if words[0] not in COMMANDS:
        return f"no command {words[0]}"
    context = typer.Context(get_command(app))
    known = get_command(app).get_command(context, words[0])
    rest = words[1:]
    members = getattr(known, "commands", {})
    if members:
        word = next((one for one in rest if not one.startswith("-")), None)
        if word is not None and word not in members:
            return f"no command {words[0]} {word}"
        known = members.get(word, known)
    options = {flag for one in known.params for flag in (*one.opts, *one.secondary_opts)} | {"--help"}
    unknown = [one for one in rest if one.startswith("-") and one.split("=")[0] not in options]
    return f"no option {', '.join(unknown)}" if unknown else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_docs_exist(page: Path) -> None:
    found = {command: wrong(command) for command in commands_of(page.read_text(encoding="utf-8"))}
    assert not {command: why for command, why in found.items() if why}


def test_wrong_commands_are_found() -> None:
    assert wrong("schwung mesure revenue") == "no command mesure"
    assert wrong("schwung measure revenue --buy month") == "no option --buy"
    assert wrong("schwung key make") == "no command key make"
    assert wrong('schwung query "SELECT 1"') is None


def test_links_within_the_docs_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken
