"""Too much revenue hangs on one customer."""

from collections.abc import Sequence

import ibis.expr.types as ir
from ibis import _

from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.finding import Evidence, Finding, Link, Money
from schwung.measure.diagnosis.rule import Context, Rule, Threshold
from schwung.measure.inference import Estimate
from schwung.measure.lifecycle import customer_orders
from schwung.measure.rolling import local_day
from schwung.measure.scope import Scope

_DAYS = 365
_TITLE = Text("Share of the largest customer in a year's goods", "Anteil des größten Kunden an der Ware eines Jahres")


def judge(rule: Rule, context: Context) -> Sequence[Finding]:
    row = context.run(_largest(context.scope)).to_pylist()[0]
    if not row["total"] or row["customers"] < 2 or row["largest"] / row["total"] < rule.limit(context):
        return []
    part, minor = row["largest"] / row["total"], 10 ** exponent_of(context.currency)
    amount = row["largest"] / minor * context.period.days / _DAYS
    basis = Text("{year} in a year × {days} ÷ 365 days", "{year} im Jahr × {days} ÷ 365 Tage")
    return [
        rule.finding(
            Text("One customer brings {part} of the revenue.", "Ein Kunde bringt {part} des Umsatzes.").fill(part=said.share(part)),
            [Evidence(_TITLE, "share", Estimate(part, n=row["customers"]))],
            Link(Text("Look after the largest customers", "Größte Kunden betreuen"), "/customers?sort=value"),
            Link(Text("See the tenths", "Zehntel ansehen"), "/audit"),
            money=Money(amount, None, None, basis.fill(year=said.money(row["largest"] / minor, context.currency), days=context.period.days)),
        )
    ]  # fmt: skip


def _largest(scope: Scope) -> ir.Table:
    last = (scope.question.last_day.toordinal()) - 719_163
    rows = customer_orders(scope)
    rows = rows.filter(local_day(scope, rows.ordered_at) > last - _DAYS)
    each = rows.group_by("customer_id").agg(amount=_.amount_minor.sum())
    return each.aggregate(largest=each.amount.max(), total=each.amount.sum().cast("int64"), customers=each.count())


RULE = Rule(
    name="concentration",
    title=Text("One customer carries too much", "Ein Kunde trägt zu viel"),
    sort="standing",
    phase="interact",
    definition=Text(
        "Goods ordered within a year by the largest customer ÷ by all known customers. Money: what the period would lack without.",
        "Bestellte Ware eines Jahres des größten Kunden ÷ aller bekannten Kunden. Geld: was dem Zeitraum ohne ihn fehlte.",
    ),
    threshold=Threshold(0.1, "share", Text("the share is at least this", "der Anteil mindestens so groß ist")),
    judge=judge,
)
