"""The analysis put together: rows of the engine in, frozen values out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray

from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.inference import Estimate
from schwung.measure.reading import Reading
from schwung.measure.scope import Scope
from schwung.measure.valuation import Basis
from schwung.predict.potential import sentences
from schwung.predict.potential.base import HALF, YEAR, base
from schwung.predict.potential.concentration import CLASSES, GROUPS, Concentration, abc, concentration, group_of, rfm
from schwung.predict.potential.frontier import LEAST, QUANTILE, Frontier, design_of, frontier
from schwung.predict.potential.portfolio import LEVELS, STANCES, Field, fields, potential_levels
from schwung.predict.potential.sources import sources_of
from schwung.predict.potential.views import Cell, Group, Potential, Similar, Source

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LEAST_MARGIN = 0.9
"""From that share of the year's customers on whose margin is known, margin is what value means."""
_LEAST_CUSTOMERS, _LEAST_STAY = 10, 30
_SLACK = 14 * DAY
"""So much of a period may lie before the first order."""


@dataclass(frozen=True)
class Foreseen:
    """What trained models say, by customer_id: clv (minor units, of a year, counted as `clv_basis`), offers (expected of cross-
    and up-sell); None: not trained."""

    clv: pa.Table | None = None
    offers: pa.Table | None = None
    clv_basis: Basis = "revenue"


@dataclass(frozen=True)
class _Base:
    """The rows with what is worked out of them for everybody."""

    rows: pa.Table
    basis: Basis

    def column(self, name: str) -> NDArray:
        return self.rows[name].to_numpy()

    @cached_property
    def value(self) -> Floats:
        return self.column(f"{self.basis}_year").astype(float)

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        return self.column("orders_year") > 0

    @cached_property
    def brings(self) -> NDArray[np.bool_]:
        """Who brought something in the year."""
        return self.active & (self.value > 0)


def potential(
    reading: Reading, *, basis: Basis | None = None, foreseen: Foreseen | None = None, seed: int = 1
) -> Potential:  # fmt: skip
    """basis: None for margin where it is known of most customers, else revenue. InputError where nobody ordered in a year."""
    scope = reading.scope
    rows = reading.rows("potential", lambda scope: base(scope, ("revenue", "margin"))).sort_by("customer_id")
    known = _Base(rows, basis or _basis(rows))
    foreseen = foreseen or Foreseen()
    if foreseen.clv_basis != known.basis:
        foreseen = replace(foreseen, clv=None)
    active = known.active
    if int(active.sum()) < _LEAST_CUSTOMERS:
        raise InputError(
            "too_few_customers",
            Text(
                "Known customers who ordered within a year: {n}; a potential analysis takes {least}.",
                "Bekannte Kunden mit Bestellung binnen eines Jahres: {n}; eine Potenzialanalyse braucht {least}.",
            ).fill(n=int(active.sum()), least=_LEAST_CUSTOMERS),
            Text("Import orders with customer numbers.", "Bestellungen mit Kundennummern einlesen."),
        )
    found = _reach(known, scope, seed)
    return _put_together(reading, known, found, foreseen, seed)


def _basis(rows: pa.Table) -> Basis:
    year = rows.filter(pa.compute.field("orders_year") > 0)
    known = np.count_nonzero(year["margin_all"].to_numpy())
    return "margin" if year.num_rows and known >= _LEAST_MARGIN * year.num_rows else "revenue"


def _reach(known: _Base, scope: Scope, seed: int) -> Frontier | None:
    """Of the customers who brought something in the year."""
    brings = known.brings
    if int(brings.sum()) < LEAST:
        return None
    rows = known.rows.filter(pa.array(brings))
    design = design_of(rows, known.column(f"{known.basis}_before")[brings].astype(float), scope.question.as_of)
    return frontier(design, known.value[brings], seed)


def _gaps(known: _Base, found: Frontier | None) -> tuple[Floats, Floats, list[Floats]]:
    """Per customer the frontier (NaN: none) and what it lies above the value, the latter by draw too."""
    reach, gap = np.full(len(known.value), np.nan), np.zeros(len(known.value))
    if found is None:
        return reach, gap, []
    brings = known.brings
    reach[brings] = found.reach
    gap[brings] = np.maximum(0.0, found.reach - known.value[brings])
    draws = []
    for beta in found.draws:
        drawn = np.zeros(len(known.value))
        drawn[brings] = np.maximum(0.0, found.reach_of(beta) - known.value[brings])
        draws.append(drawn)
    return reach, gap, draws


