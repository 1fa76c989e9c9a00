"""More carts are left than usual, in all or in one channel."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import NOT_PRICED, by_outflow, evidence, from_to, metric, of_slice, save_list
from schwung.measure.lifecycle import NEVER
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

_TITLE = Text("Cart abandonment", "Warenkorbabbruch")


def carts(scope: Scope) -> ir.Table:
    """One row a cart: channel, begun_at, checkout_at, ordered_at (null: not)."""
    rows = scope.table("carts", False).filter(_.happened_at < scope.question.until_at)
    at = {f"{state}_at": ibis.cases((rows.state == state, rows.happened_at)).min() for state in ("checkout", "ordered")}
    return rows.group_by("cart_key").agg(begun_at=rows.happened_at.min(), channel=rows.channel.max(), **at)


def series(scope: Scope, windows: Windows) -> ir.Table:
    rows = carts(scope)
    left = rows.ordered_at.fill_null(NEVER) > rows.begun_at + DAY
    day = local_day(scope, rows.begun_at)
    return counted(rows, day=day, n=1, total=left).union(counted(rows, day=day, n=1, total=left, slice=rows.channel))


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
