"""Seasons as a clock: operational time runs faster when the shop is busy, and a year of it is as long as a year."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from schwung.simulation.draws import Floats
from schwung.simulation.laws import Laws

# How much of a day's life falls into each hour of local winter time.
HOURS = np.array([1, 1, 1, 1, 1, 2, 6, 12, 16, 18, 19, 19, 20, 18, 17, 17, 18, 20, 24, 28, 28, 22, 12, 4], dtype=float)
# Monday to Sunday, in units of `week_swing`.
WEEK = np.array([0.4, 0.2, 0.0, 0.1, 0.5, 0.2, -1.4])


@dataclass(frozen=True, slots=True)
class Season:
    """edges: days from the start, hourly. passed: operational days passed at each edge. busy: mean activity of each day."""

    edges: Floats
    passed: Floats
    busy: Floats

    def to_operational(self, days: Floats) -> Floats:
        return np.interp(days, self.edges, self.passed)

    def to_calendar(self, operational: Floats) -> Floats:
        return np.interp(operational, self.passed, self.edges)


def season(laws: Laws) -> Season:
    """The season of the simulated days: year (most before Christmas, least in July) × week × hour, mean one."""
    dates = [laws.start_on + timedelta(days=day) for day in range(laws.days)]
    of_year = np.array([day.timetuple().tm_yday for day in dates], dtype=float)
    weekday = np.array([day.weekday() for day in dates])
    year = 1 + laws.year_swing * np.cos(2 * np.pi * (of_year - 345) / 365.25)
    busy = year * (1 + laws.week_swing * WEEK[weekday])
    busy /= busy.mean()
    rate = (busy[:, None] * (HOURS / HOURS.mean())[None, :]).ravel() / 24
    edges = np.arange(laws.days * 24 + 1) / 24
    return Season(edges, np.concatenate([[0.0], np.cumsum(rate)]), busy)


def arrivals(laws: Laws, calendar: Season) -> Floats:
    """Share of the joiners who have come at each edge of the season: it grows by `growth` a year, times the season."""
    weight = np.diff(calendar.passed) * np.exp(laws.growth * calendar.edges[:-1] / 365.25)
    return np.concatenate([[0.0], np.cumsum(weight)]) / weight.sum()
