"""A report as an accessible PDF: texts, tables and pictures, set by Typst."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schwung.core.text import Language

TEMPLATE = Path(__file__).with_name("report.typ")


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading with sentences, a table (first column left, all others right), a picture (SVG) with what it shows, notes."""

    title: str
    text: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    picture: str = ""
    alt: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """label: of the time it tells of, for names of files: 2026-10, or 2026-10-05_2026-10-20."""

    label: str
    language: Language
    company: str
    title: str
    subtitle: str
    chapters: tuple[Chapter, ...]
    foot: str

    def to_json(self) -> dict[str, Any]:
        """All that the PDF says; pictures as SVG."""
        return asdict(self)

    def to_pdf(self) -> bytes:
        return render(self)


def render(report: Report) -> bytes:
    """The PDF. Texts are set as they are; markup in them has no effect. The same report gives the same bytes."""
    import typst

    inputs = {"data": json.dumps(report.to_json(), ensure_ascii=False)}
    template = TEMPLATE.read_bytes()
    try:
        return bytes(
            typst.compile(
                template, format="pdf", sys_inputs=inputs, timestamp=0, pdf_standards=["ua-1"], ignore_system_fonts=True
            )
        )
    except typst.TypstError:  # a sign that no font here has: the report is not marked as accessible
        return bytes(typst.compile(template, format="pdf", sys_inputs=inputs, timestamp=0))
