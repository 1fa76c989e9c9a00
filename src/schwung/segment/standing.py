"""What a customer is: kind, phase, what is predicted of them, lists they are in, consents that they gave, their latest answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.lifecycle import NEVER, customer_orders, stays
from schwung.measure.phases.facts import happenings
from schwung.measure.scores import scores
from schwung.segment.given import Given


@dataclass(frozen=True, slots=True)
class Kind:
    """_nth, _won, _last: of the last order: which one it was, whether it finds the customer won back, when it was."""

    @property
    def part(self) -> "Kind":
        return self

    def build(self, needs: Mapping["Kind", str], given: Given) -> ir.Table:
        (name,) = needs.values()
        rows = stays(customer_orders(given.scope), given.question)
        last = rows.filter(rows.next_at == NEVER)
        return last.select(
            "customer_id", **{f"{name}_nth": _.nth, f"{name}_won": _.is_won_back, f"{name}_last": _.ordered_at}
        )


@dataclass(frozen=True, slots=True)
class Phase:
    """One column per fact that the rules of the phases read, with the instant at which it happened last."""

    @property
    def part(self) -> "Phase":
        return self

    def build(self, needs: Mapping["Phase", str], given: Given) -> ir.Table:
        (name,) = needs.values()
        facts = given.phases.facts
        rows = happenings(given.table, facts, dict.fromkeys(facts), given.question.until_at)
        return rows.group_by("customer_id").agg(
            **{f"{name}_{fact}": ibis.cases((_.fact == fact, _["at"])).max() for fact in facts}
        )


@dataclass(frozen=True, slots=True)
class Predicted:
    """Value and label of a prediction, of the model's newest version; none of who objected since (Art. 21 GDPR)."""

    model: str
    target: str

    @property
    def part(self) -> "Predicted":
        return self

    def build(self, needs: Mapping["Predicted", str], given: Given) -> ir.Table:
        (name,) = needs.values()
        rows = given.table("predictions", True).filter(_.model == self.model, _.target == self.target)
        rows = rows.filter(rows["rank"] == 0, rows.identifier_id == rows.customer_id)
        newest = rows.aggregate(newest=_.model_version.max())
        rows = rows.cross_join(newest).filter(_.model_version == _.newest)
        objected = given.table("profiles", False).filter(_.has_objected).select("customer_id")
        rows = rows.anti_join(objected, "customer_id")
        return rows.select("customer_id", **{f"{name}_value": _.value, f"{name}_label": _.label})


@dataclass(frozen=True, slots=True)
class Listed:
    """Since when the customer is in a saved list, by any identifier."""

    list_no: int

    @property
    def part(self) -> "Listed":
        return self

    def build(self, needs: Mapping["Listed", str], given: Given) -> ir.Table:
        (name,) = needs.values()
        rows = given.table("memberships", True).filter(_.segment_id == self.list_no, _.left_at.isnull())
        rows = rows.filter(rows.customer_id.notnull())
        return rows.group_by("customer_id").agg(**{name: _.joined_at.min()})


@dataclass(frozen=True, slots=True)
class Consented:
    """_given: whether the latest statement about a purpose and channel grants; _until: when that expires, null: never.

    Of two at one instant the one that does not grant counts, as in `unify.consent.in_force`.
    """

    purpose: str
    channel: str

    @property
    def part(self) -> "Consented":
        return self

    def build(self, needs: Mapping["Consented", str], given: Given) -> ir.Table:
        (name,) = needs.values()
        rows = given.table("consents", False)
        rows = rows.filter(rows.purpose == self.purpose, rows.channel == self.channel, rows.given_at <= given.now)
        grants = rows.state == "granted"
        rows = rows.mutate(grants=grants, order=grants.cast("int8"))
        order: list[Any] = [ibis.desc("given_at"), "order", ibis.desc("consent_no")]
        place = ibis.row_number().over(group_by="customer_id", order_by=order)
        last = rows.mutate(place=place).filter(_.place == 0)
        return last.select("customer_id", **{f"{name}_given": _.grants, f"{name}_until": _.expires_at})


@dataclass(frozen=True, slots=True)
class Answered:
    """_score: latest answer on 0 (worst) to 100 (best), or _value on its own scale; _at: when. metric or question, or both."""

    metric: str
    question: str

    @property
    def part(self) -> "Answered":
        return self

    def build(self, needs: Mapping["Answered", str], given: Given) -> ir.Table:
        (name,) = needs.values()
        rows = scores(given.scope)
        if self.metric:
            rows = rows.filter(rows.metric == self.metric)
        if self.question:
            rows = rows.filter(rows.question_id == self.question)
        place = ibis.row_number().over(
            group_by="customer_id", order_by=[ibis.desc("answered_at"), ibis.desc("answer_key")]
        )
        last = rows.mutate(place=place).filter(_.place == 0)
        return last.select("customer_id", **{f"{name}_score": _.score, f"{name}_at": _.answered_at})
