"""One stage on the way to the order lets fewer pass than usual."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.carts import cart_days
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import NOT_PRICED, by_orders, evidence, from_to
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

STAGES = {
    "cart": Text("from cart to checkout", "vom Warenkorb zur Kasse"),
    "checkout": Text("from checkout to order", "von der Kasse zur Bestellung"),
    "lead": Text("from lead to customer", "vom Interessenten zum Kunden"),
}


def series(scope: Scope, windows: Windows) -> ir.Table:
    rows = cart_days(scope)
    known = rows.is_reached.max().over(ibis.window()).fill_null(False)
    begun, paying = rows.mutate(known=known).filter(_.known), rows.filter(_.is_reached)
    leads = scope.table("leads", False).filter(_.happened_at < scope.question.until_at)
    leads = leads.group_by("lead_key").agg(
        begun_at=leads.happened_at.min(), done_at=ibis.cases((leads.state == "converted", leads.happened_at)).min()
    )
    soon = (leads.done_at <= leads.begun_at + _WITHIN).fill_null(False)
    return ibis.union(
        counted(begun, day=begun.day, n=begun.n, total=begun.is_reached.ifelse(begun.n, 0), slice=ibis.literal("cart")),
        counted(
            paying,
            day=paying.day,
            n=paying.n,
            total=paying.is_ordered.ifelse(paying.n, 0),
            slice=ibis.literal("checkout"),
        ),
        counted(leads, day=local_day(scope, leads.begun_at), n=1, total=soon, slice=ibis.literal("lead")),
    )


_WITHIN = 24 * 3_600_000_000


def say(rule: Rule, context: Context, change: Change) -> Finding:
    title = STAGES[change.slice]
    claim = Text(
        "Fewer go on {stage}: {now}; usual are {usual}.", "Weniger kommen weiter {stage}: {now}; üblich sind {usual}."
    )
    money = by_orders(context, change) if change.slice == "checkout" else None
    return rule.finding(
        claim.fill(stage=title, **from_to(change)), evidence(title, change),
        Link(Text("Find the step in a funnel", "Den Schritt im Trichter suchen"), "/funnels"),
        Link(Text("See the classic funnel", "Klassischen Trichter ansehen"), "/?view=funnel"),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="stage_worse",
    title=Text("One stage lets fewer pass", "Eine Stufe lässt weniger durch"),
    sort="change",
    phase="attract",
    definition=Text(
        "Share that goes on to the next stage: carts to the checkout, checkouts to the order, leads to customers within a day.",
        "Anteil, der zur nächsten Stufe weitergeht: Warenkörbe zur Kasse, Kassen zur Bestellung, Interessenten binnen eines Tages zu Kunden.",
    ),
    threshold=off_by(),
    better="higher",
    follow_days=1,
    series=series,
    say=say,
)
