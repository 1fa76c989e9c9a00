"""By what the ways through a funnel are told apart: the touch or event that began them, the customer, or the calendar."""

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.period import UNITS
from schwung.core.text import Text
from schwung.measure.cuts import DIRECT, TOUCH_DAYS
from schwung.measure.funnel import Funnel
from schwung.measure.lifecycle import KINDS
from schwung.measure.local_time import label, period_key
from schwung.measure.scope import Scope
from schwung.measure.step import FACTS, property_of
from schwung.measure.summary import customer_summary

UNKNOWN = Text("unknown", "unbekannt")
NO_LIST = Text("in no list", "in keiner Liste")
NO_PERSONA = Text("no persona", "keine Persona")
CUTS: Mapping[str, Text] = {
    "channel": Text("Channel", "Kanal"),
    "campaign": Text("Campaign", "Kampagne"),
    "country": Text("Country", "Land"),
    "product": Text("Product", "Artikel"),
    "category": Text("Category", "Kategorie"),
    "source": Text("Source", "Quelle"),
    "kind": Text("Customer kind", "Kundenart"),
    "list": Text("Customer list", "Kundenliste"),
    "day": Text("Day", "Tag"),
    "week": Text("Week", "Woche"),
    "month": Text("Month", "Monat"),
    "quarter": Text("Quarter", "Quartal"),
    "year": Text("Year", "Jahr"),
}
EXPLAINED: Mapping[str, Text] = {
    "channel": Text(
        "Channel of the last touch that was not direct within 30 days before step 1.",
        "Kanal der letzten nicht direkten Berührung in den 30 Tagen vor Schritt 1.",
    ),
    "campaign": Text(
        "Campaign of the last touch that was not direct within 30 days before step 1.",
        "Kampagne der letzten nicht direkten Berührung in den 30 Tagen vor Schritt 1.",
    ),
    "product": Text("Product of step 1.", "Artikel aus Schritt 1."),
    "category": Text("Category of the product of step 1.", "Kategorie des Artikels aus Schritt 1."),
    "source": Text("Source of step 1.", "Quelle von Schritt 1."),
    "country": Text("Country of the profile.", "Land laut Profil."),
    "kind": Text("Kind of the customer today.", "Art des Kunden heute."),
    "list": Text(
        "Saved lists; a customer counts in each list that it is in.",
        "Gespeicherte Listen; ein Kunde zählt in jeder Liste, in der er ist.",
    ),
}


def sliced(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    """ways with the text or number `slice`, null where it is not known. Several rows where a customer is in several lists."""
    by = str(funnel.by)
    if by in UNITS:
        return ways.mutate(slice=period_key(scope.local(ways.t1, ever=True), by))
    adds: Mapping[str, Callable[[Funnel, ir.Table, Scope], ir.Table]] = {
        "channel": _touched, "campaign": _touched, "country": _country, "kind": _kind, "list": _list, "persona": _persona, "category": _category,
    }  # fmt: skip
    return _joined(ways, adds.get(by, _of_step)(funnel, ways, scope))


def slice_name(by: str, value: object, lists: Mapping[int, Text]) -> Text:
    """How a slice is called. lists: names of saved lists by their numbers."""
    if value is None:
        return {"list": NO_LIST, "persona": NO_PERSONA}.get(by, UNKNOWN)
    if by in UNITS:
        named = label(int(str(value)), by)
        return Text(named, named)
    if by == "kind":
        return KINDS.get(str(value), UNKNOWN)
    if by in ("list", "persona") and int(str(value)) in lists:
        return lists[int(str(value))]
    named = str(value) or "–"
    return Text(named, named)


def _joined(ways: ir.Table, values: ir.Table) -> ir.Table:
    """values: customer_id, slice."""
    return ways.left_join(values, "customer_id", rname="of_{name}").drop("of_customer_id")


def _touched(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    events = scope.table("events", True)
    touches = events.filter(
        events.channel.notnull(),
        events.channel.lower().notin(DIRECT),
        events.order_id.isnull(),
        events.customer_id.notnull(),
    )
    met = _met(ways, touches.select("event_no", "happened_at", who="customer_id", touch=touches[str(funnel.by)]))
    place = ibis.row_number().over(group_by="customer_id", order_by=[_.happened_at.desc(), _.event_no.desc()])
    return met.mutate(place=place).filter(_.place == 0).select("customer_id", slice=_.touch)


def _met(ways: ir.Table, touches: ir.Table) -> ir.Table:
    begun = ways.select("customer_id", "t1")
    return begun.join(
        touches,
        [
            begun.customer_id == touches.who,
            touches.happened_at <= begun.t1,
            touches.happened_at >= begun.t1 - TOUCH_DAYS * DAY,
        ],
    )


def _country(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    profiles = scope.table("profiles", True)
    return profiles.filter(~profiles.is_gone).select("customer_id", slice="country")


def _kind(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    known = _joined(ways.select("customer_id"), customer_summary(scope).select("customer_id", slice="kind"))
    return known.select("customer_id", slice=known.slice.fill_null("lead"))


def _list(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    return _members(scope, "list")


def _persona(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    return _members(scope, "persona")


def _members(scope: Scope, kind: str) -> ir.Table:
    rows = scope.table("memberships", True)
    rows = rows.filter(rows.kind == kind, rows.left_at.isnull())
    return rows.select("customer_id", slice="segment_id").distinct()


def _category(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    products = scope.table("products", False)
    first = products.filter(products.category.notnull()).group_by("product_id").agg(category=_.category.min())
    found = _step_value(funnel, ways, scope, "product_id")
    return found.join(first, found.slice == first.product_id).select("customer_id", slice="category")


def _of_step(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    name = {"product": "product_id"}.get(str(funnel.by), str(funnel.by).removeprefix("properties."))
    return _step_value(funnel, ways, scope, name)


def _step_value(funnel: Funnel, ways: ir.Table, scope: Scope, name: str) -> ir.Table:
    """A property of the row that was step 1; of several rows at that instant the smallest value."""
    step = funnel.steps[0]
    rows = scope.table("events" if step.kind == "event" else step.kind, True)
    time = "happened_at" if step.kind == "event" else str(FACTS[step.kind].time)
    rows = rows.filter(step.holds(rows), rows.customer_id.notnull())
    rows = rows.select("customer_id", began_at=rows[time], value=property_of(rows, step.kind, name).cast("string"))
    begun = ways.select("customer_id", "t1")
    met = begun.join(rows, [begun.customer_id == rows.customer_id, begun.t1 == rows.began_at], rname="of_{name}")
    return met.group_by("customer_id").agg(slice=_.value.min())
