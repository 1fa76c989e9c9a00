"""By what a metric can be cut: calendar periods, what a fact says of itself, whose it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.period import UNITS
from schwung.core.text import Text
from schwung.measure.lifecycle import NEVER, customer_orders, kind_of, stays
from schwung.measure.local_time import period_key
from schwung.measure.promise import add_delivery
from schwung.measure.scope import DAYS, Scope

TOUCH_DAYS = 30
"""A touch earns an order for so long."""
UNKNOWN = "unknown"
GUEST = "guest"
NO_PRODUCT = "no product"
NO_LIST = "no list"
NO_PERSONA = "no persona"
DIRECT = ("direct", "(direct)", "none", "(none)")

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
    if time in DAYS:
        return table.mutate(period_key(day_clock(table[time]), str(unit)).name(str(unit)))  # type: ignore[arg-type]
    return table.mutate(scope.period(table, time).name(str(unit)))


def day_clock(day: ir.StringValue) -> ir.IntegerValue:
    """Midnight of a day in ISO text, as microseconds of the wall clock."""
    return day.cast("date").delta(ibis.date("1970-01-01"), unit="day").cast("int64") * DAY


def _own_column(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    return table


def _question(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    return table.mutate(question=_.question_id)


def _country(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    """Of what states none itself, the country of the customer's last order."""
    if "country" in table.columns:
        return table
    orders = stays(customer_orders(scope.bare), scope.question)
    known = orders.filter(_.next_at == NEVER).select("customer_id", "country")
    return table.left_join(known, "customer_id", rname="last_{name}")


