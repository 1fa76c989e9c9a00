"""A step of a funnel: an event or a fact by name, and conditions on its properties, as data and as Ibis."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import ibis
import ibis.expr.types as ir

from schwung.collect.event_type import EVENT_TYPES
from schwung.collect.relationship_tables import TABLES as RELATIONSHIP_TABLES
from schwung.collect.table import Table
from schwung.collect.tables import TABLES
from schwung.core.errors import InputError
from schwung.core.money import EXPONENTS
from schwung.core.text import Text

Op = Literal["=", "≠", "<", "≤", ">", "≥", "in", "contains", "known", "unknown"]
OPS: tuple[Op, ...] = get_args(Op)
_SPELLINGS: Mapping[str, Op] = {"==": "=", "is": "=", "!=": "≠", "<>": "≠", "is not": "≠", "<=": "≤", ">=": "≥",
                                "is known": "known", "is unknown": "unknown"}  # fmt: skip
FACTS: Mapping[str, Table] = {
    table.name: table
    for table in (*TABLES, *RELATIONSHIP_TABLES)
    if table.time is not None and table.person == "identifier_id" and table.name != "events"
}
"""Fact tables whose rows can be steps."""
_SINGULAR = {name.removesuffix("s"): name for name in FACTS} | {"delivery": "deliveries"}
_PATH = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_EVENT_COLUMNS = ("source", "channel", "campaign", "order_id", "product_id", "currency")
MOST_LETTERS = 300


@ibis.udf.scalar.builtin(name="get_json_object")
def json_text(text: str, path: str) -> str:  # type: ignore[empty-body]
    """The value at a path of JSON as text; null where there is none. Spark has it; the DuckDB engine brings it as a macro."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a property. value: text, number, truth, or a tuple of them for `in`; None for known and unknown."""

    name: str
    op: Op
    value: Any = None

    @classmethod
    def read(cls, data: Any) -> "Condition":
        """From {"property", "op", "value"}. InputError that says what is wrong."""
        if not isinstance(data, Mapping):
            raise wrong(Text("a condition is a mapping", "eine Bedingung ist eine Zuordnung"), data)
        name = str(data.get("property") or "").removeprefix("properties.")
        op = _SPELLINGS.get(str(data.get("op", "=")), str(data.get("op", "=")))
        value = data.get("value")
        if not _PATH.fullmatch(name) or len(name) > MOST_LETTERS:
            raise wrong(Text("a property has letters, digits, _ and dots", "eine Eigenschaft hat Buchstaben, Ziffern, _ und Punkte"), name)  # fmt: skip
        if op not in OPS:
            raise wrong(Text("operators are {ops}", "Operatoren sind {ops}").fill(ops=" ".join(OPS)), op)
        if op in ("known", "unknown"):
            return cls(name, op)
        values = value if isinstance(value, list | tuple) else [value]
        if not values or any(not isinstance(one, str | int | float) or len(str(one)) > MOST_LETTERS for one in values):
            raise wrong(Text("“{name}” needs a value", "„{name}“ braucht einen Wert").fill(name=name), value)
        if op in ("<", "≤", ">", "≥") and (len(values) > 1 or _number(values[0]) is None):
            raise wrong(Text("“{op}” needs a number", "„{op}“ braucht eine Zahl").fill(op=op), value)
        return cls(name, op, tuple(values) if op == "in" else values[0])

    def to_json(self) -> dict[str, Any]:
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"property": self.name, "op": self.op} | ({} if value is None else {"value": value})

    def holds(self, rows: ir.Table, columns: Mapping[str, str]) -> ir.BooleanValue:
        """Whether it holds for a row; never null. columns: property → column, for what is no JSON."""
        return self.meets(_value_of(rows, self.name, columns))

    def meets(self, value: ir.Value) -> ir.BooleanValue:
        """Whether it holds for a value; never null."""
        if self.op in ("known", "unknown"):
            return value.notnull() if self.op == "known" else value.isnull()
        if self.op in ("<", "≤", ">", "≥"):
            number = value.try_cast("float64") if value.type().is_string() else value.cast("float64")
            bound = _number(self.value)
            test = {"<": number < bound, "≤": number <= bound, ">": number > bound, "≥": number >= bound}[self.op]
            return test.fill_null(False)
        if self.op == "contains":
            return value.cast("string").lower().contains(_plain(self.value).lower()).fill_null(False)
        wanted = self.value if isinstance(self.value, tuple) else (self.value,)
        met = _equals(value, wanted).fill_null(False)
        return ~met if self.op == "≠" else met


