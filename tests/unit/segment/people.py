"""A few dozen customers with random histories, for rules of segments, and what the rules mean in plain Python."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schwung.app.wiring import TABLES
from schwung.core.clock import DAY, HOUR, MINUTE
from schwung.core.period import day_of, start_of
from schwung.measure.example import arrow
from schwung.measure.phase import preset
from schwung.measure.question import Question
from schwung.segment.calendar import anniversaries, days
from schwung.segment.given import Given
from schwung.segment.span import read_span

NOW = 1_700_000_000_000_000 + 17
ZONE = "Europe/Berlin"
EVENTS = ("product_viewed", "product_added", "article_read")
COLORS = ("red", "blue", "green")
RULES = preset("b2c_shop")
LISTED = {"Regulars": 7}
Row = Mapping[str, Any]


class People:
    """facts: rows by table, each with customer_id. Times lie close together, so that windows of minutes matter and many tie."""

    def __init__(self, seed: int, count: int = 60, span: int = 6 * HOUR) -> None:
        rng = np.random.default_rng(seed)
        self.rng, self.ids = rng, [int(one) * 7 + 1 for one in range(count)]
        self.facts: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("events", "orders", "answers", "profiles", "memberships", "consents")
        }
        steps = [0, 1, MINUTE, 5 * MINUTE]
        for who in self.ids:
            self._profile(who)
            for _ in range(int(rng.integers(0, 9))):
                at = NOW - int(rng.integers(0, span // MINUTE)) * MINUTE - steps[rng.integers(len(steps))]
                self._event(who, at)
            for _ in range(int(rng.integers(0, 4))):
                at = NOW - int(rng.integers(0, span // MINUTE)) * MINUTE
                self._order(who, at)
            if rng.random() < 0.5:
                self._answer(who, NOW - int(rng.integers(0, span // MINUTE)) * MINUTE)
        for who in self.ids[::9]:  # what is not known yet
            self._event(who, NOW + 300 * MINUTE)

    def _profile(self, who: int) -> None:
        rng, today = self.rng, day_of(NOW, ZONE)
        traits: dict[str, Any] = {"postcode": str(rng.integers(10_000, 99_999))}
        if rng.random() < 0.8:
            traits["birthday"] = (today.replace(year=1980) + timedelta(days=int(rng.integers(-3, 4)))).isoformat()
        if rng.random() < 0.8:
            traits["contract_end"] = (today + timedelta(days=int(rng.integers(-2, 3)))).isoformat()
        if rng.random() < 0.7:
            traits["visits"] = int(rng.integers(0, 5))
        country = [None, "DE", "AT"][rng.integers(3)]
        row = {
            "customer_id": who,
            "first_seen_at": NOW - DAY,
            "country": country,
            "is_gone": False,
            "has_objected": False,
        }
        self.facts["profiles"].append(row | {"traits": json.dumps(traits)})
        if rng.random() < 0.3:
            self.facts["memberships"].append(
                {"customer_id": who, "identifier_id": who, "segment_id": 7, "kind": "list", "joined_at": NOW - DAY}
            )
        for nth in range(int(rng.integers(0, 3))):
            until = [None, NOW + int(rng.integers(-60, 90)) * MINUTE][rng.integers(2)]
            state = ["granted", "withdrawn"][rng.integers(2)]
            self.facts["consents"].append({"customer_id": who, "consent_no": 10 * who + nth, "purpose": "newsletter", "channel": "email", "state": state, "given_at": NOW - int(rng.integers(1, 3)) * HOUR, "expires_at": until})  # fmt: skip

    def _event(self, who: int, at: int) -> None:
        rng = self.rng
        about = {"color": COLORS[rng.integers(3)], "price": [None, 5, 12.5, "7", "x"][rng.integers(5)]}
        row = {
            "event_no": int(rng.integers(1 << 40)),
            "name": EVENTS[rng.integers(3)],
            "happened_at": at,
            "customer_id": who,
            "identifier_id": who,
        }
        self.facts["events"].append(row | {"properties": json.dumps(about)})

    def _order(self, who: int, at: int) -> None:
        rng = self.rng
        key = int(rng.integers(1 << 40))
        row = {
            "order_key": key,
            "order_id": str(key),
            "ordered_at": at,
            "customer_id": who,
            "identifier_id": who,
            "currency": "EUR",
        }
        more = {
            "amount_minor": int(rng.integers(0, 9)) * 1000,
            "is_cancelled": bool(rng.random() < 0.2),
            "channel": ["email", "print"][rng.integers(2)],
        }
        self.facts["orders"].append(row | more)

    def _answer(self, who: int, at: int) -> None:
        key, value = int(self.rng.integers(1 << 40)), float(self.rng.integers(0, 11))
        row = {
            "answer_key": key,
            "answered_at": at,
            "customer_id": who,
            "identifier_id": who,
            "metric": "nps",
            "question_id": "q",
        }
        self.facts["answers"].append(row | {"value": value, "scale_low": 0.0, "scale_high": 10.0, "better": "higher"})

    def given(self, now: int) -> Given:
        """What the compiled rules read at a moment."""
        tables = {name: ibis.memtable(arrow(TABLES[name], rows)) for name, rows in self.facts.items() if name in TABLES}
        columns = {
            "customer_id": pa.int64(),
            "consent_no": pa.int64(),
            "purpose": pa.string(),
            "channel": pa.string(),
            "state": pa.string(),
            "given_at": pa.int64(),
            "expires_at": pa.int64(),
        }
        tables["consents"] = ibis.memtable(
            pa.Table.from_pylist(self.facts["consents"], pa.schema(list(columns.items())))
        )
        tables |= {"days": ibis.memtable(days(ZONE)), "anniversaries": ibis.memtable(anniversaries(ZONE, now))}
        empty: dict[str, ir.Table] = {}

        def table(name: str, customer: bool) -> ir.Table:
            if name not in tables:
                return empty.setdefault(name, ibis.memtable(arrow(TABLES[name], [])))
            return tables[name]

        question = Question(now, ZONE, dormant_after_days=1, lost_after_days=2)
        return Given(table, question, 100, RULES)


def means(rule: Mapping[str, Any], people: People, who: int, now: int) -> bool:
    """Whether a rule holds for a customer at a moment, from the definitions alone; facts after NOW are not known."""
    ((name, inner),) = rule.items()
    if name in ("all", "any"):
        return (all if name == "all" else any)(means(one, people, who, now) for one in inner)
    if name == "not":
        return not means(inner, people, who, now)
    return bool(_MEANINGS[name](inner, people, who, now))


def _rows(people: People, who: int, asked: Mapping[str, Any], now: int) -> list[Row]:
    """Rows of a step, oldest first."""
    if "event" in asked:
        rows = [
            row | {"at": row["happened_at"], "tie": row["event_no"]}
            for row in people.facts["events"]
            if row["name"] == asked["event"]
        ]
    else:
        rows = [
            row | {"at": row["ordered_at"], "tie": row["order_key"]}
            for row in people.facts["orders"]
            if not row["is_cancelled"]
        ]
    rows = [row for row in rows if row["customer_id"] == who and row["at"] <= NOW]
    for test in asked.get("where", ()):
        rows = [row for row in rows if str(_property(row, test["property"])) == str(test["value"])]
    return sorted(rows, key=lambda row: (row["at"], row["tie"]))


def _property(row: Row, name: str) -> Any:
    if name == "amount":
        return row["amount_minor"] / 100
    return json.loads(row["properties"]).get(name) if "properties" in row else row[name]


def _in(rows: list[Row], asked: Mapping[str, Any], now: int) -> list[Row]:
    length = read_span(asked["within"]) if "within" in asked else None
    return rows if length is None else [row for row in rows if row["at"] > now - length]


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _did(asked: Row, people: People, who: int, now: int) -> bool:
    rows = _in(_rows(people, who, asked, now), asked, now)
    count = len({_property(row, asked["distinct"]) for row in rows} - {None}) if "distinct" in asked else len(rows)
    least = asked.get("exactly", asked.get("at_least", 0 if "at_most" in asked else 1))
    most = asked.get("exactly", asked.get("at_most"))
    return bool(count >= least and (most is None or count <= most))


def _amount(asked: Row, people: People, who: int, now: int) -> bool:
    of = asked.get("sum") or asked.get("average")
    values = [
        number
        for row in _in(_rows(people, who, asked, now), asked, now)
        if (number := _number(_property(row, of))) is not None
    ]
    if "sum" in asked:
        found = sum(max(value, 0) for value in values)
    elif values:
        found = sum(values) / len(values)
    else:
        return False
    return bool(found >= asked["at_least"] if "at_least" in asked else found < asked["less_than"])


def _property_of(asked: Row, people: People, who: int, now: int) -> bool:
    name = asked.get("first") or asked["last"]
    rows = [row for row in _rows(people, who, asked, now) if _property(row, name) is not None]
    return bool(rows) and str(_property(rows[0 if "first" in asked else -1], name)) == str(asked["value"])


def _followed(asked: Row, people: People, who: int, now: int) -> bool:
    first, then = (_rows(people, who, asked[name], now) for name in ("first", "then"))
    third = _rows(people, who, asked["without"], now) if "without" in asked else []
    most = read_span(asked["after_at_most"]) if "after_at_most" in asked else None

    def valid(one: Row, other: Row) -> bool:
        if not one["at"] < other["at"] or (most is not None and other["at"] - one["at"] > most):
            return False
        return not any(one["at"] < row["at"] < other["at"] for row in third)

    return bool(_in([other for other in then if any(valid(one, other) for one in first)], asked, now))


def _left_off(asked: Row, people: People, who: int, now: int) -> bool:
    first, then = (_rows(people, who, asked[name], now) for name in ("first", "then"))
    if not first or any(row["at"] >= first[-1]["at"] for row in then):
        return False
    age = now - first[-1]["at"]
    return bool(age >= read_span(asked["for"]) and ("within" not in asked or age < read_span(asked["within"])))  # type: ignore[operator]


def _traits(people: People, who: int) -> Row:
    (row,) = (row for row in people.facts["profiles"] if row["customer_id"] == who)
    return {"country": row["country"]} | json.loads(row["traits"])


def _trait(asked: Row, people: People, who: int, now: int) -> bool:
    value = _traits(people, who).get(asked["name"])
    if asked["op"] == "known":
        return value is not None
    if asked["op"] in (">", "<"):
        number = _number(value)
        return number is not None and (number > asked["value"] if asked["op"] == ">" else number < asked["value"])
    return (str(value) == str(asked["value"])) == (asked["op"] == "=")


def _date(asked: Row, people: People, who: int, now: int) -> bool:
    value = _traits(people, who).get(asked["trait"])
    if value is None:
        return False
    day = date.fromisoformat(value)
    days = [day] if not asked.get("yearly") else [day.replace(year=year) for year in range(2021, 2027)]
    instants = [start_of(one, ZONE) for one in days]
    if "in_next" in asked:
        return any(0 < at - now <= read_span(asked["in_next"]) for at in instants)  # type: ignore[operator]
    return any(0 <= now - at < read_span(asked["in_last"]) for at in instants)  # type: ignore[operator]


def _kind(asked: Any, people: People, who: int, now: int) -> bool:
    orders = _rows(people, who, {"fact": "orders"}, now)
    if not orders:
        return "lead" in asked
    age = now - orders[-1]["at"]
    if age > 2 * DAY:
        return "lost" in asked
    if age > DAY:
        return "dormant" in asked
    return ("existing" if len(orders) > 1 else "new") in asked  # all lie within hours: nobody was ever lost


def _consent(asked: Row, people: People, who: int, now: int) -> bool:
    rows = [row for row in people.facts["consents"] if row["customer_id"] == who]
    if not rows:
        return False
    last = max(rows, key=lambda row: (row["given_at"], row["state"] != "granted", row["consent_no"]))
    return last["state"] == "granted" and (last["expires_at"] is None or last["expires_at"] > now)


def _answer(asked: Row, people: People, who: int, now: int) -> bool:
    rows = [row for row in people.facts["answers"] if row["customer_id"] == who]
    if not rows:
        return False
    last = max(rows, key=lambda row: (row["answered_at"], row["answer_key"]))
    young = "within" not in asked or last["answered_at"] > now - read_span(asked["within"])  # type: ignore[operator]
    return bool(young and last["value"] * 10 <= asked["value"])


def _share(asked: Row, people: People, who: int, now: int) -> bool:
    digest = hashlib.md5(f"{who}:{asked['salt']}".encode(), usedforsecurity=False).hexdigest()[:8]
    return int(digest, 16) < int(asked["of"] * 2**32)


_MEANINGS: Mapping[str, Callable[[Any, People, int, int], bool]] = {
    "did": _did,
    "did_not": lambda asked, people, who, now: not _did(asked, people, who, now),
    "amount": _amount,
    "property": _property_of,
    "followed": _followed,
    "left_off": _left_off,
    "trait": _trait,
    "date": _date,
    "kind": _kind,
    "consent": _consent,
    "answer": _answer,
    "share": _share,
    "postcode": lambda asked, people, who, now: _traits(people, who)["postcode"].startswith(tuple(asked)),
    "member": lambda asked, people, who, now: any(row["customer_id"] == who for row in people.facts["memberships"]),
}
