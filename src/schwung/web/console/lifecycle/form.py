"""Rules of the phases as fields of a form: r0.phase, r0.fact, r0.days, r0.unless (several). What a button asks for."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from schwung.measure.phase import Rules, preset
from schwung.measure.phases.presets import PRESETS

Fields = list[tuple[str, str]]


def fields_of(rules: Mapping[str, Any]) -> Fields:
    """As the address has them."""
    found: Fields = [("otherwise", str(rules.get("otherwise") or "discover"))]
    for nth, rule in enumerate(rules["rules"]):
        found += [
            (f"r{nth}.phase", rule["phase"]),
            (f"r{nth}.fact", rule["fact"]),
            (f"r{nth}.days", str(rule["days"] or "")),
        ]
        found += [(f"r{nth}.unless", one) for one in rule["unless"]]
    return found


def rules_of(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """As `Rules.read` takes them; a number that is none stays as it was written, so that it can be told."""
    rows: dict[int, dict[str, Any]] = {}
    otherwise = "discover"
    for name, value in fields:
        place, _, what = name.partition(".")
        if name == "otherwise":
            otherwise = value
        elif place[:1] == "r" and place[1:].isdecimal() and len(place) < 5:
            rule = rows.setdefault(int(place[1:]), {"phase": "discover", "fact": "visited", "days": None, "unless": []})
            if what == "unless" and value:
                rule["unless"].append(value)
            elif what == "days":
                rule["days"] = int(value) if value.isdecimal() and len(value) < 6 else value.strip() or None
            elif what in ("phase", "fact"):
                rule[what] = value
    return {"rules": [rows[nth] for nth in sorted(rows)], "otherwise": otherwise}


def acted(rules: dict[str, Any], act: str) -> dict[str, Any]:
    """After a button: `add`, `up:3`, `remove:3`, `preset:b2b`."""
    name, _, more = act.partition(":")
    rows = rules["rules"]
    nth = int(more) if more.isdecimal() else -1
    if name == "preset" and more in PRESETS:
        return preset(more).to_json()
    if name == "add":
        rows.insert(0, {"phase": "discover", "fact": "visited", "days": 30, "unless": []})
    elif name == "up" and 0 < nth < len(rows):
        rows[nth - 1], rows[nth] = rows[nth], rows[nth - 1]
    elif name == "remove" and 0 <= nth < len(rows) and len(rows) > 1:
        del rows[nth]
    return rules


def named(rules: Rules) -> Rules:
    """With the name of the preset that they are, if any."""
    for name in PRESETS:
        known = preset(name)
        if (known.rules, known.otherwise) == (rules.rules, rules.otherwise):
            return known
    return Rules(rules.rules, rules.otherwise)


def read(definition: str) -> dict[str, Any]:
    """From a hidden field. What is no JSON is no rule."""
    try:
        found = json.loads(definition)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
