"""The builder's form: from the fields of a request to a rule and back. Buttons add, take away and filter conditions.

A node has its place as prefix: n is the whole rule, n.0 its first part. `.op` makes it a group, `.is` a condition, `.no` turns
it around; the fields of a condition are numbered as its kind lists them (`segment.field`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from schwung.measure.step import OPS
from schwung.segment.field import Field
from schwung.segment.leaves import LEAVES
from schwung.segment.rule import MOST_DEPTH, MOST_NODES
from schwung.web.console.funnels.form import fields_of_step, step_of
from schwung.web.console.funnels.form import finished as without_empty_filters

ROOT = "n"
START: Mapping[str, Any] = {"all": [{"kind": ["existing"]}, {"did_not": {"fact": "orders", "within": "60 days"}}]}
"""What a new segment begins with."""
MOST_FILTERS = 3
_UNITS = ("minutes", "hours", "days", "weeks")


def rule_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """The rule that the fields mean, after what the button `act` asks for; not checked yet."""
    rule = _node(fields, ROOT, 0)
    _act(rule, fields.get("act", ""), fields.get("adds", "did"))
    return rule


def fields_of(rule: Mapping[str, Any]) -> dict[str, str]:
    """What the form holds for a rule, as `rule_of` reads it."""
    found: dict[str, str] = {}
    _fill(rule if {"all", "any"} & set(rule) else {"all": [rule]}, ROOT, found)
    return found


def finished(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Without filters that name no property yet."""
    ((name, inner),) = rule.items()
    if name in ("all", "any"):
        return {name: [finished(one) for one in inner]}
    if name == "not":
        return {name: finished(inner)}
    if isinstance(inner, Mapping):
        steps = {key: _step_finished(value) if isinstance(value, Mapping) else value for key, value in inner.items()}
        return {name: _step_finished(steps)}
    return {name: inner}


def example_of(kind: str) -> dict[str, Any]:
    """What a condition of a kind begins with: as it is explained."""
    return json.loads(json.dumps(LEAVES[kind].example))


def _step_finished(step: Mapping[str, Any]) -> dict[str, Any]:
    if "where" not in step:
        return dict(step)
    found: dict[str, Any] = without_empty_filters({"steps": [step]})["steps"][0]
    return found


def _node(fields: Mapping[str, str], place: str, depth: int) -> dict[str, Any]:
    if f"{place}.op" in fields:
        inner = [
            _node(fields, f"{place}.{nth}", depth + 1)
            for nth in range(MOST_NODES)
            if depth < MOST_DEPTH and any(f"{place}.{nth}.{mark}" in fields for mark in ("op", "is"))
        ]
        found: dict[str, Any] = {"any" if fields[f"{place}.op"] == "any" else "all": inner}
    else:
        kind = fields.get(f"{place}.is", "")
        kind = kind if kind in LEAVES else "did"
        was = fields.get(f"{place}.was", kind)
        found = example_of(kind) if was != kind else {kind: read_fields(fields, place, LEAVES[kind].fields)}
    return {"not": found} if fields.get(f"{place}.no") else found


def read_fields(fields: Mapping[str, str], place: str, listed: Sequence[Field]) -> Any:
    """What the fields of a condition, or of another thing with such fields, say."""
    found: dict[str, Any] = {}
    for nth, one in enumerate(listed):
        value = _value(fields, f"{place}.{nth}", one)
        if one.name == "" and one.kind in ("choices", "words", "text"):
            return value
        if one.name:
            found |= {} if value in (None, "", [], {}) else {one.name: value}
        else:
            found |= value
    more = json.loads(fields.get(f"{place}.more") or "{}")
    return found | {name: value for name, value in more.items() if name not in found}


def _value(fields: Mapping[str, str], prefix: str, one: Field) -> Any:
    text = fields.get(f"{prefix}.value", "").strip()
    if one.kind == "step":
        return step_of({f"{prefix}.what": "fact:orders"} | dict(fields), prefix)
    if one.kind == "bound":
        return {_among(fields.get(f"{prefix}.which", ""), one): _number(text)}
    if one.kind == "property":
        return {_among(fields.get(f"{prefix}.which", ""), one): text}
    if one.kind == "test":
        op = fields.get(f"{prefix}.op", "=")
        return {"op": op if op in OPS else "="} | ({} if op in ("known", "unknown") else {"value": _tested(text, op)})
    if one.kind == "span":
        unit = fields.get(f"{prefix}.unit", "days")
        return f"{text} {unit if unit in _UNITS else 'days'}" if text else None
    if one.kind == "choices":
        return [name for name in one.options if fields.get(f"{prefix}.{name}")]
    if one.kind == "words":
        return [word.strip() for word in text.split(",") if word.strip()]
    if one.kind in ("mapping", "shares"):
        pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
        read = _number if one.kind == "shares" else str
        return {name.strip(): read(value.strip()) for name, _, value in pairs}
    if one.kind == "number":
        return _number(text) if text else None
    return bool(text) or None if one.kind == "flag" else text


