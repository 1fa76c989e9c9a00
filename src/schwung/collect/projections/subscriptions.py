"""Contracts that go on by themselves: trial, start, change, renewal, cancellation, end."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from schwung.collect.event_type import number_of
from schwung.collect.projection import currency_of
from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.projections.projection import Projection
from schwung.collect.relationship_tables import SUBSCRIPTIONS
from schwung.core.money import to_minor

_STATES: Mapping[str, str] = {
    "trial_started": "trial",
    "subscription_started": "started",
    "subscription_changed": "changed",
    "subscription_renewed": "renewed",
    "subscription_cancelled": "cancelled",
    "subscription_ended": "ended",
}
_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
_PERIODS: Mapping[str, str] = {
    **dict.fromkeys(("month", "months", "monthly", "monat", "monatlich", "1 month", "p1m"), "month"),
    **dict.fromkeys(("quarter", "quarterly", "quartal", "vierteljährlich", "3 months", "p3m"), "quarter"),
    **dict.fromkeys(("year", "years", "yearly", "annual", "annually", "jahr", "jährlich", "12 months", "p1y", "p12m"), "year"),
}  # fmt: skip


def _rows(occasion: Occasion, setting: Setting) -> Iterable[Fields]:
    period = _PERIODS.get((occasion.text("period", "interval") or "").strip().lower())
    currency = currency_of(occasion.properties, "currency", setting.currency)
    monthly = _monthly(occasion, period, currency)
    yield {
        "subscription_key": occasion.key("subscription_id"),
        "state": _STATES[occasion.name],
        "nth": occasion.happened_at,
        "subscription_id": occasion.text("subscription_id"),
        **occasion.shared,
        "happened_at": occasion.happened_at,
        "plan": occasion.text("plan"),
        "period": period,
        "monthly_minor": monthly,
        "currency": None if monthly is None else currency,
    }


def _monthly(occasion: Occasion, period: str | None, currency: str) -> int | None:
    """Price of a period ÷ its months, rounded half up once. None where price or period is not stated: a guess would be a wrong revenue."""
    price = number_of(occasion.properties.get("price"))
    if price is None:
        price = number_of(occasion.properties.get("value"))
    if price is None or period is None:
        return None
    return to_minor((Decimal(price) / _MONTHS[period]).quantize(Decimal("1e-9"), ROUND_HALF_UP), currency)


PROJECTION = Projection(SUBSCRIPTIONS, frozenset(_STATES), _rows)
