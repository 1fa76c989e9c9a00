"""What several metrics say or compute alike."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.scope import Scope

TIME_CUTS = ("day", "week", "month", "quarter", "year")
STATE_CUTS = (*TIME_CUTS, "channel", "country", "source", "cohort")
CUSTOMER_CUTS = ("country", "source", "cohort", "kind", "list", "persona")
"""Of facts that belong to a customer."""
RUN_CUTS = (*TIME_CUTS, "channel", "campaign", *CUSTOMER_CUTS)
WHOLE_ORDER_CUTS = (*TIME_CUTS, "channel", "campaign", "country", "source", "cohort", "kind", "list", "persona")
SALE_CUTS = (
    *TIME_CUTS,
    "channel",
    "campaign",
    "country",
    "product",
    "category",
    "source",
    "cohort",
    "kind",
    "list",
    "persona",
)

GUESTS_LEFT_OUT = Text(
    "Orders without a known customer (guests; their number is shown), cancelled and test orders.",
    "Bestellungen ohne bekannten Kunden (Gäste; ihre Zahl wird gezeigt), stornierte und Testbestellungen.",
)
MONEY_LEFT_OUT = Text(
    "Shipping, fees and corrections such as bad debt, on either side; cancelled orders and their returns; amounts in "
    "other currencies than the reporting one. Discounts and articles typed by hand count in the order. Guests count.",
    "Versand, Gebühren und Korrekturen wie Forderungsausfälle, auf beiden Seiten; stornierte Bestellungen und ihre "
    "Rückgaben; Beträge in anderen Währungen als der Berichtswährung. Rabatte und von Hand erfasste Artikel zählen in der "
    "Bestellung. Gäste zählen mit.",
)


def ratio_statistics(scope: Scope, pairs: ir.Table) -> ir.Table:
    """Statistics of Σy ÷ Σx. pairs: the cuts, unit (whose it is), x, y (integers), n (cases)."""
    units = scope.group(pairs, "unit", x=_.x.sum(), y=_.y.sum(), n=_.n.sum())
    units = units.mutate(fx=_.x.cast("float64"), fy=_.y.cast("float64"))
    return scope.group(
        units,
        units=_.count(),
        n=_.n.sum(),
        sum_x=_.x.sum(),
        sum_y=_.y.sum(),
        sum_xx=(_.fx * _.fx).sum(),
        sum_yy=(_.fy * _.fy).sum(),
        sum_xy=(_.fx * _.fy).sum(),
    )


def unit_of(table: ir.Table, key: str) -> ir.IntegerValue:
    """Whose row it is: the customer, else the guest's order or return as a unit of its own."""
    return ibis.coalesce(table.customer_id, -table[key])


def buyers(scope: Scope, hit: ir.BooleanValue) -> ir.Table:
    """Per slice: customers for whom `hit` holds (of order_count), all buying customers, and guests' orders."""
    known = _.customer_id.notnull()
    return scope.group(
        scope.per_customer(),
        hits=(known & hit).sum(),
        n=_.customer_id.count(),
        guest_orders=ibis.cases((_.customer_id.isnull(), _.order_count), else_=0).sum(),
    )