def _kind(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    """What the customer was right before: the stay that the fact falls into; a first order is a lead's."""
    question = scope.question
    rows = stays(customer_orders(scope.bare), question)
    rows = rows.mutate(fresh=kind_of(rows, rows.ordered_at, question))
    before = rows.select("next_at", "fresh", from_at="ordered_at", who="customer_id")
    met = table.left_join(
        before,
        [table.customer_id == before.who, before.from_at < table[time], before.next_at >= table[time]],
    )
    age = met[time] - met.from_at
    kind = ibis.cases(
        (met.customer_id.isnull(), ibis.null("string")),
        (met.from_at.isnull(), "lead"),
        (age > question.lost_after, "lost"),
        (age > question.dormant_after, "dormant"),
        else_=met.fresh,
    )
    return met.mutate(kind=kind).drop("next_at", "fresh", "from_at", "who")


def _list(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    """The lists in which the customer is now; who is in several counts in each."""
    return table.left_join(_members(scope, "list"), "customer_id", rname="listed_{name}")


def _persona(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    return table.left_join(_members(scope, "persona"), "customer_id", rname="persona_{name}")


def _members(scope: Scope, kind: str) -> ir.Table:
    """customer_id and, as text, the number of each list of that kind in which the customer is now."""
    rows = scope.table("memberships", True)
    rows = rows.filter(rows.kind == kind, rows.left_at.isnull(), rows.customer_id.notnull())
    return rows.select("customer_id", **{kind: rows.segment_id.cast("string")}).distinct()


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


def _campaign(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    """Orders by the campaign that they state, else by that of their last touch; returns by their order's; all else by its own."""
    if time not in ("ordered_at", "returned_at"):
        return table
    orders = scope.table("orders", True).semi_join(table, "order_key")
    stated = orders.select("order_key", stated="campaign")
    within = scope if time == "ordered_at" else _from_the_first(scope)
    earned = last_touches(within, orders.select("order_key", "customer_id", "ordered_at"), "campaign")
    earned = stated.left_join(earned, "order_key", rname="run_{name}")
    earned = earned.select("order_key", run=ibis.coalesce(earned.stated, earned.touch))
    known = table.drop("campaign") if "campaign" in table.columns else table
    return known.left_join(earned, "order_key", rname="run_{name}").rename(campaign="run")


def _channel(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    """Orders by their last touch; returns by the channel of the order that they undo, else their own; all else by its own."""
    if time not in ("ordered_at", "returned_at"):
        return table
    if time == "ordered_at":
        earned = last_touches(scope, table.select("order_key", "customer_id", "ordered_at").distinct())
    else:
        undone = scope.table("orders", True).semi_join(table, "order_key")
        earned = undone.select("order_key", stated="channel").left_join(
            last_touches(_from_the_first(scope), undone.select("order_key", "customer_id", "ordered_at")),
            "order_key",
            rname="t_{name}",
        )
        earned = earned.select("order_key", touch=ibis.coalesce(earned.touch, earned.stated))
    known = table.left_join(earned, "order_key", rname="earned_{name}")
    return known.mutate(channel=ibis.coalesce(known.touch, known.channel)).drop("touch")


def _from_the_first(scope: Scope) -> Scope:
    """Without a start: goods that come back in the window were ordered, and touched, before it."""
    return replace(scope, question=replace(scope.question, since_on=None))


def last_touches(scope: Scope, orders: ir.Table, what: str = "channel") -> ir.Table:
    """Per order channel or campaign of the last touch that was not direct, at most 30 days before: order_key, touch. Those
    of other orders may be among them."""
    since_at = None if scope.moments else scope.question.since_at
    since_at = None if since_at is None else since_at - TOUCH_DAYS * DAY
    known = scope.ready(what)
    if known is not None:
        known = known if since_at is None else known.filter(known.touched_at >= since_at)
        return known.drop("touched_at")
    events = scope.table("events", True)
    events = events.filter(events.happened_at < scope.question.until_at)
    events = events if since_at is None else events.filter(events.happened_at >= since_at)
    return touches_of(orders, events, what).drop("touched_at")


def touches_of(orders: ir.Table, events: ir.Table, what: str) -> ir.Table:
    """order_key, touch, touched_at of orders (order_key, customer_id, ordered_at) that have one among the events."""
    touches = events.filter(
        events[what].notnull(),
        events.channel.lower().notin(DIRECT),
        events.order_id.isnull(),
        events.customer_id.notnull(),
    )
    touches = touches.select("event_no", "happened_at", touch=what, who="customer_id")
    met = orders.filter(_.customer_id.notnull()).join(
        touches,
        [
            orders.customer_id == touches.who,
            touches.happened_at <= orders.ordered_at,
            touches.happened_at >= orders.ordered_at - TOUCH_DAYS * DAY,
        ],
    )
    place = ibis.row_number().over(group_by="order_key", order_by=[_.happened_at.desc(), _.event_no.desc()])
    return met.mutate(place=place).filter(_.place == 0).select("order_key", "touch", touched_at="happened_at")


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
            "order itself states; else “unknown”. Of all else, the channel that it states.",
            "Kanal der letzten nicht direkten Berührung in den 30 Tagen vor der Bestellung; sonst der Kanal, den die "
            "Bestellung selbst nennt; sonst „unbekannt“. Bei allem anderen der Kanal, den es nennt.",
        ),
        _channel,
        customer=True,
    ),
    "campaign": Cut(
        "campaign",
        Text("Campaign", "Kampagne"),
        Text(
            "The campaign that the fact itself states; of an order without one, that of the last touch within 30 days "
            "before it; else “unknown”.",
            "Die Kampagne, die der Fakt selbst nennt; bei einer Bestellung ohne Angabe die der letzten Berührung in den 30 "
            "Tagen davor; sonst „unbekannt“.",
        ),
        _campaign,
        customer=True,
    ),
    "country": Cut(
        "country",
        Text("Country", "Land"),
        Text(
            "Country of the order, as its source states it; of all else, that of the customer's last order.",
            "Land der Bestellung, wie die Quelle es nennt; bei allem anderen das der letzten Bestellung des Kunden.",
        ),
        _country,
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
        Text("Where the fact came from.", "Woher der Fakt kam."),
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
    "kind": Cut(
        "kind",
        Text("Customer kind", "Kundenart"),
        Text(
            "What the customer was right before: lead, new, existing, won back, dormant, lost. A first order is a lead's.",
            "Was der Kunde unmittelbar davor war: Interessent, neu, Bestand, zurückgewonnen, ruhend, abgewandert. Eine erste "
            "Bestellung ist die eines Interessenten.",
        ),
        _kind,
        customer=True,
        rest=GUEST,
    ),
    "list": Cut(
        "list",
        Text("Customer list", "Kundenliste"),
        Text(
            "Saved lists in which the customer is now. Who is in several counts in each.",
            "Gespeicherte Listen, in denen der Kunde jetzt ist. Wer in mehreren ist, zählt in jeder.",
        ),
        _list,
        customer=True,
        rest=NO_LIST,
    ),
    "persona": Cut(
        "persona",
        Text("Persona", "Persona"),
        Text(
            "Persona that the customer belongs to now, as last found.",
            "Persona, zu der der Kunde jetzt gehört, wie zuletzt bestimmt.",
        ),
        _persona,
        customer=True,
        rest=NO_PERSONA,
    ),
    "phase": Cut(
        "phase",
        Text("Phase", "Phase"),
        Text(
            "Phase of the flywheel that the fact states: attract, interact, delight.",
            "Phase des Schwungrads, die der Fakt nennt: Anziehen, Interagieren, Begeistern.",
        ),
        _own_column,
    ),
    "question": Cut(
        "question",
        Text("Question", "Frage"),
        Text("Question that was answered.", "Frage, die beantwortet wurde."),
        _question,
    ),
    "touchpoint": Cut(
        "touchpoint",
        Text("Touchpoint", "Kontaktpunkt"),
        Text("What the question was about.", "Wonach gefragt wurde."),
        _own_column,
    ),
    "delivery": Cut(
        "delivery",
        Text("Delivery", "Lieferung"),
        Text(
            "How the order that the answer is about was delivered: in_time, late, not_arrived; else “unknown”. A promise "
            "that names no hour lasts to the end of its day.",
            "Wie die Bestellung geliefert wurde, um die es in der Antwort geht: in_time (pünktlich), late (verspätet), "
            "not_arrived (nicht angekommen); sonst „unbekannt“. Eine Zusage ohne Uhrzeit gilt bis zum Ende ihres Tages.",
        ),
        add_delivery,
    ),
    "cause": Cut(
        "cause",
        Text("Cause", "Ursache"),
        Text("Cause of the case, as its source states it.", "Ursache des Vorgangs, wie die Quelle sie nennt."),
        _own_column,
    ),
    "plan": Cut(
        "plan",
        Text("Plan", "Tarif"),
        Text("Plan of the subscription.", "Tarif des Abonnements."),
        _own_column,
    ),
}
PERIODS: tuple[str, ...] = tuple(UNITS)
