"""By what a metric can be cut: calendar periods, channel, country, product, category, source, cohort."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.period import UNITS
from schwung.core.text import Text
from schwung.measure.local_time import period_key
from schwung.measure.scope import Scope

TOUCH_DAYS = 30
"""A touch earns an order for so long."""
UNKNOWN = "unknown"
GUEST = "guest"
NO_PRODUCT = "no product"
_DIRECT = ("direct", "(direct)", "none", "(none)")

Add = Callable[[Scope, ir.Table, str], ir.Table]


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to slice. add(scope, table, time column) → the table with the column `name`.

    customer: needs to know whose row it is. rest: what stands for rows without a value.
    """

    name: str
    title: Text
    definition: Text
    add: Add
    customer: bool = False
    rest: str = UNKNOWN


def _period(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    unit = scope.question.unit
    return table.mutate(scope.period(table, time).name(str(unit)))


def _own_column(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    return table


def _product(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    return table.mutate(product=_.product_id)


def _category(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    """A product that two sources describe takes the category of the first one in alphabetical order."""
    products = scope.table("products", False).filter(_.category.notnull())
    first = products.group_by("product_id").agg(category=_.category.min())
    return table.left_join(first, "product_id", rname="known_{name}")


def _cohort(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    first = scope.first_orders()
    cohort = first.select("customer_id", cohort=period_key(scope.local(first.ordered_at, ever=True), "month"))
    return table.left_join(cohort, "customer_id", rname="known_{name}")


def _channel(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    """Orders by their last touch; returns by the channel of the order that they undo, else their own."""
    if time == "ordered_at":
        earned = last_touches(scope, table.select("order_key", "customer_id", "ordered_at").distinct())
    else:
        undone = scope.table("orders", True).semi_join(table, "order_key")
        earned = undone.select("order_key", stated="channel").left_join(
            last_touches(scope, undone.select("order_key", "customer_id", "ordered_at")), "order_key", rname="t_{name}"
        )
        earned = earned.select("order_key", touch=ibis.coalesce(earned.touch, earned.stated))
    known = table.left_join(earned, "order_key", rname="earned_{name}")
    return known.mutate(channel=ibis.coalesce(known.touch, known.channel)).drop("touch")


def last_touches(scope: Scope, orders: ir.Table) -> ir.Table:
    """Per order the channel of the last touch that was not direct, at most 30 days before: order_key, touch."""
    events = scope.table("events", True)
    touches = events.filter(
        events.channel.notnull(),
        events.channel.lower().notin(_DIRECT),
        events.order_id.isnull(),
        events.customer_id.notnull(),
        events.happened_at < scope.question.until_at,
    )
    since_at = scope.question.since_at
    if since_at is not None and orders.columns and not scope.moments:
        touches = touches.filter(touches.happened_at >= since_at - TOUCH_DAYS * DAY)
    touches = touches.select("event_no", "happened_at", touch="channel", who="customer_id")
    met = orders.filter(_.customer_id.notnull()).join(
        touches,
        [
            orders.customer_id == touches.who,
            touches.happened_at <= orders.ordered_at,
            touches.happened_at >= orders.ordered_at - TOUCH_DAYS * DAY,
        ],
    )
    place = ibis.row_number().over(group_by="order_key", order_by=[_.happened_at.desc(), _.event_no.desc()])
    return met.mutate(place=place).filter(_.place == 0).select("order_key", "touch")


_UNIT_TITLES = (
    Text("Day", "Tag"),
    Text("Week", "Woche"),
    Text("Month", "Monat"),
    Text("Quarter", "Quartal"),
    Text("Year", "Jahr"),
)

CUTS: dict[str, Cut] = {
    **{
        unit: Cut(
            unit,
            title,
            Text(
                "Calendar periods in the zone of the workspace. What counts is what lies inside each period.",
                "Kalenderzeiträume in der Zeitzone des Arbeitsbereichs. Es zählt, was im jeweiligen Zeitraum liegt.",
            ),
            _period,
        )
        for unit, title in zip(UNITS, _UNIT_TITLES, strict=True)
    },
    "channel": Cut(
        "channel",
        Text("Channel", "Kanal"),
        Text(
            "Channel of the last touch that was not direct within 30 days before the order; else the channel that the "
            "order itself states; else “unknown”.",
            "Kanal der letzten nicht direkten Berührung in den 30 Tagen vor der Bestellung; sonst der Kanal, den die "
            "Bestellung selbst nennt; sonst „unknown“.",
        ),
        _channel,
        customer=True,
    ),
    "country": Cut(
        "country",
        Text("Country", "Land"),
        Text("Country of the order, as its source states it.", "Land der Bestellung, wie die Quelle es nennt."),
        _own_column,
    ),
    "product": Cut(
        "product",
        Text("Product", "Artikel"),
        Text(
            "Product number of the lines that are goods. An order with two products counts in both slices. What an order "
            "is worth beyond its goods (a discount, an article typed by hand) stands under “no product”.",
            "Artikelnummer der Positionen, die Ware sind. Eine Bestellung mit zwei Artikeln zählt bei beiden. Was eine "
            "Bestellung über ihre Ware hinaus wert ist (ein Rabatt, ein von Hand erfasster Artikel), steht unter "
            "„no product“.",
        ),
        _product,
        rest=NO_PRODUCT,
    ),
    "category": Cut(
        "category",
        Text("Category", "Kategorie"),
        Text(
            "Category of the product in the product table.",
            "Kategorie des Artikels laut Artikeltabelle.",
        ),
        _category,
    ),
    "source": Cut(
        "source",
        Text("Source", "Quelle"),
        Text("Where the order came from.", "Woher die Bestellung kam."),
        _own_column,
    ),
    "cohort": Cut(
        "cohort",
        Text("Cohort", "Kohorte"),
        Text(
            "Month of the customer's first order. Guests have none.",
            "Monat der ersten Bestellung des Kunden. Gäste haben keine.",
        ),
        _cohort,
        customer=True,
        rest=GUEST,
    ),
}
PERIODS: tuple[str, ...] = tuple(UNITS)
