"""Dated exchange rates that an operator enters: with one, a foreign amount counts; without, it is listed, not summed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.app import audit
from schwung.app.ports import Engine, Transaction
from schwung.app.wiring import Workspace
from schwung.collect.table import Table
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.period import start_of
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.app.facts import Facts

_NEVER = 253_402_300_800_000_000
_LAST_DAY = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` is worth `rate` units of the reporting currency, from that day until the next rate."""

    currency: str
    valid_from_on: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Unconverted:
    """Amounts of a table that no rate covers: in minor units of their own currency."""

    table: str
    currency: str
    count: int
    amount_minor: int


def rates(tx: Transaction) -> list[Rate]:
    """By currency and day."""
    return [
        Rate(row["currency"], date.fromisoformat(row["valid_from_on"]), Decimal(row["rate"]))
        for row in tx.rows("rates.all")
    ]


def set_rate(workspace: Workspace, currency: str, rate: str, valid_from_on: date, *, actor: str = "system") -> Rate:
    """Enter a rate, or correct the one of that day. InputError for what is no currency or no positive number."""
    currency = currency.strip().upper()
    reporting = workspace.settings.workspace.currency
    try:
        number = Decimal(rate)
    except InvalidOperation:
        number = Decimal(0)
    if (
        not re.fullmatch("[A-Z]{3}", currency)
        or currency == reporting
        or not (number.is_finite() and 0 < number < 10**9)
    ):
        raise InputError(
            "rate_wrong",
            Text(
                en="A rate needs a foreign currency such as USD and a positive number such as 0.92.",
                de="Ein Kurs braucht eine fremde Währung wie USD und eine positive Zahl wie 0.92.",
            ),
            Text(
                en="State how many {reporting} one unit is worth.",
                de="Angeben, wie viele {reporting} eine Einheit wert ist.",
            ).fill(reporting=reporting),
        )
    with workspace.store.write() as tx:
        day = valid_from_on.isoformat()
        tx.run("rates.set", currency=currency, valid_from_on=day, rate=f"{number:f}")
        audit.add(tx, workspace.clock(), actor, "rate_set", currency=currency, valid_from_on=day, rate=f"{number:f}")
    return Rate(currency, valid_from_on, number)


def remove_rate(workspace: Workspace, currency: str, valid_from_on: date, *, actor: str = "system") -> bool:
    """False where there was none."""
    with workspace.store.write() as tx:
        named = {"currency": currency.upper(), "valid_from_on": valid_from_on.isoformat()}
        removed = bool(tx.run("rates.remove", **named))
        if removed:
            audit.add(tx, workspace.clock(), actor, "rate_removed", **named)
    return removed


def convert(
    rows: ir.Table, declared: Table, engine: Engine, known: Sequence[Rate], reporting: str, zone: str
) -> ir.Table:
    """Foreign amounts in the reporting currency, by the rate of their day, rounded half away from zero.

    Rows without a rate stay as they are. Tables without amounts, and workspaces without rates, cost nothing.
    """
    amounts = [name for name in rows.columns if name.endswith("_minor")]
    moment = "spent_on" if "spent_on" in rows.columns else declared.time
    if not known or not amounts or moment is None or "currency" not in rows.columns:
        return rows
    table = engine.memtable(_intervals(known, reporting, zone, by_day=moment == "spent_on"), "rates")
    joined = rows.left_join(
        table, [rows["currency"] == table["rate_of"], rows[moment] >= table["since"], rows[moment] < table["until"]]
    )
    factor = joined["factor"]
    values = {name: ibis.coalesce(_rounded(joined[name] * factor), joined[name]) for name in amounts}
    values["currency"] = ibis.ifelse(factor.notnull(), ibis.literal(reporting), joined["currency"])
    return joined.mutate(**values).select(*rows.columns)


def unconverted(facts: "Facts") -> list[Unconverted]:
    """What is left out of sums because it is in a foreign currency without a rate, by table and currency."""
    found = []
    for name, declared in facts.workspace.lake.tables.items():
        if {"amount_minor", "currency"} <= set(declared.names) and name != "events":
            rows = facts.table(name)
            foreign = rows.filter(rows["currency"].notnull() & (rows["currency"] != facts.currency))
            grouped = foreign.group_by("currency").agg(
                count=foreign.count(), amount_minor=foreign["amount_minor"].sum()
            )
            found += [Unconverted(name, **row) for row in facts.run(grouped.order_by("currency")).to_pylist()]
    return found


def _rounded(amount: ir.FloatingValue) -> ir.IntegerValue:
    whole = (amount.abs() + 0.5).floor().cast("int64")
    return ibis.ifelse(amount < 0, -whole, whole)


def _intervals(known: Sequence[Rate], reporting: str, zone: str, *, by_day: bool) -> pa.Table:
    """Each rate with the stretch in which it holds: instants, or days as text."""
    since: list[int | str] = []
    until: list[int | str] = []
    for place, rate in enumerate(known):
        following = known[place + 1] if place + 1 < len(known) else None
        ends_on = following.valid_from_on if following and following.currency == rate.currency else None
        if by_day:
            since.append(rate.valid_from_on.isoformat())
            until.append(ends_on.isoformat() if ends_on else _LAST_DAY)
        else:
            since.append(start_of(rate.valid_from_on, zone))
            until.append(start_of(ends_on, zone) if ends_on else _NEVER)
    shift = exponent_of(reporting)
    factors = [float(rate.rate.scaleb(shift - exponent_of(rate.currency))) for rate in known]
    return pa.table({"rate_of": [rate.currency for rate in known], "since": since, "until": until, "factor": factors})
