"""How far leads have come: how long known, which stage, what score their source states."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.scope import Scope
from schwung.predict.features.feature import Feature, Group, before

_PER = ["customer_id", "moment_at"]
STAGES = ("captured", "qualified", "handed_over")

KNOWN = (
    Feature("lead_days", Text("Days known", "Tage bekannt"), "days",
            Text("known for {value}", "bekannt seit {value}"), "known", absent=None),
)  # fmt: skip
FEATURES = (
    Feature("is_lead", Text("Asked for an offer", "Hat angefragt"), "count",
            Text("has asked for an offer", "hat angefragt"), "stage",
            zero=Text("has not asked for an offer", "hat nicht angefragt")),
    Feature("is_qualified", Text("Qualified", "Qualifiziert"), "count",
            Text("qualified", "qualifiziert"), "stage", zero=Text("not qualified", "nicht qualifiziert")),
    Feature("is_handed_over", Text("Handed over to sales", "An den Vertrieb übergeben"), "count",
            Text("handed over to sales", "an den Vertrieb übergeben"), "stage",
            zero=Text("not handed over to sales", "nicht an den Vertrieb übergeben")),
    Feature("days_in_stage", Text("Days in this stage", "Tage in dieser Stufe"), "days",
            Text("in this stage for {value}", "in dieser Stufe seit {value}"), "stage_days", absent=None),
    Feature("stated_score", Text("Score stated by the source", "Punktwert der Quelle"), "score",
            Text("stated score of {value}", "genannter Punktwert {value}"), "score", absent=None),
)  # fmt: skip


def _known(scope: Scope, moments: ir.Table) -> ir.Table:
    """first_seen_at of profiles; of all profiles that are one now, the earliest."""
    seen = scope.table("profiles", False).select("customer_id", "first_seen_at")
    met = before(moments, seen, "first_seen_at")
    return met.group_by(_PER).agg(lead_days=met.age.max())


def _stages(scope: Scope, moments: ir.Table) -> ir.Table:
    met = before(moments, scope.facts("leads").filter(_.customer_id.notnull()), "happened_at")
    last = ibis.row_number().over(group_by=_PER, order_by=[_.happened_at.desc(), _.nth.desc(), _.state])
    met = met.filter(met.state.isin(STAGES)).mutate(place=last)

    def reached(stage: str) -> ir.FloatingScalar:
        return ibis.cases((met.state == stage, 1.0), else_=0.0).max()

    return met.group_by(_PER).agg(
        is_lead=ibis.cases((met.age >= 0, 1.0), else_=1.0).max(),
        is_qualified=reached("qualified"),
        is_handed_over=reached("handed_over"),
        days_in_stage=met.age.min(),
        stated_score=ibis.cases((met.place == 0, met.score)).max(),
    )


GROUPS = (
    Group("known", ("profiles",), KNOWN, _known),
    Group("stages", ("leads",), FEATURES, _stages),
)
