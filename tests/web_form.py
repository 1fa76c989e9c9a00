"""Reads the forms of a page."""

from html.parser import HTMLParser


class Fields(HTMLParser):
    """What a browser would send of a form."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._select = self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "select":
            self._select = name or ""
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.sent):
            self.sent[self._select] = given.get("value") or ""
        elif tag == "textarea" and name:
            self._area = name
            self.sent[name] = ""
        elif tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.sent[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
