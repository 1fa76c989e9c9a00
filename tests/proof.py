"""What the tests of the worked pages (docs/proof) share: the commands' workspace and imports, and what a page tells."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from schwung.app.import_mapping import load_mapping
from schwung.app.imports import import_file
from schwung.app.report import measure
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.text import LANGUAGES, Language
from schwung.renderers.numbers import number

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
Z = 1.959963984540054
Figure = tuple[str, float | None, float | None, float | None, int]
"""unit, value, low, high, n"""


def workspace(folder: Path, zone: str, currency: str, as_of: str = "last_fact") -> Workspace:
    head = f'[workspace]\nname = "proof"\nlanguage = "en"\nzone = "{zone}"\ncurrency = "{currency}"\n'
    return create_workspace(folder, f'{head}as_of = "{as_of}"\n')


def take(shop: Workspace, file: Path, mapping: Path) -> int:
    """Import a whole file by a mapping of examples/; rows that were read, none of which was refused or left waiting."""
    done = import_file(shop, file, load_mapping(shop, mapping))
    assert (done["rejected"], done["waiting"]) == (0, 0)
    return int(done["read"])


def figure(shop: Workspace, name: str, since: str = "2000-01-01", **asked: Any) -> Figure:
    """The one row of a metric."""
    (found,) = figures(shop, name, since, **asked)
    return found


def figures(shop: Workspace, name: str, since: str = "2000-01-01", **asked: Any) -> list[Figure]:
    return list(by_cut(shop, name, since, **asked).values())


def by_cut(shop: Workspace, name: str, since: str = "2000-01-01", **asked: Any) -> dict[str, Figure]:
    """Rows of a metric by what they are cut by."""
    found = measure(shop, name, since=since, **asked)
    return {
        " ".join(map(str, row.cuts.values())): (
            found.unit, row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n
        )
        for row in found.rows
    }  # fmt: skip


def agresti_coull(hits: int, n: int) -> tuple[float, float]:
    """Bounds of a share, written down once more from the paper."""
    size = n + Z**2
    center = (hits + Z**2 / 2) / size
    half = Z * math.sqrt(center * (1 - center) / size)
    return max(0.0, center - half), min(1.0, center + half)


def page(name: str, language: Language) -> str:
    folder = ROOT / "docs" if language == "en" else ROOT / "docs" / "de"
    return (folder / "proof" / f"{name}.md").read_text(encoding="utf-8")


def rows(name: str, language: Language) -> list[tuple[str, ...]]:
    """The rows of all tables of a page, without heads."""
    lines = page(name, language).splitlines()
    found = []
    for place, line in enumerate(lines):
        is_head = place + 1 < len(lines) and lines[place + 1].startswith("|--")
        if line.startswith("| ") and not is_head:
            found.append(tuple(cell.strip() for cell in line.strip("| ").split(" | ")))
    return found


def shown(found: Figure, language: Language) -> tuple[str, ...]:
    """value, interval (where there is one), n: as the pages write them."""
    unit, value, low, high, n = found
    word = {"en": "to", "de": "bis"}[language]
    interval = () if low is None else (f"{number(low, unit, language)} {word} {number(high, unit, language)}",)
    return tuple(_spaced(one) for one in (number(value, unit, language), *interval, number(n, "count", language)))


def _spaced(text: str) -> str:
    """No-break spaces and line breaks as plain spaces."""
    return " ".join(text.split())


def check_told(name: str, wanted: Sequence[Figure]) -> None:
    """The first tables of the page tell exactly these figures, in this order, in both languages."""
    for language in LANGUAGES:
        told = [row[1:] for row in rows(name, language)][: len(wanted)]
        assert told == [shown(one, language) for one in wanted], f"{name}, {language}"


def check_said(name: str, language: Language, sentences: Iterable[str]) -> None:
    """Each sentence stands on the page, whatever the line breaks."""
    text = _spaced(page(name, language))
    missing = [one for one in sentences if _spaced(one) not in text]
    assert not missing, f"{name}, {language}"
