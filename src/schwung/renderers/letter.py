"""A letter as an accessible PDF (PDF/UA-1), set by Typst with the fonts that it brings along."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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


_TRIES: tuple[Mapping[str, Any], ...] = (
    {"pdf_standards": ["ua-1"], "ignore_system_fonts": True},
    {"pdf_standards": ["ua-1"]},
    {"ignore_system_fonts": True},
)
"""With the fonts of our own; with the machine's, for names in other scripts; with a box where no font has the sign."""


def render(letter: Letter) -> bytes:
    """The letter's PDF. Its texts are set as they are; markup in them has no effect. The same letter gives the same bytes.

    Control characters are left out. Where no font on this machine has a sign, the PDF is not marked as accessible.
    """
    import typst  # 13 MB that a server needs only when somebody asks for their data

    inputs = {"data": json.dumps(_printable(asdict(letter)), ensure_ascii=False)}
    for options in _TRIES:
        try:
            return bytes(typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs=inputs, timestamp=0, **options))
        except typst.TypstError as error:
            reason = error
    raise reason


def _printable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _printable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return "".join(sign for sign in value if sign.isprintable() or sign == "\n") if isinstance(value, str) else value
