"""What a funnel says: customers per step with conversion, interval and time between steps; whole and by slice."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from schwung.core.clock import Instant, to_datetime
from schwung.core.text import Text
from schwung.measure.funnel import Funnel
from schwung.measure.funnel_cut import slice_name, sliced
from schwung.measure.inference import Estimate, share
from schwung.measure.scope import Scope

Run = Callable[[ir.Table], pa.Table]
MOST_SLICES = 12
REST = Text("all others", "alle übrigen")
LEAST = 30
"""With fewer customers before a step its conversion is “too few”."""


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step. customers: who reached it. of_first, of_before: as a share of step 1, of the step before (None at step 1).

    dropped: who reached it and not the next. median, ninth: time since the step before in microseconds, of those who
    reached it: half of them, nine of ten were as quick. None at step 1 and where nobody came.
    """

    title: Text
    customers: int
    of_first: Estimate
    of_before: Estimate | None
    dropped: int
    median: int | None = None
    ninth: int | None = None

    def to_json(self) -> dict[str, Any]:
        def shown(estimate: Estimate | None) -> dict[str, Any] | None:
            if estimate is None:
                return None
            return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n}

        return {
            "title": {"en": self.title.en, "de": self.title.de},
            "customers": self.customers,
            "of_first": shown(self.of_first),
            "of_before": shown(self.of_before),
            "dropped": self.dropped,
            "median_seconds": None if self.median is None else self.median / 1e6,
            "ninth_decile_seconds": None if self.ninth is None else self.ninth / 1e6,
        }


@dataclass(frozen=True, slots=True)
class Slice:
    """The steps of one slice, without times. value: as the facts have it; None: unknown, or the rest."""

    name: Text
    steps: tuple[StepFigures, ...]


@dataclass(frozen=True, slots=True)
class FunnelAnswer:
    """waiting: who began so lately that the window is not over, and has not come through yet.

    since_on: first day on which step 1 counts; None: from the first fact on. snapshot_no, computed_at: of what was read.
    """

    funnel: Funnel
    since_on: date | None
    until_on: date
    as_of: Instant
    steps: tuple[StepFigures, ...]
    slices: tuple[Slice, ...]
    waiting: int
    snapshot_no: int = 0
    computed_at: Instant = 0

    @property
    def whole(self) -> Estimate:
        """Who came through, of those who began."""
        return self.steps[-1].of_first

    def to_json(self) -> dict[str, Any]:
        """Shares from 0 to 1, times in seconds, instants in ISO 8601, UTC."""
        return {
            "funnel": self.funnel.to_json(),
            "since": self.since_on and self.since_on.isoformat(),
            "until": self.until_on.isoformat(),
            "as_of": to_datetime(self.as_of).isoformat().replace("+00:00", "Z"),
            "steps": [step.to_json() for step in self.steps],
            "waiting": self.waiting,
            "slices": [
                {"name": {"en": one.name.en, "de": one.name.de}, "steps": [step.to_json() for step in one.steps]}
                for one in self.slices
            ],
        }

    def to_pandas(self) -> Any:
        """One row per slice and step; without a breakdown per step."""
        import pandas

        whole = [("", self.steps)] if not self.slices else [(one.name.en, one.steps) for one in self.slices]
        return pandas.DataFrame(
            [
                {
                    **({"slice": name} if self.slices else {}),
                    "step": nth + 1, "title": step.title.en, "customers": step.customers, "conversion": step.of_first.value,
                    "low": step.of_first.low, "high": step.of_first.high, "median_seconds": step.median and step.median / 1e6,
                    "ninth_decile_seconds": step.ninth and step.ninth / 1e6,
                }
                for name, steps in whole
                for nth, step in enumerate(steps)
            ]
        )  # fmt: skip


