"""What attribution answers: credit per channel or campaign, beside what was spent there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schwung.core.clock import Instant, to_datetime
from schwung.core.text import Text

NOT_AN_EFFECT = Text(
    "This describes which touches came before sales. It does not say what would have been sold without them; only an experiment does.",
    "Das beschreibt, welche Berührungen Verkäufen vorausgingen. Es sagt nicht, was ohne sie verkauft worden wäre; das zeigt nur ein Experiment.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChannelCredit:
    """One channel or campaign. Money in major units; None: not known.

    conversions, value, margin: what it is credited with. removal: share of all conversions that would be lost without it, in
    the Markov chain. compared: conversions by every other rule.
    """

    name: str
    conversions: float
    share: float
    value: float | None = None
    margin: float | None = None
    spend: float | None = None
    hours: float | None = None
    removal: float | None = None
    compared: Mapping[str, float] = field(default_factory=dict)

    @property
    def cost_per_conversion(self) -> float | None:
        return None if self.spend is None or self.conversions <= 0 else self.spend / self.conversions

    @property
    def return_on_spend(self) -> float | None:
        """Revenue ÷ spend."""
        return None if self.value is None or not self.spend else self.value / self.spend

    @property
    def margin_on_spend(self) -> float | None:
        """Margin ÷ spend; below 1 the spend did not come back, whoever caused the sale."""
        return None if self.margin is None or not self.spend else self.margin / self.spend

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "conversions": self.conversions, "share": self.share, "value": self.value, "margin": self.margin,
            "spend": self.spend, "hours": self.hours, "cost_per_conversion": self.cost_per_conversion, "return_on_spend": self.return_on_spend,
            "margin_on_spend": self.margin_on_spend, "removal_effect": self.removal, "compared": dict(self.compared),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Basis:
    """Of what a workspace's journeys were made. without_touch, guests: orders that no touch can earn; they are in no row.

    open_: journeys that may still lead to an order; they are left out. margin_known: share of the orders whose margin is known.
    """

    by: str
    since_on: date | None
    until_on: date
    as_of: Instant
    lookback_days: int
    only_new: bool
    currency: str
    orders: int
    without_touch: int
    guests: int
    open_: int
    margin_known: float | None
    snapshot_no: int = 0
    computed_at: Instant = 0


@dataclass(frozen=True, slots=True)
class Attribution:
    """rows: most conversions first; those that were only spent on come last. journeys, nulls: with and without conversion."""

    rule: str
    title: Text
    order: int | None
    half_life: float | None
    conversions: float
    value: float | None
    nulls: float
    rows: tuple[ChannelCredit, ...]
    basis: Basis | None = None

    @property
    def rate(self) -> float | None:
        """Journeys that led to a conversion, of all."""
        whole = self.conversions + self.nulls
        return self.conversions / whole if whole else None

    def to_json(self) -> dict[str, Any]:
        """Money in major units, shares from 0 to 1."""
        found: dict[str, Any] = {
            "model": self.rule, "order": self.order, "half_life": self.half_life, "conversions": self.conversions,
            "value": self.value, "nulls": self.nulls, "conversion_rate": self.rate,
            "rows": [row.to_json() for row in self.rows], "remark": {"en": NOT_AN_EFFECT.en, "de": NOT_AN_EFFECT.de},
        }  # fmt: skip
        if self.basis is not None:
            basis = self.basis
            found |= {
                "by": basis.by, "since": basis.since_on and basis.since_on.isoformat(), "until": basis.until_on.isoformat(),
                "as_of": to_datetime(basis.as_of).isoformat().replace("+00:00", "Z"), "lookback_days": basis.lookback_days,
                "only_new_customers": basis.only_new, "currency": basis.currency, "orders": basis.orders,
                "orders_without_touch": basis.without_touch, "guest_orders": basis.guests, "open_journeys": basis.open_,
                "margin_known": basis.margin_known,
            }  # fmt: skip
        return found

    def to_pandas(self) -> Any:
        """One row per channel or campaign."""
        import pandas

        return pandas.DataFrame(self.flat())

    def flat(self) -> list[dict[str, Any]]:
        """The rows; what other rules say as columns `by_…`."""
        rows: Sequence[dict[str, Any]] = [row.to_json() for row in self.rows]
        return [{**row, **{f"by_{rule}": n for rule, n in row.pop("compared").items()}} for row in rows]
