"""Leads, new, existing, won back, dormant and lost customers at a moment."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.lifecycle import KINDS, at_moments, kind_of, standing
from schwung.measure.metric import Metric, Parts
from schwung.measure.scope import Scope
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    buyers = standing(scope)
    buyers = buyers.mutate(kind=kind_of(buyers, buyers.moment_at, scope.question)).select(*scope.by, "kind")
    kinds = buyers.union(_leads(scope).mutate(kind=ibis.literal("lead")).select(*scope.by, "kind"))
    return scope.group(kinds, **{kind: (_.kind == kind).sum() for kind in KINDS})


def _leads(scope: Scope) -> ir.Table:
    """Per moment the profiles known by then that had not ordered yet."""
    first = scope.first_orders().select("customer_id", first_at="ordered_at")
    profiles = scope.table("profiles", False).filter(~_.is_gone)
    profiles = profiles.left_join(first, "customer_id", rname="buyer_{name}")
    return at_moments(
        scope,
        profiles,
        lambda row, at: [
            row.first_seen_at < at.end_at,
            ibis.coalesce(row.first_at, ibis.literal(2**62)) >= at.end_at,
        ],
    )


METRIC = Metric(
    name="customers_by_kind",
    title=Text("Customers by kind", "Kunden nach Art"),
    unit="count",
    subject="customers",
    better="neither",
    needs=("orders", "profiles"),
    expression=expression,
    shape="state",
    parts=Parts("kind", KINDS),
    cuts=("day", "week", "month", "quarter", "year"),
    definition=Text(
        "Every customer is of exactly one kind at any moment, the first that fits: lost (last order longer ago than "
        "`lost_after_days`), dormant (`dormant_after_days`), won back (came back after being lost, until dormant "
        "again), existing (two or more orders), new (exactly one order), lead (no order).",
        "Jeder Kunde ist zu jedem Zeitpunkt von genau einer Art, der ersten zutreffenden: abgewandert (letzte "
        "Bestellung länger her als `lost_after_days`), ruhend (`dormant_after_days`), zurückgewonnen (nach Abwanderung "
        "wiedergekommen, bis wieder ruhend), Bestandskunde (mindestens zwei Bestellungen), Neukunde (genau eine), "
        "Interessent (keine).",
    ),
    leaves_out=Text(
        "Guests, and profiles that were merged into another one or erased.",
        "Gäste sowie Profile, die in anderen aufgegangen oder gelöscht sind.",
    ),
    reading=Text(
        "A state at the end of each period, exact. A day counts 24 hours from the order's instant.",
        "Ein Stand am Ende jedes Zeitraums, exakt. Ein Tag zählt 24 Stunden ab dem Zeitpunkt der Bestellung.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-12-31",
        sales=(
            Sale("anna", "2026-01-10"),  # gone for 243 days, then back
            Sale("anna", "2026-09-10"),
            Sale("anna", "2026-11-20"),
            Sale("ben", "2026-12-01"),
            Sale("cem", "2026-02-01"),
            Sale("dana", "2026-08-01"),
            Sale("dana", "2026-09-15"),
            Sale(None, "2026-12-24"),
        ),
        leads=(("emil", "2026-06-01"),),
        answers={
            None: (
                {"kind": "lead", "value": 1},
                {"kind": "new", "value": 1},
                {"kind": "existing", "value": 0},
                {"kind": "won_back", "value": 1},
                {"kind": "dormant", "value": 1},
                {"kind": "lost", "value": 1},
            ),
            "quarter": (
                {"quarter": "2026-Q1", "kind": "lead", "value": 0},
                {"quarter": "2026-Q1", "kind": "new", "value": 2},
                {"quarter": "2026-Q1", "kind": "existing", "value": 0},
                {"quarter": "2026-Q1", "kind": "won_back", "value": 0},
                {"quarter": "2026-Q1", "kind": "dormant", "value": 0},
                {"quarter": "2026-Q1", "kind": "lost", "value": 0},
                {"quarter": "2026-Q2", "kind": "lead", "value": 1},
                {"quarter": "2026-Q2", "kind": "new", "value": 0},
                {"quarter": "2026-Q2", "kind": "existing", "value": 0},
                {"quarter": "2026-Q2", "kind": "won_back", "value": 0},
                {"quarter": "2026-Q2", "kind": "dormant", "value": 2},
                {"quarter": "2026-Q2", "kind": "lost", "value": 0},
                {"quarter": "2026-Q3", "kind": "lead", "value": 1},
                {"quarter": "2026-Q3", "kind": "new", "value": 0},
                {"quarter": "2026-Q3", "kind": "existing", "value": 1},
                {"quarter": "2026-Q3", "kind": "won_back", "value": 1},
                {"quarter": "2026-Q3", "kind": "dormant", "value": 0},
                {"quarter": "2026-Q3", "kind": "lost", "value": 1},
            ),
        },
    ),
)