def answer(
    funnel: Funnel,
    ways: ir.Table,
    scope: Scope,
    run: Run,
    lists: Mapping[int, Text] = {},
) -> FunnelAnswer:
    """ways: of `funnel_carry.ways` or `funnel_pass.ways`. lists: names of saved lists, for a breakdown by list."""
    question = scope.question
    open_since = question.as_of - funnel.window
    counted = ways.group_by("level").agg(customers=_.count(), waiting=ibis.cases((_.t1 > open_since, 1), else_=0).sum())
    by_level: dict[int, int] = defaultdict(int)
    waiting = 0
    for row in run(counted).to_pylist():
        by_level[row["level"]] += row["customers"]
        waiting += row["waiting"] if row["level"] < len(funnel.steps) else 0
    times = {row["step"]: row for row in run(_times(funnel, ways)).to_pylist()}
    slices = _slices(funnel, run(_by_slice(funnel, ways, scope)), lists) if funnel.by else ()
    return FunnelAnswer(
        funnel, question.since_on, question.last_day, question.as_of, _steps(funnel, by_level, times), slices, waiting
    )


def dropped(ways: ir.Table, step: int) -> ir.Table:
    """Customers who reached the step (from 1) and not the next: customer_id. The last step: those who came through."""
    return ways.filter(ways.level == step).select("customer_id")


def reached(ways: ir.Table, step: int) -> ir.Table:
    """Customers who reached the step: customer_id."""
    return ways.filter(ways.level >= step).select("customer_id")


def _times(funnel: Funnel, ways: ir.Table) -> ir.Table:
    """step, median, ninth: the value whose rank is half, nine tenths of the number, rounded up: exact on every engine."""
    parts = [
        ways.filter(ways.level >= nth).select(
            step=ibis.literal(nth, "int64"), lasted=ways[f"t{nth}"] - ways[f"t{nth - 1}"]
        )
        for nth in range(2, len(funnel.steps) + 1)
    ]
    rows = parts[0] if len(parts) == 1 else ibis.union(*parts)
    window = ibis.window(group_by="step")
    ranked = rows.mutate(
        place=ibis.row_number().over(group_by="step", order_by="lasted") + 1, number=rows.count().over(window)
    )
    return ranked.group_by("step").agg(
        median=ibis.cases((_.place == (_.number + 1) // 2, _.lasted)).max(),
        ninth=ibis.cases((_.place == (9 * _.number + 9) // 10, _.lasted)).max(),
    )


def _by_slice(funnel: Funnel, ways: ir.Table, scope: Scope) -> ir.Table:
    return sliced(funnel, ways, scope).group_by(["slice", "level"]).agg(customers=_.count())


def _slices(funnel: Funnel, rows: pa.Table, lists: Mapping[int, Text]) -> tuple[Slice, ...]:
    """The largest by customers (calendar periods in their order); what is beyond goes together."""
    counts: dict[Any, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows.to_pylist():
        counts[row["slice"]][row["level"]] += row["customers"]
    by = str(funnel.by)
    calendar = by in ("day", "week", "month", "quarter", "year")
    order = sorted(
        counts, key=lambda value: (value if calendar else -sum(counts[value].values()), value is None, str(value))
    )
    kept = order if calendar or len(order) <= MOST_SLICES else order[: MOST_SLICES - 1]
    found = [Slice(slice_name(by, value, lists), _steps(funnel, counts[value], {})) for value in kept]
    rest: dict[int, int] = defaultdict(int)
    for value in order[len(kept) :]:
        for level, customers in counts[value].items():
            rest[level] += customers
    return tuple(found) + ((Slice(REST, _steps(funnel, rest, {})),) if rest else ())


def _steps(
    funnel: Funnel, by_level: Mapping[int, int], times: Mapping[int, Mapping[str, Any]]
) -> tuple[StepFigures, ...]:
    count = len(funnel.steps)
    came = [sum(customers for level, customers in by_level.items() if level > nth) for nth in range(count)]
    titles = [step.label() for step in funnel.steps]
    if funnel.order == "any":
        titles = [
            Text("{n} of {all} steps", "{n} von {all} Schritten").fill(n=nth + 1, all=count) for nth in range(count)
        ]
    return tuple(
        StepFigures(
            titles[nth],
            came[nth],
            share(came[nth], came[0]),
            share(came[nth], came[nth - 1]) if nth else None,
            came[nth] - came[nth + 1] if nth + 1 < count else 0,
            times.get(nth + 1, {}).get("median"),
            times.get(nth + 1, {}).get("ninth"),
        )
        for nth in range(count)
    )
