"""The form of a mapping: what it shows for each column, and the mapping that a filled form means."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from schwung.app.import_looks import DryRun, Inspection
from schwung.collect.currencies import CURRENCIES
from schwung.collect.guess import CERTAIN, DATE_FORMATS, Question, date_forms, questions, read_as
from schwung.collect.import_kind import KINDS, Kind
from schwung.collect.mapping import ColumnRule, FileMapping
from schwung.core.period import zones
from schwung.core.text import Text

COMMA, POINT = Text("decimal comma", "Dezimalkomma"), Text("decimal point", "Dezimalpunkt")
ISO = DATE_FORMATS["iso"][1]
ZONES = sorted(name for name in zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
SOURCE_NAME = re.compile(r"[\w.\-]{1,60}")
_UNIT = re.compile(r"[\s€$£]|[A-Z]{3}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file. field: what it becomes, or None. ways: how it can be read, by key; way: the chosen one.

    filled_share, different, unreadable: of the first rows, how many hold something, different values, what does not fit.
    """

    place: int
    name: str
    samples: tuple[str, ...]
    field: str | None
    ways: Mapping[str, Text]
    way: str
    reading: Text | None
    is_certain: bool
    filled_share: float
    different: int
    unreadable: int


def columns(looked: Inspection, mapping: FileMapping) -> list[Column]:
    """A row per column of the file, in its order."""
    certainties = {guess.column: guess.certainty for guess in looked.proposal.guesses}
    kind, found = KINDS.find(mapping.kind), []
    for place, name in enumerate(looked.samples):
        values = [value for value in looked.samples[name] if value]
        rule = mapping.columns.get(name)
        ways = _ways(kind, rule, values)
        reading = None if rule is None or ways else _reading(kind, rule, values, mapping.zone)
        way = _way(kind, rule)
        shown = tuple(dict.fromkeys(values))[:3]
        found.append(
            Column(
                place,
                name,
                shown,
                rule.field if rule else None,
                ways,
                way,
                reading,
                certainties.get(name, 0) >= CERTAIN,
                len(values) / len(looked.samples[name]) if looked.samples[name] else 0.0,
                len(set(values)),
                _unreadable(kind, rule, values),
            )
        )
    return found


def groups(found: DryRun) -> list[dict[str, Any]]:
    """What a dry run refused, most first: column, reason, count, and the first row of it where it was kept."""
    first = {(one.column, one.reason.en): one for one in reversed(found.rejects)}
    return [
        {
            "column": column,
            "reason": reject.reason if (reject := first.get((column, reason))) else Text(reason, reason),
            "count": count,
            "line": reject.line if reject else None,
            "content": (reject.content or reject.original)[:60] if reject else "",
        }
        for column, reason, count in found.groups
    ]


def wrong(mapping: FileMapping) -> dict[str, str]:
    """What a person typed that cannot be: the field, and the key of the text that says why."""
    found = {}
    if mapping.zone not in zones():
        found["zone"] = "zone_wrong"
    if mapping.currency not in CURRENCIES:
        found["currency"] = "currency_wrong"
    if not SOURCE_NAME.fullmatch(mapping.source):
        found["source"] = "source_wrong"
    return found


def open_questions(looked: Inspection, mapping: FileMapping) -> tuple[Question, ...]:
    return questions(mapping, _values(looked))


def filled(looked: Inspection, mapping: FileMapping, form: Mapping[str, str]) -> FileMapping:
    """The mapping as the form says; a column given to two fields keeps the last one."""
    kind, values = KINDS.find(mapping.kind), _values(looked)
    rules: dict[str, ColumnRule] = {}
    for place, name in enumerate(looked.samples):
        wanted = form.get(f"field-{place}", "")
        field = kind.find(wanted)
        if field is None:
            continue
        rules = {column: rule for column, rule in rules.items() if rule.field != wanted}
        before = mapping.columns.get(name)
        rule = before if before and before.field == wanted else read_as(field, values[name], mapping.zone)[0]
        rules[name] = _chosen(rule, form.get(f"way-{place}", ""), changed=before != rule)
    found = replace(
        mapping,
        columns=rules,
        extra={name: given for name, given in mapping.extra.items() if name not in rules},
        source=form.get("source", "").strip() or mapping.source,
        zone=form.get("zone", mapping.zone).strip(),
        currency=form.get("currency", mapping.currency).strip().upper(),
        is_net=form.get("is_net", "") == "true",
    )
    if mapping.kind in ("orders", "order_lines"):
        found = replace(
            found,
            return_prefix=form.get("return_prefix", "").strip() or None,
            negative_is_return=form.get("negative_is_return", "") == "true",
            shipping=_lines(form, "shipping"),
            extras=_lines(form, "extras"),
            corrections=_lines(form, "corrections"),
        )
    for question in questions(found, values):
        answer = form.get(f"answer-{question.name}", "")
        if answer.isdecimal() and int(answer) < len(question.answers):
            found = question.answers[int(answer)].mapping
    return found


def _ways(kind: Kind, rule: ColumnRule | None, values: Sequence[str]) -> dict[str, Text]:
    field = kind.find(rule.field) if rule else None
    if field is None:
        return {}
    if field.type == "number":
        return {".": POINT, ",": COMMA}
    if field.type in ("instant", "day"):
        return {form: DATE_FORMATS[form][1] for form in date_forms(values)} or {"iso": ISO}
    return {}


def _unreadable(kind: Kind, rule: ColumnRule | None, values: Sequence[str]) -> int:
    """How many of the first values do not fit the field as it is read."""
    field = kind.find(rule.field) if rule else None
    if rule is None or field is None or field.type in ("text", "bool"):
        return 0
    counts = Counter(values)
    if field.type == "number":
        return sum(count for value, count in counts.items() if not _is_number(value, rule.decimal))
    form = rule.format or "iso"
    return sum(count for value, count in counts.items() if form in DATE_FORMATS and not _is_date(value, form))


def _is_number(value: str, decimal: str) -> bool:
    thousands = "." if decimal == "," else ","
    plain = _UNIT.sub("", value).replace(thousands, "").replace(",", ".")
    return _NUMBER.fullmatch(plain) is not None


def _is_date(value: str, form: str) -> bool:
    if not re.fullmatch(DATE_FORMATS[form][0], value):
        return False
    try:
        if form == "iso":
            date(*(int(part) for part in re.findall(r"\d+", value)[:3]))
        elif not form.startswith("epoch"):
            datetime.strptime(value, form)  # noqa: DTZ007  only whether there is such a day
    except ValueError:
        return False
    return True


def _way(kind: Kind, rule: ColumnRule | None) -> str:
    field = kind.find(rule.field) if rule else None
    if rule is None or field is None:
        return ""
    return rule.decimal if field.type == "number" else rule.format or "iso"


def _chosen(rule: ColumnRule, way: str, *, changed: bool) -> ColumnRule:
    """The rule with the way that the form names; a field that was just changed keeps what fits it."""
    if changed or not way:
        return rule
    if way in (".", ","):
        return replace(rule, decimal="," if way == "," else ".")
    return replace(rule, format=None if way == "iso" else way) if way in DATE_FORMATS else rule


def _reading(kind: Kind, rule: ColumnRule, values: Sequence[str], zone: str) -> Text | None:
    field = kind.find(rule.field)
    return read_as(field, values, zone)[1] if field and values else None


def _values(looked: Inspection) -> dict[str, list[str]]:
    return {name: [value for value in values if value] for name, values in looked.samples.items()}


def _lines(form: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in form.get(name, "").replace("\n", ",").split(",") if part.strip())
