"""What only the company knows about the worth of its business: margins, rates, and how customer value is to be read."""

from dataclasses import dataclass
from typing import Literal

Basis = Literal["revenue", "margin"]


@dataclass(frozen=True, slots=True)
class Valuation:
    """None: not told. Rates from 0 to 1.

    margin_rate: of net goods whose cost is not known. tax_rate: within gross amounts whose tax is not known.
    discount_rate: a year; later money is worth less. basis, less_cac, horizon_months: how customer value is counted.
    point_value: of a loyalty point, in major units of the reporting currency.
    effect_days: how long after a message an order counts as its effect.
    is_predicted: a trained model says what customers will bring, counted in the same way.
    bought_again: categories whose products are used up and bought again.
    """

    margin_rate: float | None = None
    tax_rate: float | None = None
    discount_rate: float | None = None
    basis: Basis = "revenue"
    less_cac: bool = False
    horizon_months: int | None = None
    point_value: float | None = None
    effect_days: int = 28
    is_predicted: bool = False
    bought_again: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether what customers brought is revenue as it is."""
        return self.basis == "revenue" and self.discount_rate is None and self.horizon_months is None
