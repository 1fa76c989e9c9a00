"""Lead points as people set them: what fits the shop, and what a lead does; each group has a cap, deeds fade."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from schwung.core.clock import Instant
from schwung.core.text import Text

LETTERS = "ABCD"
_FADED = 30
"""Half-lives after which a deed counts no more: a thousand millionth is left."""


@dataclass(frozen=True, slots=True)
class FitRule:
    """Points for who meets a rule as segments have it; they may be negative. words: the rule, said."""

    points: float
    rule: Mapping[str, Any]
    words: Text


@dataclass(frozen=True, slots=True)
class EventRule:
    """Points for each event of a name, half of them after every half-life (microseconds)."""

    points: float
    event: str
    half_life: int


@dataclass(frozen=True, slots=True)
class Points:
    """Each group adds up to 0 at least and to its cap at most."""

    fit: tuple[FitRule, ...] = ()
    fit_cap: float = 50.0
    engagement: tuple[EventRule, ...] = ()
    engagement_cap: float = 50.0

    def engaged(self, events: ir.Table, now: Instant) -> ir.Table:
        """customer_id, engagement (without its cap) of who did any of it. events: name, happened_at, customer_id."""
        told = [
            ibis.ifelse(
                (events.name == one.event) & (events.happened_at > now - _FADED * one.half_life),
                one.points * _left((ibis.literal(now, "int64") - events.happened_at).cast("float64") / one.half_life),
                0.0,
            )
            for one in self.engagement
        ]
        rows = events.filter(events.name.isin([one.event for one in self.engagement]))
        worth = sum(told[1:], told[0])
        return rows.group_by("customer_id").agg(engagement=worth.sum())

    def capped_fit(self, values: Any) -> Any:
        return np.clip(values, 0.0, self.fit_cap)

    def capped_engagement(self, values: Any) -> Any:
        return np.clip(values, 0.0, self.engagement_cap)

    def cell(self, fit: float, engagement: float) -> str:
        """A1 … D4: letter by fit, number by engagement, each by quarters of its cap; A and 1 are the best."""
        return f"{LETTERS[_quarter(fit, self.fit_cap)]}{_quarter(engagement, self.engagement_cap) + 1}"


def _left(half_lives: ir.FloatingValue) -> ir.FloatingValue:
    return (half_lives * -float(np.log(2.0))).exp()


def _quarter(value: float, cap: float) -> int:
    return int(3 - min(3, value / cap * 4 // 1))


NONE = Points()
