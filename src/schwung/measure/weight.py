"""Weight: how customers feel, each by the latest answer within 365 days, weighted by what the customer is worth.

Worth is the lifetime value that a trained model of customer value says; where none says so, revenue (less returns) to the end of
the period. It weights the whole trend, so that a change is one of answers only.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.customer_value import worths
from schwung.measure.inference import Difference, Estimate, t_quantile
from schwung.measure.inference.compare import Word
from schwung.measure.missing import lacks
from schwung.measure.moved import Measure, Moved
from schwung.measure.predicted import predicted_or
from schwung.measure.rolling import ByDay, Windows, local_day
from schwung.measure.scope import Scope
from schwung.measure.scores import NEXT, scores, with_next

LEAST = 100
VALID_DAYS = 365
PHASES = ("attract", "interact", "delight")
_SUMS = ("n", "w", "wx", "ww", "wwx", "wwxx")
NO_ANSWERS = lacks(
    "answers",
    "No answers yet: what customers say (NPS, stars, satisfaction, effort) is not known.",
    "Noch keine Antworten: Was Kunden sagen (NPS, Sterne, Zufriedenheit, Aufwand), ist nicht bekannt.",
)


def worth(scope: Scope) -> ir.Table:
    """customer_id, worth (in hundreds of minor units) of those who answered and are worth something: by the model where one was
    trained (who came after the training: what was brought so far, on the model's basis), else goods bought less goods returned.
    The scope has no start."""
    value, held = scope.question.value, scope.ready("worth", until_now=True)
    if value.is_predicted:
        so_far = worths(scope, value.basis).semi_join(scores(scope), "customer_id") if held is None else held
        net = predicted_or(scope, so_far.filter(_.worth.notnull()))
    else:
        net = held if held is not None and value.is_plain else _net(scope)
    return net.filter(_.worth > 0).select("customer_id", worth=_.worth / 100)


def _net(scope: Scope) -> ir.Table:
    bought = scope.sales().select("customer_id", amount=_.amount_minor.fill_null(0))
    back = scope.returns().select("customer_id", amount=-_.amount_minor.fill_null(0))
    rows = bought.union(back).semi_join(scores(scope), "customer_id")
    return rows.group_by("customer_id").agg(worth=_.amount.sum().cast("float64"))


def standing(scope: Scope, windows: Windows) -> ir.Table:
    """Answers with the days from which and before which they stand: customer_id, from_day, to_day (the customer's latest
    of all), phase_to_day (the latest within its phase), score, w (the customer's worth), phase, what (touchpoint, else
    question). An answer stands until the next one, at most `VALID_DAYS`."""
    since = (windows.first - VALID_DAYS - 2) * DAY  # of the day, not of the moment: the statement stays the same
    answered = scores(scope).filter(_.answered_at >= since)
    known = [name for name in NEXT if name in answered.columns]
    answered = answered.select(  # little is sorted quicker
        "customer_id", "answer_key", "answered_at", "score", "phase", *known,
        what=ibis.coalesce(_.touchpoint, _.question_id),
    )  # fmt: skip
    rows = (answered if known else with_next(answered)).join(worth(scope), "customer_id")
    from_day = local_day(scope, rows.answered_at)

    def until(next_at: ir.IntegerValue) -> ir.IntegerValue:
        return ibis.least(ibis.coalesce(local_day(scope, next_at), from_day + VALID_DAYS), from_day + VALID_DAYS)

    return rows.select(
        "customer_id", "score",
        w=rows.worth,
        phase=rows.phase.fill_null(""),
        what=rows.what,
        from_day=from_day,
        to_day=until(rows.next_at),
        phase_to_day=until(rows.phase_next_at),
    )  # fmt: skip


def answers_by_day(rows: ir.Table, windows: Windows) -> ir.Table:
    """rows: `standing`. Sums of what enters (is_in) and leaves the standing answers on each local day. within: `all`, or
    the phase within which an answer is the latest."""
    whole = rows.mutate(within=ibis.literal("all"))
    by_phase = rows.filter(rows.phase.isin(PHASES)).mutate(within=_.phase, to_day=_.phase_to_day)
    both = whole.union(by_phase.select(whole.columns))
    both = both.filter(both.to_day > both.from_day)
    entering = both.mutate(day=both.from_day, is_in=ibis.literal(True))
    leaving = both.filter(both.to_day <= windows.last).mutate(day=_.to_day, is_in=ibis.literal(False))
    return entering.union(leaving).group_by(["day", "is_in", "within", "what"]).agg(
        n=_.count(), w=_.w.sum(), wx=(_.w * _.score).sum(), ww=(_.w * _.w).sum(), wwx=(_.w * _.w * _.score).sum(),
        wwxx=(_.w * _.w * _.score * _.score).sum(),
    )  # fmt: skip


def shared(rows: ir.Table, windows: Windows) -> ir.Table:
    """rows: `standing`. One row: sums over customers who have a standing answer both at the end of the period and of the
    one before, for the covariance of the two means: they are mostly the same people."""
    now, then = (rows.filter(rows.from_day <= day, rows.to_day > day) for day in (windows.last, windows.before[1] - 1))
    both = now.join(then.select("customer_id", was=_.score), "customer_id")
    square = both.w * both.w
    return both.aggregate(
        ww=square.sum(), wwx=(square * both.score).sum(), wwy=(square * both.was).sum(),
        wwxy=(square * both.score * both.was).sum(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sums:
    """Σ over standing answers: n, w, w·x, w², w²·x, w²·x²."""

    n: float
    w: float
    wx: float
    ww: float
    wwx: float
    wwxx: float

    @property
    def mean(self) -> float | None:
        return self.wx / self.w if self.w > 0 and self.n >= 0.5 else None

    @property
    def error(self) -> float:
        """Standard error of the weighted mean (delta method)."""
        if self.mean is None or self.n < 2:
            return 0.0
        residual = max(0.0, self.wwxx - 2 * self.mean * self.wwx + self.mean**2 * self.ww)
        return math.sqrt(residual * self.n / (self.n - 1)) / self.w

    def estimate(self) -> Estimate:
        if self.mean is None or self.n < 2:
            return Estimate(self.mean, n=round(self.n))
        half = t_quantile(round(self.n) - 1) * self.error
        return Estimate(self.mean, max(0.0, self.mean - half), min(100.0, self.mean + half), round(self.n))


def _at(rows: ByDay, day: int) -> _Sums:
    """What stands at the end of a day."""
    return _Sums(*(rows.before(name, day + 1) for name in _SUMS))


def _signed(rows: ByDay) -> ByDay:
    """What leaves counts against what enters."""
    sign = np.where(rows["is_in"].astype(bool), 1.0, -1.0)
    return ByDay({**rows.columns, **{name: rows[name].astype(float) * sign for name in _SUMS}})


def weight(rows: ByDay, both: dict[str, float], windows: Windows) -> Measure:
    """The mean of all phases, its change, and what moved it: touchpoints (or questions), each with share × score."""
    whole = _signed(rows.where(rows["within"] == "all")) if len(rows) else rows
    if not len(whole):
        return Measure("weight", Estimate(None), missing=(NO_ANSWERS,))
    now, then = _at(whole, windows.last), _at(whole, windows.before[1] - 1)
    known = then.mean is not None
    trend = tuple(sums.mean if (sums := _at(whole, end - 1)).n >= LEAST else None for _, end in windows.trend)
    return Measure(
        "weight",
        now.estimate(),
        then.estimate() if known else None,
        _difference(now, then, both) if known else None,
        _moves(whole, windows, now, then),
        trend,
        is_too_few=now.n < LEAST,
    )


def by_phase(rows: ByDay, windows: Windows) -> dict[str, Estimate]:
    """Per phase the mean of each customer's latest answer within it; value None without one."""
    return {
        phase: _at(_signed(rows.where(rows["within"] == phase)), windows.last).estimate()
        if len(rows)
        else Estimate(None)
        for phase in PHASES
    }


def _difference(now: _Sums, then: _Sums, both: dict[str, float]) -> Difference:
    """Paired: who has an answer on both sides moves the change only by how it changed."""
    assert now.mean is not None and then.mean is not None
    change = now.mean - then.mean
    cross = both["wwxy"] - now.mean * both["wwy"] - then.mean * both["wwx"] + now.mean * then.mean * both["ww"]
    spread = max(0.0, now.error**2 + then.error**2 - 2 * cross / (now.w * then.w))
    half = t_quantile(max(2, round(min(now.n, then.n)) - 1)) * math.sqrt(spread)
    low, high = change - half, change + half
    relative = change / then.mean if then.mean else None
    if min(now.n, then.n) < LEAST:
        return Difference(change, None, None, relative, "too_few")
    word: Word = "clearly_higher" if low > 0 else "clearly_lower" if high < 0 else "no_clear_difference"
    return Difference(change, low, high, relative, word)


def _moves(rows: ByDay, windows: Windows, now: _Sums, then: _Sums) -> tuple[Moved, ...]:
    """Shares × (score − mean of both periods), now minus before: adds up to the change, whatever the shares did."""
    if now.mean is None:
        return ()
    middle = now.mean if then.mean is None else (now.mean + then.mean) / 2
    found = []
    for what in sorted(set(rows["what"].tolist())):
        own = rows.where(rows["what"] == what)
        after, before = _at(own, windows.last), _at(own, windows.before[1] - 1)
        part = _pull(after, now, middle)
        was = _pull(before, then, middle) if then.mean is not None else 0.0
        error = math.hypot(after.error * after.w / now.w, before.error * before.w / then.w if then.w else 0.0)
        clear = then.mean is not None and abs(part - was) > t_quantile(LEAST) * error
        found.append(
            Moved(what, Text(what, what), after.wx / now.w, part - was if then.mean is not None else None, clear)
        )
    return tuple(_largest(found))


def _pull(own: _Sums, whole: _Sums, middle: float) -> float:
    return (own.wx - middle * own.w) / whole.w


def _largest(found: Iterable[Moved], most: int = 5) -> list[Moved]:
    """The parts that moved most; the rest as one, so that they still add up."""
    ranked = sorted(found, key=lambda part: -abs(part.change or 0.0))
    rest = ranked[most:]
    if not rest:
        return ranked
    changes = [part.change for part in rest if part.change is not None]
    return [
        *ranked[:most],
        Moved(
            "others",
            Text("Others", "Andere"),
            sum(part.value for part in rest),
            sum(changes) if changes else None,
            False,
        ),
    ]
