"""Share of customers of a campaign who redeemed a coupon of it."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits

REDEEMED = "coupon_redeemed"


def expression(scope: Scope) -> ir.Table:
    sent = scope.also("campaign").facts(
        "messages", where=lambda row: (row.state == "sent") & row.campaign.notnull() & row.customer_id.notnull()
    )
    sent = sent.group_by([*dict.fromkeys((*scope.by, "campaign", "customer_id"))]).agg(sent_at=_.happened_at.min())
    orders = scope.table("orders", True).filter(_.coupon.notnull(), _.campaign.notnull(), ~_.is_cancelled)
    told = scope.table("events", True).filter(_.name == REDEEMED, _.campaign.notnull())
    used = orders.select("customer_id", "campaign", used_at=_.ordered_at).union(
        told.select("customer_id", "campaign", used_at=_.happened_at)
    )
    used = used.filter(_.used_at < scope.question.until_at).group_by(["customer_id", "campaign"])
    used = used.agg(used_at=_.used_at.max())
    met = sent.left_join(used, ["customer_id", "campaign"], rname="u_{name}")
    return hits(scope, met, met.used_at >= met.sent_at)


METRIC = Metric(
    name="coupon_redemption_rate",
    title=Text("Coupon redemption", "Gutscheineinlösung"),
    unit="share",
    subject="money",
    better="higher",
    needs=(
        "orders",
        "messages",
        "events",
    ),
    expression=expression,
    estimate="share",
    least=100,
    cuts=(*TIME_CUTS, "campaign", "channel", *CUSTOMER_CUTS),
    basis=Text("customers", "Kunden"),
    requires=always("messages", "coupons"),
    definition=Text(
        "Customers who ordered with a coupon of a campaign, or of whom an event tells that they redeemed one, after they "
        "were written to in the window ÷ customers who were written to for it; each campaign by itself.",
        "Kunden, die nach der Nachricht einer Kampagne im Zeitraum mit einem ihrer Gutscheine bestellt haben oder deren "
        "Einlösung ein Ereignis meldet, ÷ Kunden, die dazu angeschrieben wurden; jede Kampagne für sich.",
    ),
    leaves_out=Text(
        "Coupons of campaigns that were not sent as messages; messages to nobody known; cancelled orders.",
        "Gutscheine von Kampagnen ohne Nachrichten; Nachrichten an Unbekannte; stornierte Bestellungen.",
    ),
    reading=Text(
        "Who redeems might have bought anyway: the gain shows only against a control group (ROI of a measure).",
        "Wer einlöst, hätte vielleicht ohnehin gekauft: Den Gewinn zeigt nur eine Vergleichsgruppe (ROI einer "
        "Maßnahme).",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        states={
            "messages": (
                State("m1", "sent", "anna", "2026-01-05", {"campaign": "spring"}),
                State("m2", "sent", "ben", "2026-01-05", {"campaign": "spring"}),
                State("m3", "sent", "anna", "2026-02-05", {"campaign": "summer"}),
            )
        },
        sales=(
            Sale("anna", "2026-01-10", campaign="spring", coupon="S1"),
            Sale("ben", "2026-01-03", campaign="spring", coupon="S1"),  # before the message
            Sale("cem", "2026-01-10", campaign="spring", coupon="S1"),  # was not written to
        ),
        answers={
            None: ({"value": 0.333333333, "low": 0.056275, "high": 0.797558, "n": 3},),
            "campaign": (
                {"campaign": "spring", "value": 0.5, "n": 2},
                {"campaign": "summer", "value": 0.0, "n": 1},
            ),
        },
    ),
)
