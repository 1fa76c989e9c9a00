"""The rules of the lead points of a workspace: what holds, and saving others; a definition file carries them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from schwung.app import audit
from schwung.app.definitions import DefinitionKind
from schwung.app.facts import Facts
from schwung.app.segment_facts import Asked
from schwung.app.segments import bound_rules, check_rules
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.points import EventRule, FitRule, Points
from schwung.segment.evaluate import plan
from schwung.segment.rule import Node, read_rule
from schwung.segment.span import read_span, said_span

NAME = "lead_points"
MOST_RULES, MOST_POINTS = 50, 1_000
STANDARD: Mapping[str, Any] = {
    "fit": {
        "cap": 50,
        "rules": [
            {"points": 20, "rule": {"consent": {"purpose": "newsletter", "channel": "email"}}},
            {"points": 20, "rule": {"did": {"event": "registration_completed"}}},
            {"points": 10, "rule": {"trait": {"name": "country", "op": "known"}}},
        ],
    },
    "engagement": {
        "cap": 50,
        "rules": [
            {"points": 2, "event": "product_viewed", "half_life": "14 days"},
            {"points": 3, "event": "products_searched", "half_life": "14 days"},
            {"points": 10, "event": "product_added", "half_life": "14 days"},
            {"points": 15, "event": "checkout_started", "half_life": "14 days"},
            {"points": 20, "event": "form_submitted", "half_life": "30 days"},
            {"points": 8, "event": "email_link_clicked", "half_life": "30 days"},
        ],
    },
}
"""What holds until somebody saves other rules."""


def lead_points(workspace: Workspace) -> Points:
    """The rules that hold."""
    return read_points(_written(workspace) or STANDARD)


def save_lead_points(workspace: Workspace, written: Mapping[str, Any], *, actor: str) -> Points:
    """From the next training on. InputError for wrong rules."""
    points = _checked_rules(workspace, written)
    with workspace.store.write() as tx:
        now, text = workspace.clock(), json.dumps(points_json(points), ensure_ascii=False)
        number = tx.value("lead_points.add", definition=text, created_by=actor, now=now)
        audit.add(tx, now, actor, "lead_points_changed", version=number)
    return points


def who_fits(facts: Facts, points: Points) -> list[Any]:
    """Numbers of the customers who meet each rule of fit, in their order; all rules in one pass over the facts."""
    if not points.fit:
        return []
    rules = _named(points)
    found = Asked(facts, plan(bound_rules(facts.workspace, rules))).of_all()
    return [ids[values > 0] for ids, values in (found[name] for name in rules)] if found else [np.array([], np.int64)]


def read_points(written: Mapping[str, Any]) -> Points:
    """InputError that names what is wrong."""
    unknown = set(written) - {"fit", "engagement"}
    if unknown:
        raise _wrong(Text("“{name}” is not known", "„{name}“ ist nicht bekannt").fill(name=sorted(unknown)[0][:60]))
    fit, fit_cap = _group(written, "fit", {"points", "rule"})
    engagement, engagement_cap = _group(written, "engagement", {"points", "event", "half_life"})
    rules = [(_number(one.get("points")), read_rule(one.get("rule"))) for one in fit]
    return Points(
        tuple(FitRule(points, rule.to_json(), rule.words) for points, rule in rules),
        fit_cap,
        tuple(EventRule(_number(one.get("points")), _event(one), _half_life(one)) for one in engagement),
        engagement_cap,
    )


def points_json(points: Points) -> dict[str, Any]:
    """As a file says it."""
    fit = [{"points": one.points, "rule": dict(one.rule)} for one in points.fit]
    engagement = [
        {"points": one.points, "event": one.event, "half_life": said_span(one.half_life).en}
        for one in points.engagement
    ]
    return {
        "fit": {"cap": points.fit_cap, "rules": fit},
        "engagement": {"cap": points.engagement_cap, "rules": engagement},
    }


def _group(written: Mapping[str, Any], name: str, known: set[str]) -> tuple[Sequence[Mapping[str, Any]], float]:
    group = written.get(name)
    if group is None:
        return (), 50.0
    rules = group.get("rules", ()) if isinstance(group, Mapping) and set(group) <= {"cap", "rules"} else None
    if not isinstance(rules, list | tuple) or len(rules) > MOST_RULES:
        raise _wrong(
            Text("“{name}” needs a cap and at most {most} rules", "„{name}“ braucht cap und höchstens {most} rules").fill(name=name, most=MOST_RULES)
        )  # fmt: skip
    for one in rules:
        if not isinstance(one, Mapping) or set(one) != known:
            raise _wrong(
                Text("each rule of “{name}” has {known}", "jede Regel von „{name}“ hat {known}").fill(name=name, known=", ".join(sorted(known)))
            )  # fmt: skip
    cap = _number(group.get("cap", 50))
    if cap <= 0:
        raise _wrong(Text("a cap lies above 0", "eine Obergrenze (cap) liegt über 0"))
    return rules, cap


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= MOST_POINTS:
        raise _wrong(Text("points and caps are numbers up to {most}", "Punkte und Obergrenzen sind Zahlen bis {most}").fill(most=MOST_POINTS))  # fmt: skip
    return float(value)


def _event(one: Mapping[str, Any]) -> str:
    name = one.get("event")
    if not isinstance(name, str) or not 0 < len(name) <= 100:
        raise _wrong(Text("“event” is the name of an event", "„event“ ist der Name eines Ereignisses"))
    return name


def _half_life(one: Mapping[str, Any]) -> int:
    found = read_span(one.get("half_life"))
    if found is None:
        raise _wrong(Text("“half_life” is a length such as 14 days", "„half_life“ ist eine Dauer, etwa 14 days"))
    return found


def _wrong(why: Text) -> InputError:
    return InputError(
        "lead_points_wrong",
        Text("The lead points cannot be used: {why}.", "Die Lead-Punkte sind nicht brauchbar: {why}.").fill(why=why),
        Text("See docs/how-to/churn-and-leads.md.", "Siehe docs/de/how-to/churn-and-leads.md."),
    )


def _named(points: Points) -> dict[str, Node]:
    return {f"lead points {nth}": read_rule(one.rule) for nth, one in enumerate(points.fit)}


def _checked_rules(workspace: Workspace, written: Mapping[str, Any]) -> Points:
    points = read_points(written)
    check_rules(workspace, _named(points))
    return points


def _written(workspace: Workspace) -> Mapping[str, Any] | None:
    with workspace.store.read() as tx:
        row = tx.row("lead_points.newest")
    return None if row is None else json.loads(row["definition"])


def _current(workspace: Workspace) -> dict[str, Mapping[str, Any]]:
    written = _written(workspace)
    return {} if written is None else {NAME: written}


def _checked(
    workspace: Workspace, name: str, definition: Mapping[str, Any], beside: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    if name != NAME:
        raise _wrong(Text("the score is named {name}", "die Punkte heißen {name}").fill(name=NAME))
    return points_json(read_points(definition))


def _told(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Text, ...]:
    numbers = {name: len(after[name]["rules"]) for name in ("fit", "engagement")}
    return (
        Text(
            "{fit} rules of fit, {engagement} of engagement; from the next training on",
            "{fit} Regeln für Passung, {engagement} für Interesse; ab dem nächsten Training",
        ).fill(**numbers),
    )


def _save(workspace: Workspace, name: str, definition: Mapping[str, Any], actor: str) -> Points:
    return save_lead_points(workspace, definition, actor=actor)


def _ordered(workspace: Workspace, clean: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return list(clean)


DEFINITION = DefinitionKind("score", Text("lead points", "Lead-Punkte"), _current, _checked, _told, _save, _ordered)
