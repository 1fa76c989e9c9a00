"""The editor's form: the draft and its past travel with the page, so undo needs no store; one panel of fields at a time.

`at` says which panel: a step's place, or trigger, entry, goal, terms. The fields of a panel are f.N as `segments.form` reads them,
a rule in it is n…, as in the builder of segments.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from schwung.act.journey import HOLDOUT
from schwung.act.step import WEEKDAY_WORDS
from schwung.act.steps import STEPS
from schwung.act.trigger import EXAMPLES, KINDS
from schwung.core.text import Text
from schwung.segment.field import STEP, Field
from schwung.unify.consent import PURPOSES
from schwung.unify.identifier import ORDER
from schwung.web.console.journeys import draft as drafts
from schwung.web.console.journeys.draft import Draft
from schwung.web.console.segments import form as rules

PANELS = ("trigger", "entry", "goal", "terms")
_TIME = Field("time", "text", Text("at (local time)", "um (Ortszeit)"))
TRIGGER_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "event": (STEP,),
    "segment": (
        Field("", "property", Text("segment", "Segment"), {"entered": Text("enters", "betritt"), "left": Text("leaves", "verlässt")}),
    ),
    "date": (
        Field("date", "text", Text("trait", "Merkmal")),
        Field("before", "span", Text("before", "vorher"), is_optional=True),
        Field("after", "span", Text("after", "danach"), is_optional=True),
        _TIME,
        Field("yearly", "flag", Text("every year", "jedes Jahr"), is_optional=True),
    ),
    "schedule": (
        Field("every", "choice", Text("every", "jeden"), {"day": Text("day", "Tag"), "week": Text("week", "Woche"), "month": Text("month", "Monat")}),
        Field("weekdays", "choices", Text("weekdays", "Wochentage"), WEEKDAY_WORDS, is_optional=True),
        Field("day", "number", Text("day of the month", "Tag im Monat"), is_optional=True),
        _TIME,
    ),
    "manual": (),
    "webhook": (
        Field("webhook", "text", Text("where its JSON names the customer", "wo sein JSON den Kunden nennt")),
        Field("identifier", "choice", Text("as", "als"), {name: Text(name, name) for name in ORDER}),
    ),
}  # fmt: skip
GOAL_FIELDS = (STEP, Field("within", "span", Text("within", "innerhalb von"), is_optional=True))
TERM_FIELDS = (
    Field("holdout", "number", Text("holdout, percent", "Vergleichsgruppe, Prozent")),
    Field("purpose", "choice", Text("purpose", "Zweck"), dict(PURPOSES)),
    Field(
        "re_entry", "choice", Text("re-entry", "Wiedereintritt"),
        {"never": Text("once per customer", "einmal je Kunde"), "always": Text("after leaving", "nach dem Verlassen"),
         "each": Text("for each trigger anew", "für jeden Auslöser neu"), "after": Text("after a time", "nach einer Zeit")},
    ),
    Field("after", "span", Text("at the earliest after", "frühestens nach"), is_optional=True),
    Field("note", "text", Text("note", "Notiz"), is_optional=True),
)  # fmt: skip
_RULE: Mapping[str, Any] = {"all": [{"kind": ["existing"]}]}


@dataclass
class Editing:
    """The state of the editor. at: the open panel. past, future: drafts that undo and redo bring back, the nearest last."""

    draft: Draft
    at: str = ""
    name: str = ""
    past: list[Draft] = field(default_factory=list)
    future: list[Draft] = field(default_factory=list)
    wrong: str = ""


def editing_of(fields: Mapping[str, str]) -> Editing:
    """The editor after what the page says and its button `act` asks for."""
    draft = _read(fields.get("draft"), {})
    past, future = (list(filter(drafts.is_sound, _read(fields.get(name), []))) for name in ("past", "future"))
    found = Editing(
        draft if drafts.is_sound(draft) else drafts.new(), fields.get("at", ""), fields.get("name", ""), past, future
    )
    before = json.dumps(found.draft)
    if not fields.get("closed"):
        _apply(found, fields)
    act = fields.get("act", "")
    if act in ("j:undo", "j:redo"):
        _back(found, before) if act == "j:undo" else _forth(found, before)
        return found
    _act(found, act, fields)
    if json.dumps(found.draft) != before:
        found.past = [*found.past, json.loads(before)][-drafts.MOST_PAST :]
        found.future = []
    return found


def panel_fields(editing: Editing) -> dict[str, str]:
    """What the fields of the open panel hold."""
    found: dict[str, str] = {}
    draft, at = editing.draft, editing.at
    rule: Any = None
    if at == "trigger":
        trigger = draft.get("trigger", "manual")
        kind = trigger_kind(trigger)
        found["kind"] = found["was_kind"] = kind
        rules.fill_fields(_spelled(trigger), "f", TRIGGER_FIELDS[kind], found)
    elif at == "entry":
        rule = draft.get("entry")
    elif at == "goal":
        goal = draft.get("goal")
        found["has_goal"] = "1" if goal else ""
        goal = _spelled(goal or "orders")
        rule = goal.pop("rule", None)
        rules.fill_fields(
            goal if "event" in goal or "fact" in goal else {"fact": "orders", **goal}, "f", GOAL_FIELDS, found
        )
        found["exits"] = yaml.safe_dump(draft["exit"], allow_unicode=True, sort_keys=False) if draft.get("exit") else ""
    elif at == "terms":
        rules.fill_fields(_terms(draft), "f", TERM_FIELDS, found)
    elif (step := drafts.step_at(draft, at)) is not None:
        kind = drafts.kind_of(step)
        inner = step[kind]
        inner = (
            dict(inner)
            if isinstance(inner, Mapping)
            else {STEPS[kind].fields[0].name: inner}
            if STEPS[kind].fields
            else {}
        )
        held = rule_field(kind)
        rule = inner.get(held.name) if held else None
        found["title"] = str(step.get("title") or "")
        if kind == "wait_for" and not {"event", "fact"} & set(inner):
            inner["event"] = "order_completed"
        rules.fill_fields(
            {name: value for name, value in inner.items() if name not in _ways(kind)}, "f", plain_fields(kind), found
        )
    if rule:
        found["has_rule"] = "1"
        found |= rules.fields_of(rule)
    return found


def rule_of(editing: Editing) -> dict[str, Any] | None:
    """The rule in the open panel."""
    draft, at = editing.draft, editing.at
    step = drafts.step_at(draft, at) if at not in PANELS else None
    held: Any = None
    if at == "entry":
        held = draft.get("entry")
    elif at == "goal" and isinstance(draft.get("goal"), Mapping):
        held = draft["goal"].get("rule")
    elif step is not None and (one := rule_field(drafts.kind_of(step))):
        inner = step[drafts.kind_of(step)]
        held = inner.get(one.name) if isinstance(inner, Mapping) else None
    return held if isinstance(held, dict) else None


def rule_field(kind: str) -> Field | None:
    return next((one for one in STEPS[kind].fields if one.kind == "rule"), None)


def plain_fields(kind: str) -> tuple[Field, ...]:
    return tuple(one for one in STEPS[kind].fields if one.kind != "rule")


def trigger_kind(trigger: Any) -> str:
    given = _spelled(trigger)
    for name, keys in (
        ("segment", ("entered", "left")),
        ("date", ("date",)),
        ("schedule", ("every",)),
        ("webhook", ("webhook",)),
    ):
        if any(key in given for key in keys):
            return name
    return "manual" if trigger in ("manual", "api") else "event"


def file_of(name: str, draft: Draft) -> str:
    """The draft as `schwung apply` reads it."""
    written: str = yaml.safe_dump({"journey": name or "…", **draft}, allow_unicode=True, sort_keys=False)
    return written.strip()


def draft_from_file(text: str) -> Draft | None:
    """What somebody typed as YAML; None: it is no journey."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(found, dict):
        return None
    try:
        clean: Draft = json.loads(json.dumps({name: value for name, value in found.items() if name != "journey"}))
    except (TypeError, ValueError):
        return None
    return clean if drafts.is_sound(clean) else None


