"""New customers buy a second time less often than those before them."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.rules.repeat_falling import stays
from schwung.measure.diagnosis.texts import JOURNEYS, NOT_PRICED, by_orders, evidence, from_to
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope

WITHIN_DAYS = 28
_TITLE = Text("New customers who order again within 28 days", "Neukunden mit zweiter Bestellung binnen 28 Tagen")


def series(scope: Scope, windows: Windows) -> ir.Table:
    rows = stays(scope)
    first = rows.group_by("customer_id").agg(day=_.day.min(), next_day=_.next_day.min())
    return counted(first, day=first.day, n=1, total=(first.next_day <= first.day + WITHIN_DAYS).fill_null(False))


def say(rule: Rule, context: Context, change: Change) -> Finding:
    claim = Text(
        "The newest customers order a second time less often: {now}; usual are {usual}.",
        "Die neuesten Kunden bestellen seltener ein zweites Mal: {now}; üblich sind {usual}.",
    )
    money = by_orders(context, change)
    return rule.finding(
        claim.fill(**from_to(change)), evidence(_TITLE, change),
        Link(Text("Welcome them by a journey", "Mit einer Strecke begrüßen"), "", JOURNEYS),
        Link(Text("See cohorts", "Kohorten ansehen"), "/metrics/cohort_retention"),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="cohort_worse",
    title=Text("A cohort is worse", "Eine Kohorte ist schlechter"),
    sort="change",
    phase="interact",
    definition=Text(
        "Share of new customers with a second order within 28 days, by day of the first; of the cohort whose 28 days are over.",
        "Anteil der Neukunden mit zweiter Bestellung binnen 28 Tagen, nach Tag der ersten; der Kohorte, deren 28 Tage vorbei sind.",
    ),
    threshold=off_by(),
    better="higher",
    follow_days=WITHIN_DAYS,
    series=series,
    say=say,
)
