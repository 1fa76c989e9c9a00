"""The reference pages that are written from what the program itself declares. One line per page writer."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module

Pages = Mapping[str, str]
"""Path below docs/ → Markdown."""

# Modules of this folder with `pages() -> Pages`.
WRITERS = ("metrics", "models", "settings", "errors", "events", "commands", "tables", "glossary")
HEAD = "<!-- Written by `schwung docs`; changes here are lost. -->\n\n"


def all_pages() -> dict[str, str]:
    """Every generated page."""
    found: dict[str, str] = {}
    for writer in WRITERS:
        pages: Callable[[], Pages] = import_module(f"{__name__}.{writer}").pages
        found |= {path: HEAD + text.rstrip() + "\n" for path, text in pages().items()}
    return found


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; bars within cells are escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
