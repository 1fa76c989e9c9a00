"""What a trained model says customers are worth over their lifetime, read as a fact; where none says so, what they brought so far."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.customer_value import historic_remark, less_cost, terms, values, worths
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.measure.valuation import Basis

MODEL, TARGET = "clv", "lifetime_value"
_PREDICTED = Text(
    "Predicted by the newest training, what was brought so far included: {terms}.",
    "Vorhergesagt durch das letzte Training, das Bisherige eingeschlossen: {terms}.",
)
_EVER = Text("so far and over the days ahead that were trained for", "bisher und über die trainierten Tage im Voraus")
_NO_MODEL = Text(
    "{historic} No model of customer value is trained with these settings yet.",
    "{historic} Noch ist kein Modell des Kundenwerts mit diesen Einstellungen trainiert.",
)


def lifetime_values(scope: Scope) -> ir.Table:
    """customer_id, predicted (minor units) of every customer of whom the model says it; not of who objected since the training."""
    rows = scope.table("predictions", True)
    rows = rows.filter(
        rows.model == MODEL, rows.target == TARGET, rows["rank"] == 0, rows.customer_id == rows.identifier_id
    )
    objected = scope.table("profiles", False).filter(_.has_objected).select("customer_id")
    return rows.filter(rows.value.notnull()).select("customer_id", predicted="value").anti_join(objected, "customer_id")


def all_worths(scope: Scope, basis: Basis) -> ir.Table:
    """`worths` of all; where a model was trained with `predicted` too, either of them null where it says nothing."""
    so_far = worths(scope, basis)
    if not scope.question.value.is_predicted:
        return so_far
    both = so_far.outer_join(lifetime_values(scope), "customer_id", rname="p_{name}")
    return both.select("worth", "predicted", customer_id=ibis.coalesce(both.customer_id, both.p_customer_id))


def best_values(scope: Scope, *, less_cac: bool) -> ir.Table:
    """`values`, by the model where one was trained (who came after the training: what was brought so far), else historic."""
    value = scope.question.value
    found = values(scope, value.basis, less_cac=False)
    if value.is_predicted:
        found = predicted_or(scope, found)
    return less_cost(scope, found) if less_cac else found


def predicted_or(scope: Scope, rows: ir.Table) -> ir.Table:
    """rows: with customer_id and `worth`, which is what the model says, where it says something; `predicted`, where that is at
    hand."""
    has = "predicted" in rows.columns
    both = rows if has else rows.left_join(lifetime_values(scope), "customer_id", rname="p_{name}")
    others = (name for name in rows.columns if name not in ("worth", "predicted"))
    return both.select(*others, worth=both.predicted.fill_null(both.worth))


def remark(question: Question) -> Text:
    """Which of the two it is, and how it is counted."""
    if question.value.is_predicted:
        return _PREDICTED.fill(terms=terms(question, _EVER))
    return _NO_MODEL.fill(historic=historic_remark(question))
