"""A template as data: what it is for, and its words in each language; from YAML or JSON and back."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from schwung.act.liquid import MOST_LETTERS, template_wrong
from schwung.core.text import LANGUAGES, Language, Text

Channel = Literal["email", "webhook", "snippet"]
CHANNELS: Mapping[Channel, Text] = {
    "email": Text("E-mail", "E-Mail"),
    "webhook": Text("Webhook", "Webhook"),
    "snippet": Text("Snippet", "Baustein"),
}
MOST_NAME = 120
_TOKEN = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PARTS = ("subject", "preheader", "body", "text")
_OTHERS = ("channel", "purpose", "advertising", "expects", "campaign", "url", "note", "payload")


@dataclass(frozen=True, slots=True)
class Variant:
    """The words in one language. body: MJML or HTML; text: the plain part, made from the body where it is empty."""

    subject: str = ""
    preheader: str = ""
    body: str = ""
    text: str = ""

    def to_json(self) -> dict[str, str]:
        return {part: getattr(self, part) for part in _PARTS if getattr(self, part)}


@dataclass(frozen=True, slots=True)
class Template:
    """purpose: of its consent, or the kind of a transactional one. expects: what the sender must hand over, each with an example.

    campaign: `utm_campaign` of its links; url, payload: where a webhook goes and what it carries.
    """

    name: str
    channel: Channel = "email"
    purpose: str = "advertising"
    is_advertising: bool = True
    variants: Mapping[Language, Variant] = field(default_factory=dict)
    expects: Mapping[str, Any] = field(default_factory=dict)
    campaign: str = ""
    note: str = ""
    url: str = ""
    payload: Any = None

    def to_json(self) -> dict[str, Any]:
        """As a file says it, without its name; reading it gives the same template."""
        known = {
            "channel": self.channel, "purpose": self.purpose, "advertising": self.is_advertising, "campaign": self.campaign,
            "expects": dict(self.expects), "note": self.note, "url": self.url, "payload": self.payload,
        }  # fmt: skip
        kept = {name: value for name, value in known.items() if value not in ("", {}, None)}
        if self.channel == "snippet":
            kept = {name: value for name, value in kept.items() if name in ("channel", "note")}
        return kept | {language: one.to_json() for language, one in sorted(self.variants.items())}

    def variant(self, language: str, fallback: Language) -> tuple[Language, Variant]:
        """The words for a reader of that language, else of the fallback, else of the first that there is."""
        for one in (language[:2].lower(), fallback, *self.variants):
            if one in self.variants:
                return one, self.variants[one]  # type: ignore[index,return-value]
        return fallback, Variant()


def read_template(name: str, written: Any) -> Template:
    """From what a file, a form or a request holds. InputError that names the place and what is wrong there."""
    if not isinstance(written, Mapping):
        raise template_wrong(Text("fields are expected", "erwartet werden Felder"))
    unknown = [str(key) for key in written if key not in (*_OTHERS, *LANGUAGES)]
    if unknown:
        raise template_wrong(Text("this field is unknown", "dieses Feld ist unbekannt"), unknown[0])
    channel = str(written.get("channel", "email"))
    if channel not in CHANNELS:
        raise template_wrong(Text("{names} is expected", "erwartet wird {names}").fill(names=_listed()), "channel")
    variants = {language: _variant(written[language], language) for language in LANGUAGES if written.get(language)}
    if not variants and channel != "webhook":
        raise template_wrong(Text("it has no words: de or en", "sie hat keine Worte: de oder en"))
    advertising = written.get("advertising", channel == "email")
    if not isinstance(advertising, bool):
        raise template_wrong(Text("true or false is expected", "erwartet wird true oder false"), "advertising")
    return Template(
        _name(name), channel, _purpose(written, advertising), advertising, variants, _expects(written.get("expects")),  # type: ignore[arg-type]
        _line(written, "campaign"), str(written.get("note") or "").strip()[:1000], _url(written, channel), _payload(written, channel),
    )  # fmt: skip


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > MOST_NAME or re.search(r"""["'{}%<>]""", clean):
        raise template_wrong(
            Text(
                "a name of up to {n} letters, without quotes and brackets, is expected",
                "erwartet wird ein Name von bis zu {n} Zeichen, ohne Anführungszeichen und Klammern",
            ).fill(n=MOST_NAME)
        )
    return clean


def _variant(written: Any, language: str) -> Variant:
    if not isinstance(written, Mapping):
        raise template_wrong(Text("subject and body are expected", "erwartet werden subject und body"), language)
    for key, value in written.items():
        place = f"{language}.{key}"
        if key not in _PARTS:
            raise template_wrong(Text("this field is unknown", "dieses Feld ist unbekannt"), place)
        if not isinstance(value, str):
            raise template_wrong(Text("a text is expected", "erwartet wird ein Text"), place)
        if len(value) > MOST_LETTERS:
            raise template_wrong(Text("it is too large", "es ist zu groß"), place)
        if key in ("subject", "preheader") and re.search(r"[\r\n\x00]", value.strip()):
            raise template_wrong(Text("one line is expected", "erwartet wird eine Zeile"), place)
    parts = {key: value.replace("\r\n", "\n").strip() for key, value in written.items()}
    return Variant(**parts)


def _purpose(written: Mapping[str, Any], advertising: bool) -> str:
    found = str(written.get("purpose") or ("advertising" if advertising else "transactional"))
    if not _TOKEN.fullmatch(found):
        raise template_wrong(
            Text("a word such as newsletter is expected", "erwartet wird ein Wort wie newsletter"), "purpose"
        )
    return found


def _line(written: Mapping[str, Any], name: str) -> str:
    found = str(written.get(name) or "").strip()
    if len(found) > 200 or re.search(r"[\x00-\x1f]", found):
        raise template_wrong(Text("one short line is expected", "erwartet wird eine kurze Zeile"), name)
    return found


def _url(written: Mapping[str, Any], channel: str) -> str:
    found = str(written.get("url") or "").strip()
    if channel == "webhook" and not found.lower().startswith(("https://", "http://")):
        raise template_wrong(
            Text("an address with https:// is expected", "erwartet wird eine Adresse mit https://"), "url"
        )
    return found[:2000] if channel == "webhook" else ""


def _payload(written: Mapping[str, Any], channel: str) -> Any:
    if channel != "webhook":
        return None
    found = written.get("payload") or {}
    if not isinstance(found, Mapping):
        raise template_wrong(Text("fields are expected", "erwartet werden Felder"), "payload")
    for _path, leaf in leaves_of(found):
        if not isinstance(leaf, str | int | float | bool | None):
            raise template_wrong(Text("texts and numbers are expected", "erwartet werden Texte und Zahlen"), "payload")
    return found


def _expects(written: Any) -> dict[str, Any]:
    if written is None:
        return {}
    if not isinstance(written, Mapping) or not all(_TOKEN.fullmatch(str(name)) for name in written):
        raise template_wrong(
            Text("names with an example each are expected", "erwartet werden Namen mit je einem Beispiel"), "expects"
        )
    return {str(name): example for name, example in written.items()}


def leaves_of(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What stands at the ends of a structure, each with its place."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves_of(inner, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for nth, inner in enumerate(value):
            yield from leaves_of(inner, (*path, str(nth)))
    else:
        yield path, value


def _listed() -> str:
    return ", ".join(get_args(Channel))
