"""What the analysis finds, step by step. Amounts in minor units of the reporting currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from schwung.core.clock import Instant, to_datetime
from schwung.core.text import Text
from schwung.measure.valuation import Basis
from schwung.predict.potential.concentration import GROUPS, Concentration
from schwung.predict.potential.portfolio import Field

if TYPE_CHECKING:
    import pandas

STEPS: Mapping[str, Text] = {
    "collect": Text("Collect", "Daten sammeln"),
    "analyse": Text("Analyse", "Analysieren"),
    "segment": Text("Segment", "Segmentieren"),
    "assess": Text("Assess potential", "Potenzial bewerten"),
    "prioritise": Text("Prioritise, with targets", "Priorisieren, mit Zielen"),
    "implement": Text("Implement", "Umsetzen"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of data. share: of customers (of orders, for margins) that it is known of. where: a console path that brings it."""

    name: str
    title: Text
    share: float
    use: Text
    where: str

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "title": _both(self.title), "share": self.share, "use": _both(self.use)}


@dataclass(frozen=True, slots=True)
class Cell:
    """Customers of one RFM cell, 5 the best."""

    recency: int
    frequency: int
    money: int
    customers: int
    minor: int

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Group:
    """Customers of one group of RFM cells. minor: of the year; potential: of those who ordered in it, None without a frontier."""

    name: str
    customers: int
    minor: int
    so_far: int
    potential: int | None

    @property
    def title(self) -> Text:
        return GROUPS[self.name][0]

    @property
    def who(self) -> Text:
        return GROUPS[self.name][1]

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"title": _both(self.title)}


@dataclass(frozen=True, slots=True)
class Similar:
    """How the frontier of similar customers was found. below: share of customers kept out who lie under it. explained: how much
    closer it lies than one quantile for all, 0 to 1. alike: by what customers are similar."""

    quantile: float
    below: float
    explained: float
    features: tuple[str, ...]
    alike: tuple[Text, ...]

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("quantile", "below", "explained")} | {
            "features": [*self.features]
        }


@dataclass(frozen=True)
class Potential:
    """The analysis of a workspace.

    basis: revenue or margin. active: customers with an order in the year; the others are `quiet`. expected_by: clv where a
    model was trained, else simple: value × share of active customers who stay (`stay`). customers: one row each; None on pages, which do not
    need them.
    """

    as_of: Instant
    currency: str
    basis: Basis
    sources: tuple[Source, ...]
    active: int
    quiet: int
    objected: int
    guest_orders: int
    concentration: Concentration
    cells: tuple[Cell, ...]
    groups: tuple[Group, ...]
    expected_by: Literal["clv", "simple"]
    stay: float | None
    similar: Similar | None
    fields: tuple[Field, ...]
    sentences: Mapping[str, tuple[Text, ...]]
    customers: pa.Table | None

    def to_json(self, *, customers: bool = False) -> dict[str, Any]:
        """{"as_of", "basis", "currency", "collect", "analyse", "segment", "assess", "prioritise", "sentences"}; customers: a
        row of each besides."""
        told: dict[str, Any] = {
            "as_of": to_datetime(self.as_of).isoformat().replace("+00:00", "Z"),
            "currency": self.currency,
            "basis": self.basis,
            "customers": {"active": self.active, "quiet": self.quiet, "objected": self.objected},
            "guest_orders": self.guest_orders,
            "collect": [one.to_json() for one in self.sources],
            "analyse": self.concentration.to_json() | {"rfm": [cell.to_json() for cell in self.cells]},
            "segment": [group.to_json() for group in self.groups],
            "assess": {
                "expected_by": self.expected_by,
                "stay": self.stay,
                "frontier": None if self.similar is None else self.similar.to_json(),
            },
            "prioritise": [field.to_json() for field in sorted(self.fields, key=lambda one: one.priority)],
            "sentences": {step: [_both(one) for one in said] for step, said in self.sentences.items()},
        }
        return told | ({"rows": self.rows.to_pylist()} if customers else {})

    @property
    def rows(self) -> pa.Table:
        """One row per customer."""
        if self.customers is None:
            raise ValueError("made without its customers")
        return self.customers

    def to_pandas(self) -> "pandas.DataFrame":
        """One row per customer."""
        return self.rows.to_pandas().set_index("customer_id")


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "de": text.de}
