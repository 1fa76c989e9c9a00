"""Share of visitors who ordered."""

from dataclasses import replace

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale, Touch
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits


def expression(scope: Scope) -> ir.Table:
    views = scope.facts(
        "events", where=lambda row: row.name.isin(("page_viewed", "screen_viewed")) & row.customer_id.notnull()
    )
    visitors = scope.group(views, "customer_id", first_at=_.happened_at.min())
    unit = scope.question.unit
    timed = Scope(replace(scope.question, by=(unit,) if unit else ()), scope.table)
    sales = timed.sales().filter(_.customer_id.notnull())
    buyers = timed.group(sales, "customer_id", bought_at=_.ordered_at.max())
    keys = ["customer_id", *([unit] if unit else [])]
    met = visitors.left_join(buyers, keys, rname="b_{name}")
    return hits(scope, met, met.bought_at >= met.first_at)


METRIC = Metric(
    name="visit_conversion_rate",
    title=Text("Conversion rate (visit to order)", "Konversionsrate (Besuch zu Bestellung)"),
    unit="share",
    subject="interact",
    better="higher",
    needs=(
        "events",
        "orders",
    ),
    expression=expression,
    estimate="share",
    least=100,
    cuts=(*TIME_CUTS, "channel", "campaign", "cohort", "list"),
    basis=Text("visitors", "Besucher"),
    requires=always("visits"),
    definition=Text(
        "Customers and visitors who viewed a page and ordered afterwards within the period ÷ those who viewed a "
        "page in the period.",
        "Kunden und Besucher, die eine Seite angesehen und danach im Zeitraum bestellt haben, ÷ alle, die im "
        "Zeitraum eine Seite angesehen haben.",
    ),
    leaves_out=Text(
        "Visits of which nobody is known, not even a device; orders without a visit, such as at the till.",
        "Besuche, bei denen niemand bekannt ist, nicht einmal ein Gerät; Bestellungen ohne Besuch, etwa an der Kasse.",
    ),
    reading=Text(
        "One person on two devices counts twice until both are known to be one. Channel and campaign are those of "
        "the pages viewed; who came by two counts in both.",
        "Eine Person an zwei Geräten zählt doppelt, bis beide als eine bekannt sind. Kanal und Kampagne sind die "
        "der angesehenen Seiten; wer über zwei kam, zählt bei beiden.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        touches=(
            Touch("anna", "2026-01-05", "email"),
            Touch("anna", "2026-01-06", "social"),
            Touch("ben", "2026-01-06", "email"),
            Touch("cem", "2026-02-06", "email"),
        ),
        sales=(
            Sale("anna", "2026-01-07"),
            Sale("ben", "2026-01-05"),  # before the visit
            Sale("cem", "2026-03-07"),
            Sale("dana", "2026-01-07"),  # without a visit
        ),
        answers={
            None: ({"value": 0.666666667, "low": 0.202442, "high": 0.943725, "n": 3},),
            "month": ({"month": "2026-01", "value": 0.5, "n": 2}, {"month": "2026-02", "value": 0.0, "n": 1}),
            "channel": ({"channel": "social", "value": 1.0, "n": 1}, {"channel": "email", "value": 0.666667, "n": 3}),
        },
    ),
)
