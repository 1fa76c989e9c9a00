"""Docs in both languages: every `schwung …` command is one that the command line understands, every link leads somewhere."""

import re
import shlex
from os.path import relpath
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from schwung.cli import COMMANDS, app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "changes").glob("*.md"), *DOCS.rglob("*.md")])
_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.M | re.S)
_INLINE = re.compile(r"`(schwung [a-z][^`]*)`")
_FENCE = re.compile(r"^ *```.*?^ *```", re.M | re.S)
_LINK = re.compile(r"\]\(([^)#: ]*)(#[^)]*)?\)")
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


def twins() -> list[tuple[Path, Path]]:
    """Each page that is written by hand for those who use schwung, and the same in German."""
    english = [
        DOCS / "README.md",
        DOCS / "tutorial.md",
        *(page for room in ("how-to", "proof") for page in sorted((DOCS / room).glob("*.md"))),
    ]
    pairs = [(page, DOCS / "de" / page.relative_to(DOCS)) for page in english]
    return [
        *pairs,
        (ROOT / "README.md", ROOT / "README.de.md"),
        (DOCS / "reference" / "http.md", DOCS / "de" / "http.md"),
    ]


TWINS = twins()
COMMANDS_IN_GERMAN = DOCS / "de" / "commands.md"


@pytest.mark.parametrize(("english", "german"), TWINS, ids=[str(page.relative_to(ROOT)) for page, _ in TWINS])
def test_each_page_has_its_german_twin(english: Path, german: Path) -> None:
    assert german.is_file()
    texts = [page.read_text(encoding="utf-8") for page in (english, german)]
    assert f"[Deutsch]({relpath(german, english.parent)})" in texts[0].splitlines()[2]
    assert f"[English]({relpath(english, german.parent)})" in texts[1].splitlines()[2]
    assert shapes_of(texts[0]) == shapes_of(texts[1])


def shapes_of(text: str) -> dict[str, object]:
    """What does not depend on the language: headings, commands without their arguments, rows of tables."""
    prose = _FENCE.sub("", text)
    return {
        "headings": [line.split()[0] for line in prose.splitlines() if re.match(r"#+ ", line)],
        "commands": sorted({" ".join(command.split()[:2]) for command in commands_of(text)}),
        "table rows": sum(line.lstrip().startswith("|") for line in prose.splitlines()),
    }


def test_no_german_page_is_left_over() -> None:
    assert {german for _, german in TWINS} | {COMMANDS_IN_GERMAN} >= set((DOCS / "de").rglob("*.md"))


def test_every_command_is_told_in_german() -> None:
    told = set(re.findall(r"^\| `schwung ([a-z -]+)` \|", COMMANDS_IN_GERMAN.read_text(encoding="utf-8"), re.M))
    root = get_command(app)
    known = {name: root.get_command(typer.Context(root), name) for name in COMMANDS}
    members = {name: list(getattr(command, "commands", {})) for name, command in known.items()}
    assert told == {f"{name} {one}".strip() for name, inner in members.items() for one in inner or [""]}


def test_links_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)} → {target}{anchor}"
        for page in PAGES
        for target, anchor in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
        if not leads_somewhere(page, target, anchor)
    ]
    assert not broken


def leads_somewhere(page: Path, target: str, anchor: str) -> bool:
    found = (page.parent / target).resolve() if target else page
    if not found.is_relative_to(ROOT) or not found.exists():
        return False
    return not anchor or anchor[1:] in anchors_of(found.read_text(encoding="utf-8"))


def anchors_of(text: str) -> set[str]:
    """Headings as addresses, in the way of those who show Markdown."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_broken_links_are_found() -> None:
    assert leads_somewhere(DOCS / "README.md", "tutorial.md", "")
    assert leads_somewhere(DOCS / "README.md", "tutorial.md", "#6-is-all-well")
    assert not leads_somewhere(DOCS / "README.md", "tutorials.md", "")
    assert not leads_somewhere(DOCS / "README.md", "tutorial.md", "#7-more")
