"""Goods come back more often, in all or of one category."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import NOT_PRICED, by_outflow, evidence, from_to, metric, of_slice, save_list
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

_TITLE = Text("Returned lines per line sold", "Zurückgegebene je verkaufte Position")


def series(scope: Scope, windows: Windows) -> ir.Table:
    """Lines sold by day of the order, lines that came back by their own day; by category of the product."""
    until_at = scope.question.until_at
    goods = (
        scope.table("products", False)
        .filter(_.category.notnull())
        .group_by("product_id")
        .agg(category=_.category.min())
    )
    sold = scope.table("order_lines", False).filter(_.ordered_at < until_at, _.is_product)
    sold = sold.select("product_id", at=_.ordered_at, back=ibis.literal(0, "int64"))
    back = scope.table("returns", False).filter(_.returned_at < until_at, _.is_product)
    back = back.select("product_id", at=_.returned_at, back=ibis.literal(1, "int64"))
    rows = sold.union(back).left_join(goods, "product_id", rname="known_{name}")
    rows = rows.group_by("category", "back", day=local_day(scope, rows["at"])).agg(lines=_.count())
    each = {"day": rows.day, "n": (1 - rows.back) * rows.lines, "total": rows.back * rows.lines}
    return counted(rows, **each).union(counted(rows, **each, slice=rows.category))


def say(rule: Rule, context: Context, change: Change) -> Finding:
    claim = Text(
        "More goods come back: {now}; usual are {usual}{slice}.",
        "Mehr Ware kommt zurück: {now}; üblich sind {usual}{slice}.",
    )
    money = by_outflow(context, change, "returned", Text("returns", "Rückgaben"))
    return rule.finding(
        claim.fill(**from_to(change), slice=of_slice(change, Text("category", "Kategorie"))), evidence(_TITLE, change),
        save_list("returned"), metric("return_rate", Text("return rate", "Rückgabequote")),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="returns_rising",
    title=Text("More returns", "Mehr Rückgaben"),
    sort="change",
    phase="interact",
    definition=Text(
        "Returned lines per line sold, each by its own day; in all and by category.",
        "Zurückgegebene je verkaufte Position, jede nach ihrem Tag; insgesamt und je Kategorie.",
    ),
    threshold=off_by(0.2),
    series=series,
    say=say,
)
