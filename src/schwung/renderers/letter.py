"""A letter as an accessible PDF (PDF/UA-1), set by Typst with the fonts that it brings along."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import typst

from schwung.core.text import Language

TEMPLATE = Path(__file__).with_name("letter.typ")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with text, list items and a table of three columns; what is empty is left out."""

    title: str
    text: str = ""
    items: tuple[str, ...] = ()
    head: tuple[str, str, str] = ("", "", "")
    rows: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    language: Language
    sender: str
    addressee: tuple[str, ...]
    date: str
    subject: str
    greeting: str
    introduction: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: str


def render(letter: Letter) -> bytes:
    """The letter's PDF. Its texts are set as they are; markup in them has no effect. The same letter gives the same bytes."""
    return bytes(
        typst.compile(
            TEMPLATE.read_bytes(),
            format="pdf",
            sys_inputs={"data": json.dumps(asdict(letter), ensure_ascii=False)},
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            timestamp=0,
        )
    )