def _apply(editing: Editing, fields: Mapping[str, str]) -> None:
    """What the open panel says goes into the draft."""
    draft, at = editing.draft, editing.at
    if at == "trigger" and "kind" in fields:
        kind = fields["kind"] if fields["kind"] in KINDS else "manual"
        is_other = kind != fields.get("was_kind")
        example = json.loads(json.dumps(EXAMPLES[kind]))
        draft["trigger"] = (
            example if is_other or kind == "manual" else rules.read_fields(fields, "f", TRIGGER_FIELDS[kind])
        )
    elif at == "entry" and "panel" in fields:
        _set(draft, "entry", _rule(fields, draft.get("entry")))
    elif at == "goal" and "panel" in fields:
        _goal(editing, fields)
    elif at == "terms" and "panel" in fields:
        _set_terms(draft, rules.read_fields(fields, "f", TERM_FIELDS))
    elif "panel" in fields and (step := drafts.step_at(draft, at)) is not None:
        kind = drafts.kind_of(step)
        inner = rules.read_fields(fields, "f", plain_fields(kind))
        if kind == "set_trait" and isinstance(inner.get("value"), str):
            inner["value"] = _typed(inner["value"])
        one = rule_field(kind)
        if one is not None and (rule := _rule(fields, rule_of(editing), is_needed=not one.is_optional)):
            inner = {
                name: value
                for name, value in inner.items()
                if kind != "wait_for" or name not in ("event", "fact", "where")
            }
            inner[one.name] = rule
        drafts.replace(draft, at, inner, " ".join(fields.get("title", "").split())[:200])


