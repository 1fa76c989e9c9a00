"""The forms: from the fields of a request to a plan and back. Buttons add and remove channels; the address holds it all."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schwung.predict.budget.plan import Channel, Plan

MOST_ROWS = 20
ROW = ("name", "purpose", "kind", "at", "brings", "ceiling", "worth", "min", "max", "hours", "sure")
START: Mapping[str, str] = {
    "money": "10000", "hours": "120",
    "c0.name": "Paid search", "c0.at": "4000", "c0.brings": "9000", "c0.ceiling": "16000", "c0.sure": "15",
    "c1.name": "Paid social", "c1.kind": "hill", "c1.at": "3000", "c1.brings": "6000", "c1.ceiling": "14000", "c1.sure": "20",
    "c2.name": "Club", "c2.purpose": "retention", "c2.at": "3000", "c2.brings": "7000", "c2.ceiling": "9000", "c2.hours": "0.03", "c2.sure": "20",
}  # fmt: skip
"""What a visitor sees first: an example, and said to be one."""
EQUITY: Mapping[str, str] = {
    "acquisition.spend": "5", "acquisition.rate": "15", "acquisition.ceiling": "40", "retention.spend": "10", "retention.rate": "50",
    "retention.ceiling": "70", "margin": "50", "discount": "20", "prospects": "1000", "customers": "300", "money": "8000",
}  # fmt: skip
STEEP = 2.5
"""Steepness of an S-curve from the form."""


@dataclass(frozen=True, slots=True)
class Row:
    """One channel as the form shows it."""

    nth: int
    name: str = ""
    purpose: str = "acquisition"
    kind: str = "exponential"
    at: str = ""
    brings: str = ""
    ceiling: str = ""
    worth: str = ""
    min: str = ""
    max: str = ""
    hours: str = ""
    sure: str = ""


def rows_of(fields: Mapping[str, str]) -> list[Row]:
    """The channels that the fields name, after what the button `act` asks for: add, or remove:2."""
    verb, _, place = fields.get("act", "").partition(":")
    given = [nth for nth in range(MOST_ROWS) if f"c{nth}.name" in fields and not (verb == "remove" and place == str(nth))]  # fmt: skip
    found = [
        Row(at, **{name: fields[f"c{nth}.{name}"].strip() for name in ROW if fields.get(f"c{nth}.{name}", "").strip()})
        for at, nth in enumerate(given)
    ]
    return [*found, Row(len(found))] if verb == "add" and len(found) < MOST_ROWS else found


def address_of(rows: Iterable[Row], money: str, hours: str) -> dict[str, str]:
    found = {"money": money} | ({"hours": hours} if hours else {})
    for row in rows:
        usual = Row(row.nth)
        found |= {f"c{row.nth}.{name}": getattr(row, name) for name in ROW if name == "name" or getattr(row, name) != getattr(usual, name)}  # fmt: skip
    return found


def plan_of(rows: Iterable[Row], money: str, hours: str, currency: str) -> dict[str, Any]:
    """The plan that the form means, not checked yet."""
    return {"money": money, **({"hours": hours} if hours else {}), "currency": currency, "channels": [_channel(row) for row in rows]}  # fmt: skip


def fields_of(plan: Plan) -> dict[str, str]:
    """The form that stands for a fitted plan."""
    rows = [_row(nth, one) for nth, one in enumerate(plan.channels[:MOST_ROWS])]
    return address_of(rows, _short(plan.money), _short(plan.hours) if plan.hours is not None else "")


def equity_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """Customer equity as the form has it; shares in percent there."""
    found: dict[str, Any] = {
        name: {"spend": fields.get(f"{name}.spend"), **{part: _hundredth(fields.get(f"{name}.{part}", "")) for part in ("rate", "ceiling")}}
        for name in ("acquisition", "retention")
    }  # fmt: skip
    found |= {"margin": fields.get("margin"), "discount": _hundredth(fields.get("discount", "") or "10")}
    return found | {name: fields[name] for name in ("prospects", "customers", "money") if fields.get(name)}


def _channel(row: Row) -> dict[str, Any]:
    steep = {"n": STEEP} if row.kind == "hill" else {}
    found: dict[str, Any] = {
        "name": row.name, "purpose": row.purpose, "current": row.at or None,
        "curve": {"kind": row.kind, "at": row.at, "brings": row.brings, "ceiling": row.ceiling, **steep},
    }  # fmt: skip
    found |= {key: getattr(row, name) for key, name in (("worth", "worth"), ("min", "min"), ("max", "max"), ("hours_each", "hours")) if getattr(row, name)}  # fmt: skip
    try:
        part = float(row.sure or 0) / 100
        scale = float(row.ceiling)
        found |= {"errors": {"b": part * scale, "k": part * float(row.at)}} if part > 0 else {}
    except ValueError:
        pass  # the plan says what is wrong
    return found


def _row(nth: int, one: Channel) -> Row:
    at = one.current or one.curve.k
    sure = 100 * one.errors.get("b", 0.0) / one.curve.b if one.curve.b else 0.0
    return Row(
        nth, one.name, one.purpose, one.curve.kind, _short(at), _short(one.curve.value(at)), _short(one.curve.b),
        "" if one.worth == 1 else _short(one.worth), _short(one.low) if one.low else "", _short(one.high) if math.isfinite(one.high) else "",
        _short(one.hours_each) if one.hours_each else "", f"{min(sure, 100):.0f}" if sure else "",
    )  # fmt: skip


def _short(value: float) -> str:
    return f"{value:.6g}"


def _hundredth(text: str) -> float | str:
    try:
        return float(text) / 100
    except ValueError:
        return text
