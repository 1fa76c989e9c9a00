"""What is known of a customer from the first order on: its channel, its country, how much was in the basket."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure.spending import newcomers
from schwung.predict.clv.grouped import Grouped
from schwung.predict.clv.process import Process
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.model import TimeUnit
from schwung.predict.sight import Sight
from schwung.predict.summary import distinct, in_order, kept_purchases, read, whole

TRAITS: Mapping[str, Text] = {
    "channel": Text("Channel of the first order", "Kanal der ersten Bestellung"),
    "basket": Text("First basket", "Erster Warenkorb"),
    "country": Text("Country", "Land"),
}
_MOST_DOUBLINGS = 40


def with_traits(sight: Sight, rows: ir.Table, names: tuple[str, ...] = tuple(TRAITS)) -> ir.Table:
    """Rows with customer_id and what is known of each; null: not known."""
    if not names:
        return rows
    known = sight.keep("traits", lambda: _traits(sight))
    return rows.left_join(known.select("customer_id", *names), "customer_id", rname="t_{name}")


def traits_of(sight: Sight, customers: pa.Array | pa.ChunkedArray) -> dict[str, Any]:
    """What is known of each of these customers, by trait."""
    known = sight.run(with_traits(sight, kept_purchases(sight)).select("customer_id", *TRAITS))
    at = pc.index_in(customers, known["customer_id"].combine_chunks())
    return {name: known[name].take(at).to_numpy() for name in TRAITS}


def grouped(process: Process, summary: PurchaseSummary, rows: pa.Table) -> PurchaseSummary:
    """The summary of these rows, for a process that tells customers apart by their traits, or does not."""
    if not isinstance(process, Grouped):
        return summary
    columns = {one.name: rows[one.name].to_numpy() for one in process.groupings}
    return replace(summary, group=process.place(columns))


def asked_by(process: Process) -> tuple[str, ...]:
    """Traits that it asks for."""
    return tuple(one.name for one in process.groupings) if isinstance(process, Grouped) else ()


def read_grouped(sight: Sight, process: Process, unit: TimeUnit) -> PurchaseSummary:
    """Distinct rows, for a process that tells customers apart, or does not."""
    names = asked_by(process)
    if not names:
        return read(sight, unit).summary
    found = in_order(sight.run(distinct(with_traits(sight, kept_purchases(sight), names), names)), *names)
    summary = grouped(process, PurchaseSummary.from_table(found), found)
    return summary.in_weeks() if unit == "week" else summary


def _traits(sight: Sight) -> ir.Table:
    """The basket in doublings of the reporting currency: 16–32, 32–64 …"""
    scope = whole(sight.scope).also("channel").also("country")
    first = newcomers(scope).filter(_.customer_id.notnull())
    worth = ibis.greatest(first.amount_minor, 1) / float(10 ** exponent_of(sight.question.currency))
    doublings = ibis.greatest(ibis.least(worth.log2().floor().cast("int64"), _MOST_DOUBLINGS), -1)
    low, high = ((ibis.literal(2.0) ** (doublings + step)).floor().cast("int64").cast("string") for step in (0, 1))
    basket = ibis.cases((first.amount_minor > 0, low + "–" + high), else_=ibis.null("string"))
    return first.select("customer_id", "channel", "country", basket=basket)