def _rule(fields: Mapping[str, str], was: Any, *, is_needed: bool = False) -> dict[str, Any] | None:
    """was: the rule before, which stays as it is written where nothing was changed."""
    if not (fields.get("has_rule") or is_needed):
        return None
    if f"{rules.ROOT}.op" not in fields:
        return json.loads(json.dumps(_RULE))
    found = rules.finished(rules.rule_of(fields))
    is_same = isinstance(was, dict) and found == rules.finished(rules.rule_of(rules.fields_of(was)))
    return was if is_same else found


def _typed(text: str) -> Any:
    """A number, true or false where it reads as one; else the text."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return found if isinstance(found, bool | int | float) else text


def _goal(editing: Editing, fields: Mapping[str, str]) -> None:
    draft = editing.draft
    goal = rules.read_fields(fields, "f", GOAL_FIELDS) if fields.get("has_goal") else None
    rule = _rule(fields, rule_of(editing))
    if goal is not None and rule is not None:
        goal = {"rule": rule} | ({"within": goal["within"]} if "within" in goal else {})
    _set(draft, "goal", goal)
    try:
        _set(draft, "exit", yaml.safe_load(fields.get("exits", "")) or None)
    except yaml.YAMLError:
        editing.wrong = "exits_unread"


def _terms(draft: Draft) -> dict[str, Any]:
    again = draft.get("re_entry", "never")
    found = {
        "holdout": _percent(draft.get("holdout", HOLDOUT)),
        "purpose": draft.get("purpose", "advertising"),
        "note": draft.get("note", ""),
    }
    return found | (
        {"re_entry": "after", "after": again.get("after")} if isinstance(again, Mapping) else {"re_entry": again}
    )


def _percent(share: Any) -> Any:
    return f"{share * 100:g}" if isinstance(share, int | float) else share


def _set_terms(draft: Draft, terms: Mapping[str, Any]) -> None:
    holdout = terms.get("holdout", 0)
    draft["holdout"] = round(holdout / 100, 6) if isinstance(holdout, int | float) else holdout
    draft["purpose"] = terms.get("purpose", "advertising")
    again = terms.get("re_entry", "never")
    draft["re_entry"] = {"after": terms.get("after", "30 days")} if again == "after" else again
    _set(draft, "note", terms.get("note"))


def _set(draft: Draft, name: str, value: Any) -> None:
    if value in (None, "", [], {}):
        draft.pop(name, None)
    else:
        draft[name] = value


def _act(editing: Editing, act: str, fields: Mapping[str, str]) -> None:
    """act: j:open:PLACE, j:close, j:add:PLACE:KIND, j:up:PLACE, j:down:PLACE, j:copy:PLACE, j:remove:PLACE, j:file."""
    mark, _, rest = act.partition(":")
    verb, _, rest = rest.partition(":")
    place, _, kind = rest.partition(":")
    if mark != "j":
        return
    draft = editing.draft
    if verb == "open":
        editing.at = place
    elif verb == "close":
        editing.at = ""
    elif verb == "add":
        editing.at = drafts.insert(draft, place, kind)
    elif verb in ("up", "down"):
        editing.at = drafts.move(draft, place, -1 if verb == "up" else 1)
    elif verb == "copy":
        editing.at = drafts.copy(draft, place)
    elif verb == "remove":
        drafts.remove(draft, place)
        editing.at = ""
    elif verb == "file":
        read = draft_from_file(fields.get("file", ""))
        editing.draft, editing.at = (read, "") if read is not None else (draft, "file")
        editing.wrong = "" if read is not None else "file_unread"


def _back(editing: Editing, now: str) -> None:
    if editing.past:
        editing.future.append(json.loads(now))
        editing.draft, editing.at = editing.past.pop(), ""


def _forth(editing: Editing, now: str) -> None:
    if editing.future:
        editing.past.append(json.loads(now))
        editing.draft, editing.at = editing.future.pop(), ""


def _read(text: str | None, unsaid: Any) -> Any:
    try:
        found = json.loads(text or "null")
    except ValueError:
        return unsaid
    return found if isinstance(found, type(unsaid)) else unsaid


def _spelled(what: Any) -> dict[str, Any]:
    if isinstance(what, Mapping):
        return dict(what)
    return {} if what in ("manual", "api") else rules._spelled(what)


def _ways(kind: str) -> tuple[str, ...]:
    return ("then", "else", "ways", "steps", "do")