@dataclass(frozen=True, slots=True)
class Step:
    """kind: `event`, or the name of a fact table. name: of the event; of a fact the table again."""

    kind: str
    name: str
    where: tuple[Condition, ...] = ()
    title: str = ""

    @classmethod
    def read(cls, data: Any) -> "Step":
        """From `"order"`, `"event_name"` or {"event" | "fact", "where", "title"}. InputError that says what is wrong."""
        data = {"fact" if data in FACTS or data in _SINGULAR else "event": data} if isinstance(data, str) else data
        if not isinstance(data, Mapping) or not (data.get("event") or data.get("fact")):
            raise wrong(Text("a step names an event or a fact", "ein Schritt nennt ein Ereignis oder einen Fakt"), data)
        conditions = data.get("where") or ()
        if not isinstance(conditions, list | tuple):
            raise wrong(Text("“where” is a list", "„where“ ist eine Liste"), conditions)
        where = tuple(Condition.read(one) for one in conditions)
        title = str(data.get("title") or "")[:MOST_LETTERS]
        if data.get("event"):
            return cls("event", str(data["event"])[:MOST_LETTERS], where, title)
        fact = _SINGULAR.get(str(data["fact"]), str(data["fact"]))
        if fact not in FACTS:
            raise wrong(Text("facts are {names}", "Fakten sind {names}").fill(names=", ".join(FACTS)), fact)
        step = cls(fact, fact, where, title)
        missing = [one.name for one in where if one.name not in columns_of(fact)]
        if missing:
            raise wrong(
                Text("{fact} has no “{names}”; it has {known}", "{fact} hat kein „{names}“; vorhanden: {known}").fill(
                    fact=FACTS[fact].title, names=", ".join(missing), known=", ".join(columns_of(fact))
                ),
                fact,
            )
        return step

    def to_json(self) -> dict[str, Any]:
        named = {"event": self.name} if self.kind == "event" else {"fact": self.kind}
        where = [one.to_json() for one in self.where]
        return named | ({"where": where} if where else {}) | ({"title": self.title} if self.title else {})

    def label(self) -> Text:
        """How the step is called: its title, or the fact's, or the event's name; with its conditions."""
        if self.title:
            return Text(self.title, self.title)
        named = title_of(self.name) if self.kind == "event" else FACTS[self.kind].title
        told = ", ".join(
            f"{one.name} {one.op}{'' if one.value is None else f' {_told(one.value)}'}" for one in self.where
        )
        return Text("{name} ({told})", "{name} ({told})").fill(name=named, told=told) if told else named

    def holds(self, rows: ir.Table) -> ir.BooleanValue:
        """Whether a row of the step's table is this step."""
        columns = columns_of(self.kind)
        tests = [one.holds(rows, columns) for one in self.where]
        if self.kind == "event":
            tests.append(rows["name"] == self.name)
        found: ir.BooleanValue = ibis.literal(True) if not tests else tests[0]
        for test in tests[1:]:
            found = found & test
        return found


def title_of(event: str) -> Text:
    """An event as people call it; one of the shop's own by its name."""
    return EVENT_TYPES[event].title if event in EVENT_TYPES else Text(event, event)


def columns_of(kind: str) -> dict[str, str]:
    """Property → column of a step's table: what may be asked beside an event's own properties."""
    if kind == "event":
        return {name: name for name in _EVENT_COLUMNS} | {"amount": "amount_minor"}
    table = FACTS[kind]
    hidden = {"bucket", "version", "batch_no", "content_hash", "identifier_id", table.time, *table.personal}
    return {
        (name.removesuffix("_minor") if name.endswith("_minor") else name): name
        for name in table.names
        if name not in hidden
    }


def property_of(rows: ir.Table, kind: str, name: str) -> ir.Value:
    """A property of the rows of a step's table; null where an event has none of that name."""
    columns = columns_of(kind)
    if kind != "event" and name not in columns:
        return ibis.null("string")
    return _value_of(rows, name, columns)


def wrong(why: Text, what: object) -> InputError:
    """A definition that cannot be read."""
    return InputError(
        "funnel_wrong",
        Text(en="The definition is wrong: {why} (“{what}”).", de="Die Definition ist falsch: {why} („{what}“).").fill(
            why=why, what=str(what)[:100]
        ),
        Text(en="See docs/how-to/funnels.md.", de="Siehe docs/de/how-to/funnels.md."),
    )


def _value_of(rows: ir.Table, name: str, columns: Mapping[str, str]) -> ir.Value:
    column = columns.get(name)
    if column is None:
        return json_text(rows["properties"], f"$.{name}")
    if not column.endswith("_minor"):
        return rows[column]
    # Amounts are asked in major units, as people write them.
    other = ((rows["currency"] == code, 10**exponent) for code, exponent in EXPONENTS.items())
    return rows[column] / ibis.cases(*other, else_=100)


def _equals(value: ir.Value, wanted: tuple[Any, ...]) -> ir.BooleanValue:
    if value.type().is_boolean():
        return value.isin([_plain(one) == "true" for one in wanted])
    if value.type().is_numeric():
        numbers = [number for one in wanted if (number := _number(one)) is not None]
        return value.cast("float64").isin(numbers) if numbers else ibis.literal(False)
    return value.isin([_plain(one) for one in wanted])


def _plain(value: Any) -> str:
    """As JSON's text has it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _told(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
