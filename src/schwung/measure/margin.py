"""Margins: net amount of goods less what they cost; by product where its cost is known, else by the flat rate."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.money import exponent_of
from schwung.measure.scope import Scope
from schwung.measure.valuation import Valuation


def needs_margin(value: Valuation) -> tuple[str, ...]:
    return ("margin", "tax")


def order_margins(scope: Scope) -> ir.Table:
    """Per order: order_key, net_minor, margin_minor (null where a line's cost is not known and no flat rate is set).

    Tax comes off gross amounts: that of the product, else the share that the order states, else the flat rate. What an
    order is worth beyond its lines (a discount) has no cost. Rounded half up once a line.
    """
    ready = scope.ready("margins")
    if ready is not None:
        return ready
    value = scope.question.value
    orders = scope.table("orders", False).filter(_.ordered_at < scope.question.until_at)
    gross = orders.amount_minor + orders.shipping_minor.fill_null(0) - orders.tax_minor
    stated = ibis.cases((gross > 0, orders.tax_minor / gross.cast("float64")))
    orders = orders.select("order_key", "is_net", whole_minor="amount_minor", stated=stated)
    lines = scope.table("order_lines", False).filter(_.is_product, _.ordered_at < scope.question.until_at)
    lines = lines.select("order_key", "product_id", "quantity", "amount_minor", "currency")
    lines = lines.left_join(_costs(scope), "product_id", rname="known_{name}").join(
        orders, "order_key", rname="o_{name}"
    )
    flat = ibis.null("float64") if value.tax_rate is None else ibis.literal(value.tax_rate)
    rate = ibis.cases((lines.is_net, 0.0), else_=ibis.coalesce(lines.tax_rate, lines.stated, flat))
    lines = lines.mutate(net=_whole(lines.amount_minor / (1.0 + rate)), rate=rate)
    cost = lines.quantity.cast("float64") * lines.cost * 10 ** exponent_of(scope.question.currency)
    lines = lines.mutate(margin=ibis.coalesce(lines.net - _whole(cost), _flat(lines.net, value)))
    known = lines.group_by("order_key").agg(
        net=_.net.sum(),
        margin=_.margin.sum(),
        is_whole=(_.margin.notnull() & _.net.notnull()).all(),
        goods=_.amount_minor.sum(),
        rate=_.rate.max(),
    )
    beyond = orders.join(known, "order_key", rname="k_{name}")
    rest = _whole((beyond.whole_minor - beyond.goods) / (1.0 + beyond.rate))
    return beyond.select(
        "order_key",
        net_minor=beyond.net + rest,
        margin_minor=ibis.cases((beyond.is_whole, beyond.margin + rest)),
    )


def _costs(scope: Scope) -> ir.Table:
    """Per product its cost in the reporting currency and its tax rate; of several sources the dearest."""
    products = scope.table("products", False)
    own = products.currency.isnull() | (products.currency == scope.question.currency)
    products = products.mutate(price=ibis.cases((own, products.cost.cast("float64"))))
    return products.group_by("product_id").agg(cost=_.price.max(), tax_rate=_.tax_rate.max())


def _flat(net: ir.IntegerValue, value: Valuation) -> ir.Value:
    return ibis.null("int64") if value.margin_rate is None else _whole(net * value.margin_rate)


def _whole(amount: ir.NumericValue) -> ir.IntegerValue:
    return (amount + 0.5).floor().cast("int64")
