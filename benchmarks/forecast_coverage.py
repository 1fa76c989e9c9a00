"""Do the forecast's intervals hold what they promise? Shops that live by the simulator's laws, forecast before their end."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from benchmarks.figure import Figure, Scale
from schwung.measure.local_time import first_day, key_of_day
from schwung.predict.clv import PurchaseSummary
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.forecast.erring import Unit, came, edges
from schwung.predict.forecast.forecast import MEASURES, Forecast, foreseen
from schwung.predict.forecast.known import Back, Base, Known, LeftOut, told
from schwung.simulation.block import block_count
from schwung.simulation.customers import population
from schwung.simulation.draws import BLOCK
from schwung.simulation.laws import kaffeehaus
from schwung.simulation.orders import assignments, orders
from schwung.simulation.seasons import season

SHOPS, SMALL = 200, 6
CUSTOMERS, DAYS = 4_000, 1_100
AHEAD: dict[Unit, int] = {"week": 13, "month": 3}
LEVELS = {0.8: (0.70, 0.95), 0.95: (0.88, 1.0)}
"""Shares are of dependent periods of one shop, and the laws (campaigns, growth) are not those of the model: a wider band."""
RETURNED, LAG = 0.08, 9.0


class Shop:
    """Orders of customers and what came back, by day; 8 % of goods are returned, some nine days later."""

    def __init__(self, seed: int, customers: int = CUSTOMERS, days: int = DAYS) -> None:
        end_on = date.fromordinal(date(2026, 1, 1).toordinal() + seed * 37 % 364)  # no season of the year is the rule
        laws = kaffeehaus(seed, customers, days, end_on)
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
        month = np.array([key_of_day(first_day(int(one), "day"), "month") for one in first])
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
        return Base(ModifiedBetaGeoNBD().fit(summary, with_sides=False), summary.distinct)

    def forecast(self, cut: int, unit: Unit, periods: int, level: float) -> Forecast:
        """As of the end of the day `cut`."""
        said = (0, "EUR", LeftOut(0.0, 0.0))
        return foreseen(self.known().until(cut), self.base_at(cut), self.base_at, unit, periods, said, level=level)


def hits(shop: Shop, unit: Unit, level: float) -> dict[str, list[bool]]:
    """By measure: did the interval of each period hold what came, and (last) that of the total?"""
    cut = shop.today - 31 * (AHEAD["month"] + 1)
    said, facts = shop.forecast(cut, unit, AHEAD[unit], level), shop.known()
    ends = edges(cut, unit, AHEAD[unit]) + (cut - facts.start + 1)
    found = {}
    for name, seen in came(facts, ends).items():
        spans = [*(one.values[name] for one in said.periods), said.total[name]]
        held = zip(spans, [*seen.tolist(), float(seen.sum())], strict=True)
        found[name] = [(one.low or 0.0) <= value <= (one.high or 0.0) for one, value in held]
    return found


def shares(shops: int, unit: Unit, level: float) -> Iterator[tuple[str, float]]:
    found = [hits(Shop(seed), unit, level) for seed in range(1, shops + 1)]
    for name in MEASURES:
        yield f"{name} by {unit}", float(np.mean([one for each in found for one in each[name][:-1]]))
        yield f"{name} in total ({unit}s)", float(np.mean([each[name][-1] for each in found]))


def run(repeats: int, scale: Scale) -> list[Figure]:
    number = SHOPS if scale == "full" else SMALL
    return [
        Figure(
            f"Forecast: {level:.0%} interval of {what}", "share beyond the band",
            [max(low - share, share - high, 0.0)], "lower", bar=0.0, note=f"held {share:.1%} in {number} shops",
        )
        for level, (low, high) in LEVELS.items()
        for unit in AHEAD
        for what, share in shares(number, unit, level)
    ]  # fmt: skip
