"""New customers by how they came."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale, Touch
from schwung.measure.example_facts import Happened, Spent
from schwung.measure.metric import Metric, Parts
from schwung.measure.referrals import ACCEPTED, CONVERTED, referral_events
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT, TIME_CUTS
from schwung.measure.sources import OWN_DEFINITION
from schwung.measure.spending import newcomers

PARTS = {
    "paid": Text("Paid", "Bezahlt"),
    "organic": Text("Organic", "Organisch"),
    "referred": Text("Referred", "Empfohlen"),
}


def expression(scope: Scope) -> ir.Table:
    new = newcomers(scope.also("channel"))
    paid = scope.table("spend", False).filter(_.amount_minor > 0, _.phase.isnull() | (_.phase == "attract"))
    new = new.left_join(
        paid.select("channel").distinct().mutate(is_paid=ibis.literal(True)), "channel", rname="p_{name}"
    )
    events = referral_events(scope)
    accepted = events.filter(_.name == ACCEPTED, _.customer_id.notnull())
    guests = accepted.group_by("customer_id").agg(accepted_at=_.happened_at.min())
    brought = events.filter(_.name == CONVERTED, _.order_id.notnull()).select("order_id").distinct()
    new = new.left_join(guests, "customer_id", rname="a_{name}")
    new = new.left_join(brought.mutate(is_brought=ibis.literal(True)), "order_id", rname="b_{name}")
    referred = (new.accepted_at <= new.ordered_at).fill_null(False) | new.is_brought.fill_null(False)
    paid_for = ~referred & new.is_paid.fill_null(False)
    return scope.group(
        new.mutate(is_referred=referred, is_bought=paid_for),
        paid=_.is_bought.cast("int64").sum(),
        organic=(~_.is_bought & ~_.is_referred).cast("int64").sum(),
        referred=_.is_referred.cast("int64").sum(),
    )


METRIC = Metric(
    name="acquired_customers",
    title=Text("Acquired customers", "Gewonnene Kunden"),
    unit="count",
    subject="attract",
    better="neither",
    needs=(
        "orders",
        "events",
        "spend",
    ),
    expression=expression,
    parts=Parts("part", PARTS),
    cuts=TIME_CUTS,
    definition=Text(
        "New customers, each in exactly one part: referred (came by a referral), paid (first order by a channel "
        "on which money was ever spent), organic (all others). Together they are the new customers of the growth "
        "accounting.",
        "Neue Kunden, jeder in genau einem Teil: empfohlen (durch Empfehlung gekommen), bezahlt (erste Bestellung "
        "über einen Kanal, für den je Geld ausgegeben wurde), organisch (alle anderen). Zusammen sind sie die "
        "neuen Kunden der Bestandsrechnung.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "Counts, exact. Without stated spend everyone who was not referred is organic.",
        "Anzahlen, exakt. Ohne erfasste Ausgaben sind alle organisch, die nicht empfohlen wurden.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-02-28",
        sales=(
            Sale("anna", "2026-01-05"),
            Sale("ben", "2026-01-06"),
            Sale("cem", "2026-02-07"),
            Sale("dana", "2026-02-08"),
        ),
        touches=(Touch("dana", "2026-02-08 10:00", "paid_search"),),
        spent=(Spent("2026-02-01", "paid_search", 30),),
        happened=(
            Happened("anna", "2026-01-20", "referral_sent"),
            Happened("cem", "2026-02-06", "referral_accepted"),
            Happened("anna", "2026-02-07", "referral_converted", order_id="2"),
        ),
        answers={
            None: (
                {"part": "paid", "value": 1},
                {"part": "organic", "value": 2},
                {"part": "referred", "value": 1},
            ),
            "month": (
                {"month": "2026-01", "part": "paid", "value": 0},
                {"month": "2026-01", "part": "organic", "value": 2},
                {"month": "2026-01", "part": "referred", "value": 0},
                {"month": "2026-02", "part": "paid", "value": 1},
                {"month": "2026-02", "part": "organic", "value": 0},
                {"month": "2026-02", "part": "referred", "value": 1},
            ),
        },
    ),
)
