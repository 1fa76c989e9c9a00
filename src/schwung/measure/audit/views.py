"""The five views as values. Money in minor units; shares from 0 to 1; periods and cohorts by their labels."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from schwung.core.text import Text

VIEWS: Mapping[int, Text] = {
    1: Text("How customers differ in a period", "Wie sich Kunden in einem Zeitraum unterscheiden"),
    2: Text("What changed from the period before", "Was sich gegenüber dem Zeitraum davor änderte"),
    3: Text("How a cohort grows older", "Wie eine Kohorte älter wird"),
    4: Text("How cohorts compare", "Wie sich Kohorten vergleichen"),
    5: Text("The whole base", "Die ganze Kundenbasis"),
}


@dataclass(frozen=True, slots=True)
class Slice:
    """Customers of one kind in a period: a decile, or all with as many orders. share: of the customers' revenue."""

    name: str
    customers: int
    orders: int
    minor: int
    share: float | None
    cumulated: float | None = None
    least_minor: int | None = None
    most_minor: int | None = None

    @property
    def minor_per_order(self) -> float | None:
        return self.minor / self.orders if self.orders else None

    @property
    def orders_per_customer(self) -> float | None:
        return self.orders / self.customers if self.customers else None


@dataclass(frozen=True, slots=True)
class OnePeriod:
    """View 1: how customers differ within a period. others: revenue of guests, and of returns without an order.

    needed: share of revenue → share of customers that brings it. once: share of customers with exactly one order.
    unvalued: orders whose amount in the reporting currency is not known; they count as orders, with no revenue.
    """

    customers: int
    orders: int
    minor: int
    deciles: Sequence[Slice]
    by_orders: Sequence[Slice]
    guests_minor: int
    guest_orders: int
    returns_only_minor: int
    needed: Mapping[int, float | None]
    once: float | None
    unvalued: int = 0

    @property
    def total_minor(self) -> int:
        return self.minor + self.guests_minor + self.returns_only_minor


@dataclass(frozen=True, slots=True)
class Move:
    """Customers who came, stayed or went between two periods, and what changed with them."""

    name: str
    title: Text
    customers: int
    minor_before: int
    minor: int

    @property
    def change_minor(self) -> int:
        return self.minor - self.minor_before


@dataclass(frozen=True, slots=True)
class TwoPeriods:
    """View 2: what changed from the period before. moves add up from total to total.

    factors: the change of the customers' revenue by number of customers, orders a customer, money an order (Shapley value of
    the product; they add up). matrix: (decile before, decile now) → customers; 0 stands for “did not order”.
    """

    minor_before: int
    minor: int
    moves: Sequence[Move]
    factors: Mapping[str, float]
    matrix: Mapping[tuple[int, int], int]
    stayed: float | None


@dataclass(frozen=True, slots=True)
class Age:
    """A cohort in one period. age: units since the first order. cumulated: revenue so far per customer of the cohort."""

    age: int
    period: str
    active: int
    active_share: float
    orders: int
    minor: int
    cumulated: float
    so_far: bool

    @property
    def minor_per_order(self) -> float | None:
        return self.minor / self.orders if self.orders else None


@dataclass(frozen=True, slots=True)
class Cohort:
    """View 3 of one cohort, and its row in views 4 and 5. first_minor: of its first orders. early_minor: returns that
    came before the first known order. may_be_older: facts begin here, so earlier customers look new."""

    name: str
    size: int
    first_minor: int
    ages: Sequence[Age]
    early_minor: int
    may_be_older: bool

    @property
    def minor(self) -> int:
        return sum(age.minor for age in self.ages) + self.early_minor

    @property
    def first_share(self) -> float | None:
        return self.first_minor / self.minor if self.minor > 0 else None


@dataclass(frozen=True, slots=True)
class BasePeriod:
    """View 5, one period: the whole base by cohort. minor: with guests and returns of people who never ordered."""

    name: str
    active: int
    new: int
    orders: int
    minor: int
    new_minor: int
    by_cohort: Mapping[str, int]
    guests_minor: int
    without_order_minor: int
    so_far: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """One base seen five ways. unit: of cohorts and ages. since, until: days of the period of views 1 and 2.

    chosen: the cohort that view 3 tells of. sentences: what each view says, by its number.
    """

    unit: str
    currency: str
    since: str
    until: str
    one: OnePeriod
    two: TwoPeriods | None
    chosen: str | None
    cohorts: Sequence[Cohort]
    base: Sequence[BasePeriod]
    sentences: Mapping[int, Sequence[Text]]

    @property
    def cohort(self) -> Cohort | None:
        return next((one for one in self.cohorts if one.name == self.chosen), None)

    def to_json(self) -> dict[str, Any]:
        """All five views; money in minor units, as they add up exactly."""
        two = self.two
        return {
            "unit": self.unit,
            "currency": self.currency,
            "since": self.since,
            "until": self.until,
            "one_period": asdict(self.one) | {"total_minor": self.one.total_minor},
            "two_periods": None
            if two is None
            else {
                "minor_before": two.minor_before,
                "minor": two.minor,
                "stayed": two.stayed,
                "moves": [
                    {
                        "name": move.name,
                        "customers": move.customers,
                        "minor_before": move.minor_before,
                        "minor": move.minor,
                    }
                    for move in two.moves
                ],
                "factors": dict(two.factors),
                "matrix": [
                    {"before": before, "now": now, "customers": count}
                    for (before, now), count in sorted(two.matrix.items())
                ],
            },
            "cohort": self.chosen,
            "cohorts": [asdict(cohort) | {"minor": cohort.minor} for cohort in self.cohorts],
            "base": [asdict(period) for period in self.base],
            "sentences": {
                str(view): [{"en": text.en, "de": text.de} for text in texts] for view, texts in self.sentences.items()
            },
        }
