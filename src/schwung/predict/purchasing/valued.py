"""What the company's settings make of worth: margin instead of revenue, the cost of winning a customer, what was brought so far."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
from ibis import _

from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure.customer_value import values
from schwung.measure.lifecycle import customer_orders
from schwung.measure.margin import order_margins
from schwung.measure.said import count, money, share
from schwung.measure.spending import acquisition_spend
from schwung.predict.sight import Sight
from schwung.predict.summary import whole

MARGIN_UNKNOWN = Text(
    "Customer value counts margin, but of no order the margin is known.",
    "Der Kundenwert zählt Marge, doch von keiner Bestellung ist die Marge bekannt.",
)
_MARGIN = Text(
    "Margin: {rate} of what goods bring, over the {n} orders of which it is known.",
    "Marge: {rate} des Warenwerts, über die {n} Bestellungen, von denen sie bekannt ist.",
)
_COST = Text(
    "Winning a customer cost {cost} on average; it is deducted from the lifetime value.",
    "Einen Kunden zu gewinnen kostete im Mittel {cost}; das ist vom Wert über die Lebenszeit abgezogen.",
)
_NO_COST = Text(
    "What customers cost to win is not known, so nothing is deducted for it.",
    "Was Kunden in der Gewinnung kosteten, ist nicht bekannt; dafür ist nichts abgezogen.",
)


@dataclass(frozen=True, slots=True)
class Valued:
    """margin: share of worth that counts. cost_minor: of winning a customer; 0 where it is not deducted."""

    margin: float
    cost_minor: float
    remarks: tuple[Text, ...]

    def to_json(self) -> dict[str, Any]:
        return {"margin": self.margin, "cost_minor": self.cost_minor}


def valued(sight: Sight) -> Valued:
    """By the settings. InputError where margin counts and is not known."""
    value, remarks = sight.question.value, []
    margin, cost = 1.0, 0.0
    if value.basis == "margin":
        margin, known = _margin(sight)
        remarks.append(_MARGIN.fill(rate=share(margin), n=count(known)))
    if value.less_cac:
        found = _cost(sight)
        cost = found or 0.0
        shown = money(cost / scale_of(sight), sight.question.currency)
        remarks.append(_NO_COST if found is None else _COST.fill(cost=shown))
    return Valued(margin, cost, tuple(remarks))


def so_far(sight: Sight) -> ir.Table:
    """Per customer: customer_id, brought (minor units since the first order, as the settings count it)."""
    scope = whole(sight.scope)
    return values(scope, sight.question.value.basis, less_cac=False).select("customer_id", brought="worth")


def scale_of(sight: Sight) -> int:
    """Minor units of a major one: models of worth are fitted in major units, as papers print them."""
    return 10 ** exponent_of(sight.question.currency)


def _margin(sight: Sight) -> tuple[float, int]:
    scope = whole(sight.scope)
    orders = customer_orders(scope).filter(_.amount_minor > 0).select("order_key", "amount_minor")
    known = orders.join(order_margins(scope), "order_key").filter(_.margin_minor.notnull())
    (row,) = sight.run(
        known.aggregate(margin=_.margin_minor.sum(), worth=_.amount_minor.sum(), n=_.count())
    ).to_pylist()  # fmt: skip
    if not row["n"] or not row["worth"]:
        raise InputError(
            "margin_not_known",
            MARGIN_UNKNOWN,
            Text(
                "Enter a margin rate (and a tax rate) in [value], or let customer value count revenue.",
                "In [value] einen Margensatz (und Steuersatz) eintragen oder den Kundenwert nach Umsatz rechnen.",
            ),
        )
    return float(row["margin"]) / float(row["worth"]), int(row["n"])


def _cost(sight: Sight) -> float | None:
    scope = whole(sight.scope)
    (row,) = sight.run(
        acquisition_spend(scope)
        .aggregate(spent=_.total.sum())
        .cross_join(scope.first_orders().aggregate(heads=_.count()))
    ).to_pylist()
    return None if row["spent"] is None or not row["heads"] else float(row["spent"]) / row["heads"]