def _stay(known: _Base, at: Instant) -> float | None:
    """Share of the active of a year who were active in the next; of halves of a year where the facts hold no two years."""
    first = int(known.column("first_at").min())
    for before, after, span, root in (
        ("orders_before", "orders_year", YEAR, 1), ("orders_half_before", "orders_half", HALF, 2)
    ):  # fmt: skip
        were = known.column(before) > 0
        if first <= at - 2 * span + _SLACK and were.sum() >= _LEAST_STAY:
            return float((known.column(after)[were] > 0).mean()) ** root
    return None


def _looked_up(rows: pa.Table | None, name: str, customers: Ints) -> Floats | None:
    """A column of predictions in the order of customers; NaN where nothing is predicted."""
    if rows is None or not rows.num_rows:
        return None
    rows = rows.sort_by("customer_id")
    ids = rows["customer_id"].to_numpy()
    place = np.minimum(np.searchsorted(ids, customers), len(ids) - 1)
    return np.where(ids[place] == customers, rows[name].to_numpy()[place], np.nan)


def _put_together(
    reading: Reading, known: _Base, found: Frontier | None, foreseen: Foreseen, seed: int
) -> Potential:  # fmt: skip
    scope = reading.scope
    active, value, customers = known.active, known.value, known.column("customer_id")
    reach, gap, draws = _gaps(known, found)
    clv, offers = (
        _looked_up(rows, name, customers) for rows, name in ((foreseen.clv, "clv"), (foreseen.offers, "offers"))
    )
    similar = (
        None
        if found is None
        else Similar(QUANTILE, found.below, found.explained, found.design.used, tuple(found.design.titles))
    )
    stay = _stay(known, scope.question.as_of)
    simple = np.where(active, value, 0.0) * (1.0 if stay is None else stay)
    expected = simple if clv is None else np.where(np.isnan(clv), simple, clv)
    classes, levels = np.full(len(value), 2), np.full(len(value), 2)
    classes[active], levels[active] = abc(value[active]), potential_levels(gap[active])
    portfolio = fields(
        classes[active], levels[active], value[active], expected[active], gap[active],
        [draw[active] for draw in draws], None if offers is None else offers[active],
    )  # fmt: skip
    days = (scope.question.as_of - known.column("last_at")) / DAY
    marks = rfm(days, known.column("orders").astype(float), known.column(f"{known.basis}_all").astype(float))
    group = group_of(marks[0], marks[1])
    spread = concentration(value[active], seed)
    counts = reading.rows("left out", _left_out).to_pylist()[0]
    sources = sources_of(known.rows, counts["returns"], foreseen.clv is not None, foreseen.offers is not None)
    told = _groups(known, group, gap if found is not None else None)
    return Potential(
        scope.question.as_of, scope.question.currency, known.basis, sources, int(active.sum()), int((~active).sum()),
        counts["objected"], counts["guests"], spread, _cells(marks, known), told,
        "simple" if clv is None else "clv", stay, similar, portfolio,
        _said(known, scope.question.currency, sources, counts, spread, told, similar, clv is not None, stay, portfolio, draws),
        _customers(known, marks, group, classes, levels, expected, reach, gap, offers),
    )  # fmt: skip


def _left_out(scope: Scope) -> ir.Table:
    """Customers who objected and have an order; orders of guests; orders in a foreign currency without a rate; returns."""
    orders = scope.sales(ever=True)
    objected = scope.table("profiles", False).filter(_.has_objected).select("customer_id")
    buyers = orders.filter(_.customer_id.notnull()).select("customer_id").distinct().semi_join(objected, "customer_id")
    guests = orders.aggregate(
        guests=_.customer_id.isnull().cast("int64").sum().fill_null(0),
        foreign=_.amount_minor.isnull().cast("int64").sum().fill_null(0),
    )
    returns = scope.table("returns", False).aggregate(returns=_.count())
    return buyers.aggregate(objected=_.count()).cross_join(guests).cross_join(returns)


