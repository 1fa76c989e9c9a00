"""Call an address outside; what it answers can become variables of the journey."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from schwung.act.step import StepKind, line, mapping, span
from schwung.core.clock import DAY, HOUR
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.rule import LeafError
from schwung.segment.span import said_span

_PATH = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_SAVED = 20


@dataclass(frozen=True, slots=True)
class Webhook:
    """content: what is told beside the customer and the journey. save: variable → path in the JSON that comes back.

    at_most: so long an answer is waited for, retries among it; then the journey goes on without.
    """

    url: str
    content: Mapping[str, Any] = field(default_factory=dict)
    save: Mapping[str, str] = field(default_factory=dict)
    at_most: int = HOUR

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"url": self.url}
        found |= {"content": dict(self.content)} if self.content else {}
        found |= {"save": dict(self.save)} if self.save else {}
        return found | ({} if self.at_most == HOUR else {"at_most": said_span(self.at_most).en})

    @property
    def words(self) -> Text:
        named = urlsplit(self.url).hostname or self.url
        if not self.save:
            return Text("call {name}", "{name} aufrufen").fill(name=named)
        return Text("call {name} and keep {saved}", "{name} aufrufen und {saved} merken").fill(
            name=named, saved=", ".join(self.save)
        )


def _read(written: Mapping[str, Any]) -> Webhook:
    data = mapping({"url": written} if isinstance(written, str) else written, "url", "content", "save", "at_most")
    url = line(data, "url", most=2_000, is_needed=True)
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise LeafError(Text("“url” is an address with https", "„url“ ist eine Adresse mit https"))
    content, save = data.get("content") or {}, data.get("save") or {}
    if not isinstance(content, Mapping) or len(str(content)) > 10_000:
        raise LeafError(Text("“content” is a mapping", "„content“ ist eine Zuordnung"))
    fits = isinstance(save, Mapping) and len(save) <= MOST_SAVED
    if not fits or not all(_NAME.fullmatch(str(name)) and _PATH.fullmatch(str(path)) for name, path in save.items()):
        raise LeafError(Text("“save” says variable: path.in.the.answer", "„save“ sagt Variable: pfad.in.der.antwort"))
    at_most = span(data, "at_most") or HOUR
    if at_most > 3 * DAY:
        raise LeafError(
            Text("an answer is waited for at most 3 days", "auf eine Antwort wird höchstens 3 Tage gewartet")
        )
    return Webhook(url, dict(content), {str(name): str(path) for name, path in save.items()}, at_most)


STEP = StepKind(
    "webhook",
    Text("Call a webhook", "Webhook aufrufen"),
    Text(
        "Posts customer, journey and `content` to an address, signed; `save` keeps parts of the JSON answer as variables.",
        "Sendet Kunde, Strecke und `content` signiert an eine Adresse; `save` merkt Teile der JSON-Antwort als Variablen.",
    ),
    _read,
    {"url": "https://example.com/coupon", "content": {"kind": "welcome"}, "save": {"coupon": "code"}},
    (
        Field("url", "text", Text("address", "Adresse")),
        Field("content", "mapping", Text("content", "Inhalt"), is_optional=True),
        Field("save", "mapping", Text("keep from the answer", "aus der Antwort merken"), is_optional=True),
        Field("at_most", "span", Text("wait at most", "höchstens warten"), is_optional=True),
    ),
    icon="webhook",
    is_effect=True,
)
