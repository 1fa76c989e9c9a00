"""More active customers are lost than usual."""

import ibis
import ibis.expr.types as ir

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.rules.repeat_falling import spans, stays
from schwung.measure.diagnosis.texts import JOURNEYS, NOT_PRICED, by_orders, evidence, metric
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope

_TITLE = Text("Lost a day per active customer", "Je Tag verlorene je aktivem Kunden")


def series(scope: Scope, windows: Windows) -> ir.Table:
    """Whoever ordered is active for the days after which a customer counts as lost."""
    lost_after = scope.question.lost_after // DAY
    rows = spans(stays(scope))
    again = (rows.next_day <= rows.day + lost_after).fill_null(False)
    ends = again.ifelse(rows.next_day, rows.day + lost_after)
    lost = (~again).ifelse(rows.day + lost_after + 1, ibis.null("int64"))
    return ibis.union(
        counted(rows, day=rows.day, n=rows.n, total=0),
        counted(rows, day=ends, n=-rows.n, total=0),
        counted(rows, day=lost, n=0, total=rows.n),
    )


def say(rule: Rule, context: Context, change: Change) -> Finding:
    assert change.now.value is not None and change.usual.value is not None
    claim = Text(
        "More customers are lost: {now} of the active ones in 28 days; usual are {usual}.",
        "Mehr Kunden gehen verloren: {now} der aktiven in 28 Tagen; üblich sind {usual}.",
    )
    row = context.one("orders_per_customer")
    money = by_orders(context, change, row.estimate.value or 1.0) if row else None
    return rule.finding(
        claim.fill(now=said.share(28 * change.now.value), usual=said.share(28 * change.usual.value)),
        evidence(_TITLE, change, "ratio"),
        Link(Text("Win them back by a journey", "Mit einer Strecke zurückholen"), "", JOURNEYS),
        metric("churn_rate", Text("churn rate", "Abwanderungsrate")), money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="churn_rising",
    title=Text("More customers are lost", "Mehr Kunden gehen verloren"),
    sort="change",
    phase="interact",
    definition=Text(
        "Customers who become lost (as the settings say, after so many days without an order) ÷ active customers.",
        "Kunden, die verloren gehen (laut Einstellungen nach so vielen Tagen ohne Bestellung), ÷ aktive Kunden.",
    ),
    threshold=off_by(),
    cumulated=True,
    least=2_000,
    series=series,
    say=say,
)
