"""Visits: what a customer, or a device that nobody is known for, did without a longer pause; and what they led to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from schwung.collect.event_type import EVENT_TYPES
from schwung.core.clock import MINUTE, Instant, to_datetime
from schwung.core.text import Text
from schwung.measure.cuts import UNKNOWN
from schwung.measure.inference import Estimate, share
from schwung.measure.scope import Scope
from schwung.measure.step import json_text

GAP = 30 * MINUTE
_HERE = (
    "page_viewed", "screen_viewed", "registration_completed", "sign_in_completed", "sign_out_completed", "form_submitted",
    "newsletter_subscribed", "order_completed", "app_opened", "survey_viewed", "survey_started", "product_added",
    "product_removed", "cart_viewed", "cart_updated", "checkout_started", "checkout_step_viewed", "checkout_step_completed",
    "payment_info_entered", "shipping_info_entered", "product_viewed", "product_clicked", "products_searched",
    "product_list_viewed", "product_list_filtered", "promotion_viewed", "promotion_clicked", "coupon_entered",
    "coupon_applied", "coupon_denied", "coupon_removed", "product_added_to_wishlist", "product_removed_from_wishlist",
    "wishlist_product_added_to_cart", "product_shared", "cart_shared", "product_reviewed", "referral_sent",
)  # fmt: skip
AWAY = tuple(sorted(set(EVENT_TYPES) - set(_HERE)))
"""Events that happen without the customer being here: messages, cases, deliveries, what the shop did."""
LEAST = 30
DEFINITION = Text(
    "Events of one customer (or device) without a pause longer than the setting `visits.gap_minutes`. Messages, cases, "
    "deliveries and what the shop did belong to no visit. Channel and campaign are those of its first touch.",
    "Ereignisse eines Kunden (oder Geräts) ohne längere Pause als die Einstellung `visits.gap_minutes`. Nachrichten, "
    "Vorgänge, Lieferungen und was der Shop tat, gehören zu keinem Besuch. Kanal und Kampagne sind die der ersten Berührung.",
)


def visit_events(scope: Scope, gap: int = GAP) -> ir.Table:
    """Events within the question's days that belong to visits: customer_id, visit_no (of the customer, from 1), happened_at,
    event_no, name, channel, campaign, context, properties. gap: microseconds."""
    question = scope.question
    events = scope.table("events", True)
    tests = [events.customer_id.notnull(), events["name"].notin(AWAY), events.happened_at < question.until_at]
    if question.since_at is not None:
        tests.append(events.happened_at >= question.since_at)
    here = {"group_by": "customer_id", "order_by": ["happened_at", "event_no"]}
    rows = events.filter(*tests).select(
        "customer_id", "happened_at", "event_no", "name", "channel", "campaign", "context", "properties"
    )
    before = rows.happened_at.lag().over(ibis.window(**here))
    rows = rows.mutate(begins=ibis.cases((before.isnull() | (rows.happened_at - before > gap), 1), else_=0))
    number = rows.begins.sum().over(ibis.window(**here, preceding=None, following=0))
    return rows.mutate(visit_no=number.cast("int64")).drop("begins")


def visits(scope: Scope, gap: int = GAP) -> ir.Table:
    """One row per visit: customer_id, visit_no, started_at, ended_at, events, channel, campaign, landing, ordered.

    landing: the page's path of the first event, else its name. A visit that began before the first day counts from there.
    """
    rows = visit_events(scope, gap)
    per = {"group_by": ["customer_id", "visit_no"]}
    rows = rows.mutate(
        place=ibis.row_number().over(**per, order_by=["happened_at", "event_no"]),
        touch=ibis.row_number().over(**per, order_by=[_.channel.isnull(), _.happened_at, _.event_no]),
        page=ibis.coalesce(json_text(rows.context, "$.page.path"), json_text(rows.properties, "$.path"), rows["name"]),
    )
    return rows.group_by(["customer_id", "visit_no"]).agg(
        started_at=_.happened_at.min(),
        ended_at=_.happened_at.max(),
        events=_.count(),
        channel=ibis.cases((_.touch == 0, _.channel)).max(),
        campaign=ibis.cases((_.touch == 0, _.campaign)).max(),
        landing=ibis.cases((_.place == 0, _.page)).max(),
        ordered=ibis.cases((_["name"] == "order_completed", 1), else_=0).max() == 1,
    )


@dataclass(frozen=True, slots=True)
class VisitRow:
    """Visits of one channel. conversion: visits with an order, of all; too_few: fewer than LEAST visits."""

    channel: str
    visits: int
    customers: int
    ordered: int
    conversion: Estimate
    too_few: bool


@dataclass(frozen=True, slots=True)
class VisitFigures:
    """rows: by channel, most visits first. whole: of all."""

    since_on: date | None
    until_on: date
    as_of: Instant
    whole: VisitRow
    rows: tuple[VisitRow, ...]
    snapshot_no: int = 0
    computed_at: Instant = 0

    def to_json(self) -> dict[str, Any]:
        """Shares from 0 to 1."""

        def shown(row: VisitRow) -> dict[str, Any]:
            found = row.conversion
            return {
                "channel": row.channel, "visits": row.visits, "customers": row.customers, "ordered": row.ordered,
                "conversion": found.value, "low": found.low, "high": found.high,
            }  # fmt: skip

        return {
            "since": self.since_on and self.since_on.isoformat(),
            "until": self.until_on.isoformat(),
            "as_of": to_datetime(self.as_of).isoformat().replace("+00:00", "Z"),
            "visits": shown(self.whole) | {"channel": None},
            "channels": [shown(row) for row in self.rows],
        }

    def to_pandas(self) -> Any:
        """One row per channel."""
        import pandas

        return pandas.DataFrame(self.to_json()["channels"])


def visit_figures(scope: Scope, run: Callable[[ir.Table], pa.Table], gap: int = GAP) -> VisitFigures:
    """Number, customers, conversion, by channel and in all."""
    found = visits(scope, gap)
    numbers = {"visits": _.count(), "customers": _.customer_id.nunique(), "ordered": _.ordered.sum()}
    by_channel = found.group_by("channel").agg(**numbers).mutate(is_whole=False)
    whole = found.aggregate(**numbers).mutate(channel=ibis.null("string"), is_whole=True).select(*by_channel.columns)
    rows = run(by_channel.union(whole)).to_pylist()
    told = [_row(row) for row in rows if not row["is_whole"]]
    question = scope.question
    return VisitFigures(
        question.since_on,
        question.last_day,
        question.as_of,
        next(_row(row) for row in rows if row["is_whole"]),
        tuple(sorted(told, key=lambda row: (-row.visits, row.channel))),
    )


def _row(row: dict[str, Any]) -> VisitRow:
    ordered = int(row["ordered"] or 0)
    estimate = share(ordered, row["visits"])
    return VisitRow(
        row["channel"] or UNKNOWN, row["visits"], row["customers"], ordered, estimate, row["visits"] < LEAST
    )
