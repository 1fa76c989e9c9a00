"""Rows of worked examples for the facts beside orders: what Anna, Ben and Cem answered, got, asked and paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer on its scale; None: skipped."""

    who: str | None
    day: str
    metric: str
    value: float | None
    low: float = 0
    high: float = 10
    better: str = "higher"
    phase: str = "delight"
    question: str = "q"
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One state that a thing reached. thing: its name in the example. more: further columns, amounts in minor units."""

    thing: str
    state: str
    who: str | None
    day: str
    more: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """An entry of a points account, signed."""

    who: str
    day: str
    kind: str
    points: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """Money and hours of a day."""

    day: str
    channel: str
    amount: int
    campaign: str | None = None
    phase: str | None = "attract"
    hours: float | None = None
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event by its name."""

    who: str | None
    day: str
    name: str
    order_id: str | None = None
    properties: str = "{}"


@dataclass(frozen=True, slots=True)
class Goods:
    """A product with its cost, in major units."""

    product: str
    cost: str
    tax_rate: float | None = None
