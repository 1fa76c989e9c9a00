"""Any JSON that a program posts, read by a mapping into events of the wire spec."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import yaml

from schwung.core.errors import InputError
from schwung.core.text import Text

FIELDS = ("messageId", "userId", "anonymousId", "groupId", "timestamp")
_CALLS = ("track", "identify", "group")
_MOST_EVENTS = 1_000

Rule = str | Mapping[str, Any]
"""A path (`customer.id`, `items.0.sku`; `.` is the whole), `{const: text}`, or `{each: path, name: rule, …}` for a list of objects."""


@dataclass(frozen=True, slots=True)
class WebhookMapping:
    """How one sender's JSON becomes events.

    each: path of the list whose elements are events; empty: the body is one event, or a list of them.
    event: rule for the event's name. names: what the sender calls it → our name; with names, others are passed over.
    """

    event: Rule = ""
    call: str = "track"
    each: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Rule] = field(default_factory=dict)
    properties: Mapping[str, Rule] = field(default_factory=dict)
    traits: Mapping[str, Rule] = field(default_factory=dict)


def read_mapping(text: str, name: str) -> WebhookMapping:
    """The mapping written as YAML. InputError that says what is wrong."""
    try:
        content = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise _invalid(name, str(error).splitlines()[0]) from error
    if not isinstance(content, dict):
        raise _invalid(name, "no mapping")
    unknown = set(content) - set(WebhookMapping.__dataclass_fields__)
    if unknown:
        raise _invalid(name, f"unknown: {', '.join(map(str, sorted(unknown, key=str)))}")
    mapping = WebhookMapping(**content)
    wrong = [one for one in ("names", "fields", "properties", "traits") if not isinstance(content.get(one, {}), dict)]
    if wrong or set(mapping.fields) - set(FIELDS):
        raise _invalid(name, f"wrong: {', '.join(wrong or sorted(set(mapping.fields) - set(FIELDS)))}")
    if not isinstance(mapping.each, str) or not isinstance(mapping.event, str | dict):
        raise _invalid(name, "each is a path; event is a path or a rule")
    if mapping.call not in _CALLS or (mapping.call == "track" and not mapping.event):
        raise _invalid(name, "call is track, identify or group; track needs event")
    return mapping


def read_webhook(mapping: WebhookMapping, content: Any) -> list[dict[str, Any]]:
    """Events as a batch call would carry them. An id that is missing is made of the content, so that a retry repeats it."""
    found = at(content, mapping.each) if mapping.each else content
    records = found if isinstance(found, list) else [found]
    events = []
    for record in records[:_MOST_EVENTS]:
        name = _value(mapping.event, record) if mapping.event else None
        if mapping.names:
            if str(name) not in mapping.names:
                continue
            name = mapping.names[str(name)]
        event: dict[str, Any] = {"type": mapping.call, "event": None if name is None else str(name)}
        event |= {key: _value(rule, record) for key, rule in mapping.fields.items()}
        event["messageId"] = event.get("messageId") or _id_of(record)
        for part, rules in (("properties", mapping.properties), ("traits", mapping.traits)):
            if rules:
                event[part] = _object(rules, record)
        events.append({key: value for key, value in event.items() if value is not None})
    return events


def at(content: Any, path: str) -> Any:
    """What lies at a path of names and places, or None."""
    if path == ".":
        return content
    for step in path.split("."):
        if isinstance(content, dict):
            content = content.get(step)
        elif isinstance(content, list) and step.isdecimal() and int(step) < len(content):
            content = content[int(step)]
        else:
            return None
    return content


def _value(rule: Any, record: Any) -> Any:
    if not isinstance(rule, Mapping):
        return at(record, str(rule))
    if "const" in rule:
        return rule["const"]
    held = at(record, str(rule.get("each", ".")))
    rules = {name: inner for name, inner in rule.items() if name != "each"}
    return [_object(rules, one) for one in held] if isinstance(held, list) else None


def _object(rules: Mapping[str, Any], record: Any) -> dict[str, Any]:
    values = {name: _value(rule, record) for name, rule in rules.items()}
    return {name: value for name, value in values.items() if value is not None}


def _id_of(record: Any) -> str:
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _invalid(name: str, why: str) -> InputError:
    return InputError(
        "webhook_mapping_invalid",
        Text(
            en="The mapping of the webhook “{name}” is wrong: {why}.",
            de="Die Zuordnung des Webhooks „{name}“ ist falsch: {why}.",
        ).fill(name=name, why=why),
        Text(
            en="Correct webhooks/{name}.yaml in the workspace.",
            de="webhooks/{name}.yaml im Arbeitsbereich berichtigen.",
        ).fill(name=name),
    )
