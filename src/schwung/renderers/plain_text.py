"""The plain part of an e-mail, read off its HTML: headings, lists, links with where they lead; pictures only where they are links."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

_BLOCKS = frozenset(["address", "article", "blockquote", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "section", "table", "td", "tr", "ul"])  # fmt: skip
_SILENT = frozenset(("head", "style", "script", "title", "noscript"))
_VOID = frozenset(("area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))


def plain_text(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = [re.sub(r"[ \t\r\f\v\xa0\u200c]+", " ", line).strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []
        self._links: list[tuple[str, int]] = []

    def _starts(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._silent or tag in _SILENT or re.search(r"display:\s*none", given.get("style", "")):
            if tag not in _VOID:
                self._silent.append(tag)
            return
        if tag == "br":
            self.parts.append("\n")
        elif tag == "img":
            self.parts.append(f" {given['alt']} " if given.get("alt") and self._links else "")
        elif tag == "a":
            self._links.append((given.get("href", ""), len(self.parts)))
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag[0] in "hp" else "\n")

    def _ends(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                del self._silent[len(self._silent) - 1 - self._silent[::-1].index(tag) :]
            return
        if tag == "a" and self._links:
            target, start = self._links.pop()
            told = "".join(self.parts[start:]).strip()
            if target and target not in (told, f"mailto:{told}"):
                self.parts.append(f" ({target}) " if told else f" {target} ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag[0] in "hp" else "\n")

    def _says(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))

    handle_starttag, handle_endtag, handle_data = _starts, _ends, _says
