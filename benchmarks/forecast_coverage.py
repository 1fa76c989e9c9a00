"""Do the forecast's intervals hold what they promise? Shops that live by the simulator's laws, forecast before their end."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from benchmarks.figure import Figure, Scale
from schwung.measure.local_time import first_day, key_of_day
from schwung.predict.clv import PurchaseSummary
from schwung.predict.forecast.erring import Unit, came, edges
from schwung.predict.forecast.forecast import MEASURES, Imagined, imagined
from schwung.predict.forecast.known import Back, Base, Known, LeftOut, told
from schwung.simulation.block import block_count
from schwung.simulation.customers import population
from schwung.simulation.draws import BLOCK
from schwung.simulation.laws import kaffeehaus
from schwung.simulation.orders import assignments, orders
from schwung.simulation.seasons import season

SHOPS, SMALL = 50, 2
"""Of each length."""
KNOWN = (240, 420, 600, 1_000, 1_460)
"""Days of which a shop knows; of two years and more it has seen the season twice."""
AHEAD: dict[Unit, int] = {"week": 26, "month": 5}
_BEYOND = 200
LEVELS = {0.8: (0.78, 0.82), 0.95: (0.935, 0.965)}
_Z = 2.58
"""A band is as wide as so many standard errors of the share beyond its ends: of ever so many shops it is the band itself."""
RETURNED, LAG = 0.08, 9.0


class Shop:
    """Orders of customers and what came back, by day; 8 % of goods are returned, some nine days later."""

    def __init__(self, seed: int, customers: int, days: int) -> None:
        end_on = date.fromordinal(date(2026, 1, 1).toordinal() + seed * 37 % 364)  # no season of the year is the rule
        chance = np.random.default_rng([seed, 2])
        laws = kaffeehaus(seed, customers, days, end_on)
        laws = laws.but(year_swing=chance.uniform(0.0, 0.45), growth=chance.uniform(-0.3, 0.9))
        calendar, parts = season(laws), []
        for block in range(block_count(laws)):
            numbers = np.arange(block * BLOCK, min((block + 1) * BLOCK, customers), dtype=np.int64)
            people = population(laws, calendar, numbers, block)
            done, _ = orders(laws, calendar, people, assignments(laws, people, block), block)
            parts.append((numbers[done.owner], done.ordered, done.goods))
        who, day, minor = (np.concatenate(column) for column in zip(*parts, strict=True))
        start = key_of_day(laws.start_on, "day")
        self.who, self.day, self.minor = who, start + day.astype(np.int64), np.round(minor)
        self.today = start + days - 1
        first = np.full(customers, self.today + 1)
        np.minimum.at(first, who, self.day)
        self.first = first
        chance = np.random.default_rng([seed, 1])
        back = chance.random(len(who)) < RETURNED
        late = 1 + chance.gamma(2.0, LAG / 2, len(who)).astype(np.int64)
        there = back & (self.day + late <= self.today)
        self.back = Back(self.day[there], (self.day + late)[there], self.minor[there])

    def known(self) -> Known:
        keys = self.who * 100_000 + self.day
        _, place, number = np.unique(keys, return_index=True, return_counts=True)
        worth = np.bincount(np.unique(keys, return_inverse=True)[1], self.minor)
        day, first = self.day[place], self.first[self.who[place]]
        days, place = np.unique(first, return_inverse=True)
        month = np.array([key_of_day(first_day(int(one), "day"), "month") for one in days])[place]
        rows = {
            "day": day, "is_first": day == first, "month": month, "purchases": np.ones(len(day), np.int64),
            "orders": number, "minor": worth,
        }  # fmt: skip
        return told(pa.table(rows), self.back, self.today)

    def base_at(self, day: int) -> Base:
        seen = self.day <= day
        who, when = np.unique(np.stack([self.who[seen], self.day[seen]]), axis=1)
        _, start, count = np.unique(who, return_index=True, return_counts=True)
        last = when[start + count - 1]
        summary = PurchaseSummary.from_arrays(count - 1, (last - when[start]).astype(float), (day - when[start]).astype(float))  # fmt: skip
        return Base.of(summary)

    def imagined(self, cut: int, unit: Unit, periods: int) -> Imagined:
        """As of the end of the day `cut`."""
        return imagined(self.known().until(cut), self.base_at(cut), self.base_at, unit, periods)


def shop_of(number: int, days: int) -> Shop:
    """From a handful of customers a week to hundreds; the season from none to strong, the growth from shrinking to doubling."""
    chance = np.random.default_rng([number, days])
    size = np.exp(chance.uniform(np.log(800), np.log(20_000))) * (days + _BEYOND) / 1_000
    return Shop(number * 10_000 + days, int(size), days + _BEYOND)


def hits(
    shop: Shop, cut: int, unit: Unit, periods: int, levels: Sequence[float]
) -> dict[tuple[float, str], list[bool]]:
    """By level and measure: did the interval of each period hold what came, and (last) that of the total?"""
    seen, facts = shop.imagined(cut, unit, periods), shop.known()
    ends = edges(cut, unit, periods) + (cut - facts.start + 1)
    found = {}
    for level in levels:
        said = seen.forecast(level, (0, "EUR", LeftOut(0.0, 0.0)))
        for name, came_of in came(facts, ends).items():
            spans = [*(one.values[name] for one in said.periods), said.total[name]]
            held = zip(spans, [*came_of.tolist(), float(came_of.sum())], strict=True)
            found[level, name] = [(one.low or 0.0) <= value <= (one.high or 0.0) for one, value in held]
    return found


def figures(shops: int, unit: Unit) -> Iterator[Figure]:
    found = {
        (days, number): hits(shop, shop.today - _BEYOND, unit, AHEAD[unit], tuple(LEVELS))
        for days in KNOWN
        for number in range(1, shops + 1)
        for shop in (shop_of(number, days),)
    }
    for level, (low, high) in LEVELS.items():
        for name in MEASURES:
            for what, part in ((f"{name} by {unit}", slice(None, -1)), (f"{name} in total ({unit}s)", slice(-1, None))):
                shares = {key: float(np.mean(one[level, name][part])) for key, one in found.items()}
                each = np.array([*shares.values()])
                room = _Z * max(float(each.std()), 0.1) / np.sqrt(len(each))
                by_days = ", ".join(
                    f"{days} d {np.mean([share for key, share in shares.items() if key[0] == days]):.0%}"
                    for days in KNOWN
                )
                yield Figure(
                    f"Forecast: {level:.0%} interval of {what}", "share beyond the band",
                    [max(low - room - each.mean(), each.mean() - high - room, 0.0)], "lower", bar=0.0,
                    note=f"held {each.mean():.1%} of {len(each)} shops, ± {room:.1%}; known {by_days}",
                )  # fmt: skip


def run(repeats: int, scale: Scale) -> list[Figure]:
    shops = SHOPS if scale == "full" else SMALL
    return [one for unit in AHEAD for one in figures(shops, unit)]
