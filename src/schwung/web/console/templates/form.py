"""The editor's form: what its fields say as a definition, a definition as its fields, and what a new one starts with."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from schwung.act.legality import ADVERTISING, TRANSACTIONAL
from schwung.act.liquid import template_wrong
from schwung.act.template import Template
from schwung.core.text import LANGUAGES, Language, Text
from schwung.unify.consent import PURPOSES

PARTS = ("subject", "preheader", "body", "text")
_HELLO = {"de": ("Guten Tag", "Worum es geht, in zwei Sätzen.", "Zum Shop", "Abmelden"), "en": ("Hello", "What it is about, in two sentences.", "To the shop", "Unsubscribe")}  # fmt: skip
_START = """<mj-section background-color="#FFFFFF">
  <mj-column>
    <mj-text font-size="20px">{hello}{{% if customer.first_name %}} {{{{ customer.first_name }}}}{{% endif %}},</mj-text>
    <mj-text>{about}</mj-text>
    {{% for product in products.recommended limit: 3 %}}
    <mj-text><a href="{{{{ product.url }}}}">{{{{ product.name }}}}</a> · {{{{ product.price }}}}</mj-text>
    {{% endfor %}}
    <mj-button background-color="#0E6478" href="https://{domain}/">{button}</mj-button>
  </mj-column>
</mj-section>
<mj-section>
  <mj-column>
    <mj-text font-size="12px" color="#5F6B72">{{{{ company.imprint | newline_to_br }}}}<br />
      <a href="{{{{ unsubscribe_url }}}}">{away}</a></mj-text>
  </mj-column>
</mj-section>"""


def purposes() -> dict[str, Text]:
    """All that a template may be for."""
    return {name: PURPOSES.get(name, Text(name, name)) for name in ADVERTISING} | dict(TRANSACTIONAL)


def start(channel: str, domain: str) -> dict[str, Any]:
    """A definition to begin with."""
    if channel == "webhook":
        return {"channel": "webhook", "url": "https://", "payload": {"customer": "{{ customer.name }}", "language": "{{ language }}"}}  # fmt: skip
    if channel == "snippet":
        return {"channel": "snippet", **{one: {"body": "<mj-text>…</mj-text>"} for one in LANGUAGES}}
    found: dict[str, Any] = {"channel": "email", "purpose": "newsletter", "advertising": True}
    for language in LANGUAGES:
        hello, about, button, away = _HELLO[language]
        body = _START.format(hello=hello, about=about, button=button, away=away, domain=domain)
        found[language] = {"subject": hello, "preheader": about, "body": body}
    return found


def definition_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """What the fields say. InputError for examples or fields that cannot be read."""
    channel = fields.get("channel", "email")
    found: dict[str, Any] = {"channel": channel, "note": fields.get("note", "")}
    if channel == "webhook":
        found |= {"url": fields.get("url", ""), "payload": _mapping(fields.get("payload", ""), "payload")}
    for language in LANGUAGES if channel != "webhook" else ():
        words = {part: fields.get(f"{language}.{part}", "").strip() for part in PARTS}
        if any(words.values()):
            found[language] = words
    if channel != "snippet":
        purpose = fields.get("purpose", "")
        found |= {"purpose": purpose, "advertising": channel == "email" and purpose in ADVERTISING}
        found["expects"] = _mapping(fields.get("expects", ""), "expects")
    if channel == "email":
        found["campaign"] = fields.get("campaign", "")
    return found


def fields_of(template: Template | Mapping[str, Any]) -> dict[str, str]:
    """A definition as the form shows it."""
    written = template.to_json() if isinstance(template, Template) else dict(template)
    found = {name: str(written.get(name) or "") for name in ("channel", "purpose", "campaign", "note", "url")}
    for name in ("expects", "payload"):
        value = written.get(name)
        shown = (
            yaml.safe_dump(json.loads(json.dumps(value)), allow_unicode=True, sort_keys=False).strip() if value else ""
        )
        found[name] = shown
    for language in LANGUAGES:
        for part in PARTS:
            found[f"{language}.{part}"] = (written.get(language) or {}).get(part, "")
    return found


def spoken_of(fields: Mapping[str, str], fallback: Language) -> Language:
    """The language whose words are being written."""
    found = fields.get("spoken")
    return found if found in LANGUAGES else fallback


def _mapping(text: str, place: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text) if text.strip() else {}
    except yaml.YAMLError as error:
        raise template_wrong(Text("lines such as code: A1 are expected", "erwartet werden Zeilen wie code: A1"), place) from error  # fmt: skip
    if not isinstance(found, dict):
        raise template_wrong(Text("lines such as code: A1 are expected", "erwartet werden Zeilen wie code: A1"), place)
    return {str(name): _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """Dates that YAML reads are texts again."""
    return json.loads(json.dumps(value, default=str))
