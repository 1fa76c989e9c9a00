"""What customers have subscribed to: plan, price, how long, what changed."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.contracts import contracts
from schwung.measure.scope import Scope
from schwung.predict.features.feature import Feature, Group, before, in_days

_PER = ["customer_id", "moment_at"]

FEATURES = (
    Feature("plan", Text("Plan", "Tarif"), "word", Text("plan {value}", "Tarif {value}"), "plan", absent=None),
    Feature("monthly", Text("Price a month", "Preis je Monat"), "money",
            Text("pays {value} a month", "zahlt {value} im Monat"), "plan", absent=None),
    Feature("contract_days", Text("Days of the contract", "Tage des Vertrags"), "days",
            Text("subscribed for {value}", "Abonnement seit {value}"), "tenure", absent=None),
    Feature("contracts", Text("Running subscriptions", "Laufende Abonnements"), "count",
            Text("{value} running subscriptions", "{value} laufende Abonnements"), "contracts",
            one=Text("one running subscription", "ein laufendes Abonnement"),
            zero=Text("no subscription", "kein Abonnement")),
    Feature("contracts_ended", Text("Ended subscriptions", "Beendete Abonnements"), "count",
            Text("{value} subscriptions ended before", "{value} Abonnements zuvor beendet"), "contracts_ended",
            one=Text("one subscription ended before", "ein Abonnement zuvor beendet"),
            zero=Text("no subscription ended before", "zuvor kein Abonnement beendet")),
    Feature("price_change", Text("Change of the price since the start", "Änderung des Preises seit Beginn"), "money",
            Text("price changed by {value} a month since the start", "Preis seit Beginn um {value} im Monat geändert"),
            "price_change", zero=Text("price as at the start", "Preis wie zu Beginn"), absent=None),
    Feature("was_trial", Text("Began with a trial", "Begann mit Probezeit"), "count",
            Text("began with a trial", "begann mit einer Probezeit"), "trial",
            zero=Text("began without a trial", "begann ohne Probezeit")),
)  # fmt: skip


def _rows(scope: Scope, moments: ir.Table) -> ir.Table:
    """Per customer over subscriptions: plan of the longest running one, prices summed."""
    states = contracts(scope).filter(_.customer_id.notnull())
    tried = scope.facts("subscriptions").filter(_.state == "trial").select("subscription_key").distinct()
    states = states.left_join(tried.mutate(is_tried=True), "subscription_key", rname="tried_{name}")
    met = before(moments, states, "happened_at")
    each = met.group_by([*_PER, "subscription_key"]).agg(
        first_at=ibis.cases((met.is_running, met.happened_at)).min(),
        runs=ibis.cases((met.is_running, 1.0), else_=0.0).argmax(met.happened_at),
        plan=met.plan.argmax(met.happened_at),
        monthly=met.monthly_minor.cast("float64").argmax(met.happened_at),
        at_first=ibis.cases((met.is_running, met.monthly_minor.cast("float64"))).argmin(
            ibis.cases((met.is_running, met.happened_at))
        ),
        is_tried=met.is_tried.fill_null(False).cast("float64").max(),
    )
    running, ended = each.runs == 1.0, (each.runs == 0.0) & each.first_at.notnull()
    return each.group_by(_PER).agg(
        plan=each.plan.argmin(ibis.cases((running, each.first_at))),
        monthly=ibis.cases((running, each.monthly)).sum(),
        contract_days=ibis.cases((running, in_days(each.moment_at - each.first_at))).max(),
        contracts=ibis.cases((running, 1.0), else_=0.0).sum(),
        contracts_ended=ibis.cases((ended, 1.0), else_=0.0).sum(),
        price_change=ibis.cases((running, each.monthly - each.at_first)).sum(),
        was_trial=ibis.cases((running, each.is_tried)).max(),
    )


GROUPS = (Group("contracts", ("subscriptions",), FEATURES, _rows),)