def _among(word: str, one: Field) -> str:
    return word if word in one.options else next(iter(one.options))


def _number(text: str) -> Any:
    """A number as people write it; what is none stays text, so that its error can be told."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(number) if number == int(number) else number


def _tested(text: str, op: str) -> Any:
    if op == "in":
        return [part.strip() for part in text.split(",") if part.strip()]
    return _number(text) if op in ("<", "≤", ">", "≥") else text


def _fill(rule: Mapping[str, Any], place: str, found: dict[str, str]) -> None:
    ((name, inner),) = rule.items()
    if name == "not":
        found[f"{place}.no"] = "1"
        _fill(inner, place, found)
    elif name in ("all", "any"):
        found[f"{place}.op"] = name
        for nth, one in enumerate(inner):
            _fill(one, f"{place}.{nth}", found)
    else:
        found[f"{place}.is"] = found[f"{place}.was"] = name
        fill_fields(inner, place, LEAVES[name].fields, found)


def fill_fields(inner: Any, place: str, listed: Sequence[Field], found: dict[str, str]) -> None:
    """What the form holds, as `read_fields` reads it."""
    rest = dict(inner) if isinstance(inner, Mapping) else {}
    for nth, one in enumerate(listed):
        prefix = f"{place}.{nth}"
        if one.kind == "step":
            step = (
                rest.pop(one.name, None)
                if one.name
                else {key: rest.pop(key) for key in ("event", "fact", "where", "title") if key in rest}
            )
            found |= fields_of_step(_spelled(step), prefix)
        elif one.kind in ("bound", "property"):
            which = next((name for name in one.options if name in rest), next(iter(one.options)))
            found |= {
                f"{prefix}.which": which,
                f"{prefix}.value": _shown(rest.pop(which, 1 if one.kind == "bound" else "")),
            }
        elif one.kind == "test":
            found |= {f"{prefix}.op": rest.pop("op", "="), f"{prefix}.value": _shown(rest.pop("value", ""))}
        elif one.kind == "span":
            size, _, unit = str(rest.pop(one.name, "")).partition(" ")
            unit = unit if unit.endswith("s") or not unit else f"{unit}s"
            found |= {f"{prefix}.value": size, f"{prefix}.unit": unit or "days"}
        elif one.kind == "choices":
            found |= {f"{prefix}.{name}": "1" for name in (rest.pop(one.name, ()) if one.name else inner)}
        elif one.kind in ("mapping", "shares"):
            found[f"{prefix}.value"] = "\n".join(f"{name}: {value}" for name, value in rest.pop(one.name, {}).items())
        else:
            value = rest.pop(one.name, "") if one.name else inner
            found[f"{prefix}.value"] = "1" if value is True and one.kind == "flag" else _shown(value)
    if rest:
        found[f"{place}.more"] = json.dumps(rest, ensure_ascii=False)


def _spelled(step: Any) -> dict[str, Any]:
    """A step in its long form."""
    from schwung.measure.step import Step

    return dict(step) if isinstance(step, Mapping) else Step.read(step or "orders").to_json()


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _act(rule: dict[str, Any], act: str, adds: str) -> None:
    """act: add:n.0, group:n, remove:n.0.1, filter:n.0:0, unfilter:n.0:0:1."""
    verb, _, rest = act.partition(":")
    place, _, more = rest.partition(":")
    path = [int(part) for part in place.split(".")[1:] if part.isdecimal()]
    if verb in ("add", "group"):
        group = _inner(_at(rule, path))
        if isinstance(group, list):
            group.append(
                example_of(adds if adds in LEAVES else "did") if verb == "add" else {"any": [example_of("did")]}
            )
    elif verb == "remove" and path:
        group = _inner(_at(rule, path[:-1]))
        if isinstance(group, list) and path[-1] < len(group):
            del group[path[-1]]
    elif verb in ("filter", "unfilter"):
        nth, _, which = more.partition(":")
        _filter(_at(rule, path), int(nth or 0), int(which) if which.isdecimal() else None)


def _at(rule: dict[str, Any], path: list[int]) -> dict[str, Any]:
    """The node at a place, without what turns it around."""
    node = rule
    for nth in path:
        inner = _inner(node)
        if not isinstance(inner, list) or nth >= len(inner):
            break
        node = inner[nth]
    return node.get("not", node)


def _inner(node: dict[str, Any]) -> Any:
    node = node.get("not", node)
    return next(iter(node.values()))


def _filter(node: dict[str, Any], nth: int, which: int | None) -> None:
    ((kind, inner),) = node.items()
    fields = LEAVES[kind].fields if kind in LEAVES else ()
    if nth < len(fields) and fields[nth].kind == "step":
        step = inner[fields[nth].name] if fields[nth].name else inner
        where = step.setdefault("where", [])
        if which is None and len(where) < MOST_FILTERS:
            where.append({"property": "", "op": "=", "value": ""})
        elif which is not None and which < len(where):
            del where[which]