def _cells(marks: tuple[Ints, Ints, Ints], known: _Base) -> tuple[Cell, ...]:
    cells, place, many = np.unique(np.column_stack(marks), axis=0, return_inverse=True, return_counts=True)
    minor = np.bincount(place.ravel(), known.column(f"{known.basis}_all").astype(float), len(cells))
    return tuple(
        Cell(int(r), int(f), int(m), int(n), round(each))
        for (r, f, m), n, each in zip(cells.tolist(), many, minor, strict=True)
    )


def _groups(known: _Base, group: Ints, gap: Floats | None) -> tuple[Group, ...]:
    many = np.bincount(group, minlength=len(GROUPS))
    year, ever = (
        np.bincount(group, known.column(f"{known.basis}_{when}").astype(float), len(GROUPS)) for when in ("year", "all")
    )
    open_ = None if gap is None else np.bincount(group, gap, len(GROUPS))
    return tuple(
        Group(name, int(many[at]), round(year[at]), round(ever[at]), None if open_ is None else round(open_[at]))
        for at, name in enumerate(GROUPS)
    )


def _said(
    known: _Base, currency: str, sources: tuple[Source, ...], counts: Mapping[str, int], spread: Concentration,
    told: tuple[Group, ...], found: Similar | None, by_clv: bool, stay: float | None, portfolio: tuple[Field, ...],
    draws: list[Floats],
) -> dict[str, tuple[Text, ...]]:  # fmt: skip
    """Sentences by step."""

    def money(minor: float) -> Text:
        return said.money(minor / 10 ** exponent_of(currency), currency)

    active = int(known.active.sum())
    return {
        "collect": sentences.collected(
            sources,
            active,
            int((~known.active).sum()),
            known.basis,
            counts["objected"],
            counts["guests"],
            counts["foreign"],
        ),
        "analyse": sentences.analysed(spread, active),
        "segment": sentences.segmented(told, money),
        "assess": sentences.assessed(found, int(known.brings.sum()), by_clv, stay, _total(portfolio, draws), money),
        "prioritise": sentences.prioritised(portfolio, money),
        "implement": sentences.implemented(portfolio),
    }


def _total(portfolio: tuple[Field, ...], draws: list[Floats]) -> Field | None:
    """All fields as one, for the sentence."""
    if not draws:
        return None
    whole = sum(one.potential.value or 0.0 for one in portfolio)
    low, high = np.quantile([draw.sum() for draw in draws], (0.1, 0.9))
    many = sum(one.customers for one in portfolio)
    stance = STANCES["low", "low"]
    return Field("high", "high", many, 0, 0, Estimate(whole, float(low), float(high), many), None, stance, 0, 0)


def _customers(
    known: _Base, marks: tuple[Ints, Ints, Ints], group: Ints, classes: Ints, levels: Ints, expected: Floats,
    reach: Floats, gap: Floats, offers: Floats | None,
) -> pa.Table:  # fmt: skip
    """One row per customer, whole minor units; the field is null for who did not order in the year."""
    names = np.array([f"{LEVELS[at // 3]}-{LEVELS[at % 3]}" for at in range(9)], object)
    nothing = ~known.active

    def minor(values: Floats) -> pa.Array:
        return pa.array(np.round(np.nan_to_num(values)).astype(np.int64), mask=np.isnan(values))

    empty = np.full(len(gap), np.nan)
    return pa.table(
        {
            "customer_id": pa.array(known.column("customer_id")),
            "value_minor": minor(known.value),
            "expected_minor": minor(expected),
            "frontier_minor": minor(reach),
            "potential_minor": minor(np.where(np.isnan(reach), np.nan, gap)),
            "offers_minor": minor(empty if offers is None else offers),
            "abc": pa.array(np.array(CLASSES, object)[classes], mask=nothing),
            "recency": pa.array(marks[0]),
            "frequency": pa.array(marks[1]),
            "money": pa.array(marks[2]),
            "group": pa.array(np.array(list(GROUPS), object)[group]),
            "field": pa.array(names[classes * 3 + levels], mask=nothing),
        }
    )
