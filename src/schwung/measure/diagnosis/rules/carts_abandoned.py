"""More carts are left than usual, in all or in one channel."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.carts import cart_days
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import NOT_PRICED, by_outflow, evidence, from_to, metric, of_slice, save_list
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope

_TITLE = Text("Cart abandonment", "Warenkorbabbruch")


def series(scope: Scope, windows: Windows) -> ir.Table:
    rows = cart_days(scope)
    each = {"day": rows.day, "n": rows.n, "total": rows.is_left.ifelse(rows.n, 0)}
    return counted(rows, **each).union(counted(rows, **each, slice=rows.channel))


def say(rule: Rule, context: Context, change: Change) -> Finding:
    claim = Text(
        "{now} of carts were left; usual are {usual}{slice}.",
        "{now} der Warenkörbe blieben liegen; üblich sind {usual}{slice}.",
    )
    money = by_outflow(context, change, "carts", Text("carts left", "liegen gebliebene Warenkörbe"))
    slice_ = of_slice(change, Text("channel", "Kanal"))
    return rule.finding(
        claim.fill(**from_to(change), slice=slice_), evidence(_TITLE, change), save_list("carts"),
        metric("cart_abandonment_rate", _TITLE), money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="carts_abandoned",
    title=Text("More carts left", "Mehr Warenkörbe bleiben liegen"),
    sort="change",
    phase="attract",
    definition=Text(
        "Share of carts that were not ordered within a day, by day on which they were begun; in all and by channel.",
        "Anteil der Warenkörbe ohne Bestellung binnen eines Tages, nach Tag des Beginns; insgesamt und je Kanal.",
    ),
    threshold=off_by(0.03),
    follow_days=1,
    series=series,
    say=say,
)
