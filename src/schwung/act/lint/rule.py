"""What a rule looks at, and what it says."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from schwung.act.template import Template, Variant
from schwung.core.text import LANGUAGES, Language, Text


@dataclass(frozen=True, slots=True)
class Page:
    """What stands in compiled HTML, Liquid as it is. tags: all names; links: hrefs; pictures: (src, alt), alt None where missing."""

    html: str
    tags: Set[str]
    links: Sequence[str]
    pictures: Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Draft:
    """One language of a template, compiled. names: what it asks for; known: what there is (`customer.first_name`; `journey.*`).

    sender, imprint: of the company, by the settings.
    """

    template: Template
    language: Language
    variant: Variant
    page: Page
    names: Sequence[tuple[str, ...]]
    known: Set[str]
    sender: str = ""
    imprint: str = ""
    languages: Sequence[Language] = LANGUAGES

    @property
    def is_advertising(self) -> bool:
        return self.template.channel == "email" and self.template.is_advertising

    def asks_for(self, *paths: str) -> bool:
        """Whether one of these variables stands in it."""
        return any(".".join(one).startswith(path) for one in self.names for path in paths)


@dataclass(frozen=True, slots=True)
class Finding:
    """is_error: it must not be sent like that."""

    rule: str
    language: Language
    is_error: bool
    message: Text

    def to_json(self) -> dict[str, Any]:
        message = {"en": self.message.en, "de": self.message.de}
        return {
            "rule": self.rule,
            "language": self.language,
            "level": "error" if self.is_error else "hint",
            "message": message,
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """says: sentences about what is wrong, none where all is well."""

    name: str
    title: Text
    is_error: bool
    says: Callable[[Draft], Iterable[Text]]

    def look(self, draft: Draft) -> list[Finding]:
        return [Finding(self.name, draft.language, self.is_error, one) for one in self.says(draft)]


def read_page(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(html, reader.tags, reader.links, reader.pictures)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.pictures: list[tuple[str, str | None]] = []

    def _starts(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given: Mapping[str, str | None] = dict(attrs)
        self.tags.add(tag)
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif tag == "img":
            alt = (given["alt"] or "") if "alt" in given else None
            self.pictures.append((given.get("src") or "", alt))

    handle_starttag = _starts
