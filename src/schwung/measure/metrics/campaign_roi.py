"""Return on the cost of measures, against their control groups."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import Spent, State
from schwung.measure.lifecycle import customer_orders
from schwung.measure.margin import needs_margin, order_margins
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS
from schwung.measure.sources import WELCH
from schwung.measure.valuation import Valuation


def expression(scope: Scope) -> ir.Table:
    days = scope.question.value.effect_days
    rows = scope.table("messages", True).filter(
        _.state.isin(("sent", "held_back")), _.campaign.notnull(), _.customer_id.notnull()
    )
    held = (rows.state == "held_back").cast("int64")
    people = rows.group_by(["campaign", "customer_id"]).agg(begun_at=rows.happened_at.min(), held=held.min())
    cost = _cost_each(scope, people)
    people = _in_window(scope, people, "begun_at").filter(_.begun_at + days * DAY <= scope.question.as_of)
    people = scope.cut(people, "begun_at")
    brought = customer_orders(scope.bare).join(order_margins(scope), "order_key")
    brought = brought.select(who="customer_id", bought_at="ordered_at", margin="margin_minor")
    met = people.left_join(
        brought,
        [
            people.customer_id == brought.who,
            brought.bought_at > people.begun_at,
            brought.bought_at <= people.begun_at + days * DAY,
        ],
    )
    keys = [*dict.fromkeys((*scope.by, "campaign"))]
    each = met.group_by([*keys, "customer_id", "held"]).agg(worth=_.margin.sum().fill_null(0).cast("float64"))
    groups = each.group_by(keys).agg(**_sums(each, 0, "sent"), **_sums(each, 1, "held"))
    priced = groups.left_join(cost, "campaign", rname="c_{name}").drop("c_campaign")
    return priced.mutate(cost=priced.sent * priced.cost_each).drop("cost_each")


def _cost_each(scope: Scope, people: ir.Table) -> ir.Table:
    """Per campaign what it cost for each customer who was written to, whenever that was."""
    spend = scope.table("spend", False).filter(_.campaign.notnull())
    own = spend.currency.isnull() | (spend.currency == scope.question.currency)
    spent = spend.group_by("campaign").agg(spent=ibis.cases((own, spend.amount_minor)).sum())
    heads = people.filter(_.held == 0).group_by("campaign").agg(heads=_.count())
    return spent.join(heads, "campaign").select("campaign", cost_each=_.spent / _.heads)


def _in_window(scope: Scope, people: ir.Table, time: str) -> ir.Table:
    question = scope.question
    people = people.filter(people[time] < question.until_at)
    return people if question.since_at is None else people.filter(people[time] >= question.since_at)


def _sums(rows: ir.Table, held: int, name: str) -> dict[str, ir.Value]:
    worth = (rows.held == held).ifelse(rows.worth, 0.0)
    return {
        name: (rows.held == held).cast("int64").sum(),
        f"{name}_total": worth.sum(),
        f"{name}_squares": (worth * worth).sum(),
    }


METRIC = Metric(
    name="campaign_roi",
    title=Text("ROI of measures", "ROI von Maßnahmen"),
    unit="ratio",
    subject="money",
    better="higher",
    needs=(
        "messages",
        "orders",
        "order_lines",
        "products",
        "spend",
    ),
    expression=expression,
    estimate="roi",
    least=100,
    window_days=365,
    cuts=(*TIME_CUTS, "campaign"),
    basis=Text("customers held back", "zurückgehaltene Kunden"),
    requires=lambda value: ("control_group", *needs_margin(value), "energy"),
    definition=Text(
        "(Margin that customers who were written to brought within `value.effect_days` days (28) beyond that of "
        "those who were held back − cost) ÷ cost. Cost is the spend of the campaign, by head of those written to. Several campaigns are added "
        "up, each against its own control group.",
        "(Marge, die angeschriebene Kunden binnen `value.effect_days` Tagen (28) mehr brachten als "
        "zurückgehaltene, − Kosten) ÷ Kosten. Kosten sind die Ausgaben der Kampagne, je angeschriebenem Kopf. Mehrere Kampagnen werden "
        "addiert, jede gegen ihre eigene Vergleichsgruppe.",
    ),
    leaves_out=Text(
        "Campaigns without a control group or without spend; customers whose days are not over; messages without "
        "a campaign.",
        "Kampagnen ohne Vergleichsgruppe oder ohne Ausgaben; Kunden, deren Tage noch laufen; Nachrichten ohne "
        "Kampagne.",
    ),
    reading=Text(
        "Only a control group that was picked at random tells what a measure did. An interval around 0: the "
        "effect is not clear, whatever was clicked. 0 means that the cost came back.",
        "Nur eine zufällig gewählte Vergleichsgruppe sagt, was eine Maßnahme bewirkt hat. Ein Intervall um 0: Die "
        "Wirkung ist nicht klar, was auch geklickt wurde. 0 heißt: Die Kosten kamen wieder herein.",
    ),
    source=WELCH,
    example=Example(
        as_of="2026-03-31",
        value=Valuation(margin_rate=0.5),
        states={
            "messages": (
                State("m1", "sent", "anna", "2026-01-05", {"campaign": "spring"}),
                State("m2", "sent", "ben", "2026-01-05", {"campaign": "spring"}),
                State("m3", "held_back", "cem", "2026-01-05", {"campaign": "spring"}),
                State("m4", "held_back", "dana", "2026-01-05", {"campaign": "spring"}),
                State("m5", "sent", "anna", "2026-01-05", {"campaign": "autumn"}),  # no control group
            )
        },
        sales=(
            Sale("anna", "2026-01-10", 60, is_net=True),
            Sale("ben", "2026-01-10", 20, is_net=True),
            Sale("cem", "2026-01-12", 20, is_net=True),
            Sale("dana", "2026-03-12", 99, is_net=True),  # too late
        ),
        spent=(
            Spent("2026-01-04", "email", 10, "spring"),
            Spent("2026-01-04", "email", 7, "spring", currency="USD"),  # no rate is known
            Spent("2026-01-04", "email", 10, "autumn"),
        ),
        # Margins sent 30 and 10, held back 10 and 0: 15 more each, 30 in all, cost 10. Variances 200 ÷ 2 and 50 ÷ 2;
        # half = 12.706205 · √(2² · 125) ÷ 10 = 28.411938
        answers={
            None: ({"value": 2.0, "low": -26.411938, "high": 30.411938, "n": 2},),
            "campaign": ({"campaign": "spring", "value": 2.0, "n": 2}, {"campaign": "autumn", "value": None, "n": 0}),
        },
    ),
)
