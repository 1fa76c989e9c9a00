"""Deliveries come late more often than usual."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import NOT_PRICED, by_outflow, evidence, from_to, metric, save_list
from schwung.measure.friction_deliveries import courses
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope

_TITLE = Text("Late deliveries", "Verspätete Lieferungen")


def series(scope: Scope, windows: Windows) -> ir.Table:
    """By day of delivery: what was late after its promise, or after five days where nothing was promised."""
    rows = courses(scope).filter(_.delivered_day.notnull())
    return counted(rows, day=rows.delivered_day, n=1, total=rows.is_late)


def say(rule: Rule, context: Context, change: Change) -> Finding:
    claim = Text(
        "{now} of deliveries came late; usual are {usual}.", "{now} der Lieferungen kamen zu spät; üblich sind {usual}."
    )
    money = by_outflow(context, change, "late", Text("late deliveries", "verspätete Lieferungen"))
    return rule.finding(
        claim.fill(**from_to(change)), evidence(_TITLE, change), save_list("late"), metric("late_delivery_share", _TITLE),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="late_rising",
    title=Text("More late deliveries", "Mehr verspätete Lieferungen"),
    sort="change",
    phase="interact",
    definition=Text(
        "Share of deliveries that came after their promised day (five days after the order where none was promised), by day of delivery.",
        "Anteil der Lieferungen nach dem zugesagten Tag (ohne Zusage: fünf Tage nach der Bestellung), nach Liefertag.",
    ),
    threshold=off_by(),
    series=series,
    say=say,
)
