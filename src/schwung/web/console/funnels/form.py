"""The builder's form: from the fields of a request to a definition and back. Buttons add, move and remove steps and filters."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schwung.app.event_names import event_names
from schwung.app.wiring import Workspace
from schwung.collect.event_type import EVENT_TYPES
from schwung.core.text import Language
from schwung.measure.funnel import MOST_STEPS
from schwung.measure.step import FACTS, OPS, columns_of

MOST_FILTERS = 3
START: Mapping[str, Any] = {
    "steps": [
        {"event": "product_viewed"},
        {"event": "product_added"},
        {"event": "checkout_started"},
        {"fact": "orders"},
    ],
    "window": "7 days",
}
"""What a new funnel begins with."""


def definition_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """The definition that the fields mean, after what the button `act` asks for; not checked yet."""
    steps = [step_of(fields, f"s{nth}") for nth in range(MOST_STEPS) if fields.get(f"s{nth}.what")]
    exclude = [step_of(fields, f"x{nth}") for nth in range(MOST_STEPS) if fields.get(f"x{nth}.what")]
    for nth, one in enumerate(exclude):
        after = fields.get(f"x{nth}.after", "")
        if after.isdecimal() and 1 <= int(after) < len(steps):
            one["after"] = int(after)
    given = {"steps": steps, "exclude": exclude}
    _act(given, fields.get("act", ""))
    number, unit = fields.get("size", "7"), fields.get("unit", "day")
    found: dict[str, Any] = {
        "steps": given["steps"],
        "window": f"{number} {unit}s",
        "order": fields.get("order") or "in_order",
    }
    if given["exclude"] and found["order"] != "strict":
        found["exclude"] = given["exclude"]
    if fields.get("by"):
        found["by"] = fields["by"]
    if fields.get("later"):
        found["later"] = True
    return found


def fields_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """What the form holds for a definition, finished or not, as `definition_of` reads it."""
    size, _, unit = str(definition.get("window", "7 days")).partition(" ")
    found = {"size": size, "unit": unit.removesuffix("s") or "day", "order": str(definition.get("order") or "in_order")}
    found |= {"by": str(definition.get("by") or ""), "later": "1" if definition.get("later") else ""}
    for nth, step in enumerate(definition["steps"]):
        found |= fields_of_step(step, f"s{nth}")
    for nth, one in enumerate(definition.get("exclude") or ()):
        found |= fields_of_step(one, f"x{nth}")
        after = one.get("after")
        after = (after[0] if len(after) == 1 else None) if isinstance(after, list) else after
        found[f"x{nth}.after"] = str(after or "")
    return {name: value for name, value in found.items() if value}


def finished(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Without filters that name no property yet."""

    def step(one: Mapping[str, Any]) -> dict[str, Any]:
        where = [test for test in one.get("where", ()) if test["property"]]
        return {name: value for name, value in one.items() if name != "where"} | ({"where": where} if where else {})

    parts = {name: [step(one) for one in definition[name]] for name in ("steps", "exclude") if definition.get(name)}
    return {**definition, **parts}


def choices(workspace: Workspace, language: Language, used: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """What a step can be: facts and events as (value, name). Events that came in, else all declared ones."""
    seen = dict.fromkeys(one.name for one in sorted(event_names(workspace), key=lambda one: -one.event_count))
    names = [*seen, *(name for name in used if name and not name.startswith("fact:") and name not in seen)]
    names = names if seen else [*names, *(name for name in EVENT_TYPES if name not in names)]
    return {
        "facts": [(f"fact:{name}", table.title.in_(language)) for name, table in FACTS.items()],
        "events": [(name, _titled(name, language)) for name in names],
    }


def properties(what: str) -> list[str]:
    """What a filter of a step may ask for."""
    if what.startswith("fact:"):
        return list(columns_of(what.removeprefix("fact:"))) if what.removeprefix("fact:") in FACTS else []
    declared = [one.name for one in EVENT_TYPES[what].properties] if what in EVENT_TYPES else []
    return list(dict.fromkeys([*declared, *columns_of("event")]))


def _titled(name: str, language: Language) -> str:
    return f"{EVENT_TYPES[name].title.in_(language)} ({name})" if name in EVENT_TYPES else name


def step_of(fields: Mapping[str, str], prefix: str) -> dict[str, Any]:
    what = fields[f"{prefix}.what"]
    found: dict[str, Any] = {"fact": what.removeprefix("fact:")} if what.startswith("fact:") else {"event": what}
    where = []
    for nth in range(MOST_FILTERS):
        name = fields.get(f"{prefix}.p{nth}", "").strip()
        op = fields.get(f"{prefix}.o{nth}", "=")
        if name or f"{prefix}.o{nth}" in fields:
            value = fields.get(f"{prefix}.v{nth}", "").strip()
            where.append({"property": name, "op": op if op in OPS else "=", "value": _value_of(value, op)})
    return found | ({"where": where} if where else {})


def _value_of(text: str, op: str) -> Any:
    if op == "in":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def fields_of_step(step: Mapping[str, Any], prefix: str) -> dict[str, str]:
    found: dict[str, str] = {f"{prefix}.what": f"fact:{step['fact']}" if "fact" in step else step["event"]}
    for nth, one in enumerate(step.get("where", ())[:MOST_FILTERS]):
        value = one.get("value", "")
        text = ", ".join(map(str, value)) if isinstance(value, list) else "true" if value is True else str(value)
        # Blanks keep a filter in the form that somebody just added.
        found |= {
            f"{prefix}.p{nth}": one["property"] or " ",
            f"{prefix}.o{nth}": one.get("op", "="),
            f"{prefix}.v{nth}": text,
        }
    return found


def _act(given: dict[str, list[dict[str, Any]]], act: str) -> None:
    """act: add, exclude, remove:s1, up:s2, filter:s0, unfilter:s0:1."""
    verb, _, rest = act.partition(":")
    place, _, number = rest.partition(":")
    rows: Sequence[dict[str, Any]] = given["exclude" if place.startswith("x") else "steps"]
    nth = int(place[1:]) if place[1:].isdecimal() else -1
    if verb == "add" and len(given["steps"]) < MOST_STEPS:
        given["steps"].append({"event": "order_completed"})
    elif verb == "exclude" and len(given["exclude"]) < MOST_STEPS:
        given["exclude"].append({"event": "order_refunded"})
    elif 0 <= nth < len(rows):
        listed = given["exclude" if place.startswith("x") else "steps"]
        where = listed[nth].setdefault("where", [])
        if verb == "remove":
            del listed[nth]
        elif verb == "up" and nth:
            listed[nth - 1], listed[nth] = listed[nth], listed[nth - 1]
        elif verb == "filter" and len(where) < MOST_FILTERS:
            where.append({"property": "", "op": "=", "value": ""})
        elif verb == "unfilter" and number.isdecimal() and int(number) < len(where):
            del where[int(number)]
