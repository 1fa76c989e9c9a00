"""What models see of a workspace: all facts up to a moment, without the erased."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, timedelta

import ibis.expr.types as ir

from schwung.app.analyses.flywheel import without_erased
from schwung.app.facts import Facts
from schwung.app.lead_points import lead_points, who_fits
from schwung.app.report import question_of
from schwung.core.clock import Instant
from schwung.core.period import day_of, start_of
from schwung.measure.scope import Scope
from schwung.predict.sight import Sight

MOST_ORDERS = 20_000_000
"""With more of them a pass over arrays would take too much memory; then the engine does it all."""


@contextmanager
def sight_of(facts: Facts, since: date | None = None, until: date | None = None) -> Iterator[Sight]:
    """since: only customers whose first order lies on that day or later, and what happened from then on.
    until: as if that day had just ended. InputError for a period that ends before it starts.

    What models keep on the engine is dropped at the end.
    """
    question_of(facts, (), since, until)
    at = facts.as_of
    if until is not None:
        at = min(at, start_of(until + timedelta(days=1), facts.zone) - 1)
    with ExitStack() as stack:
        yield _seen(facts, since, at, _Kept(facts, stack))


class _Kept:
    """Rows that models asked for, on the engine, by name and moment."""

    def __init__(self, facts: Facts, stack: ExitStack) -> None:
        self._facts, self._stack = facts, stack
        self._rows: dict[tuple[str, Instant], ir.Table] = {}
        self._orders: int | None = None

    def at(self, moment: Instant) -> Callable[[str, Callable[[], ir.Table]], ir.Table]:
        def keep(name: str, build: Callable[[], ir.Table]) -> ir.Table:
            if (name, moment) not in self._rows:
                kept = self._facts.engine.keep(build(), name)
                self._rows[name, moment] = self._stack.enter_context(kept)
            return self._rows[name, moment]

        return keep

    def is_near(self) -> bool:
        if self._facts.engine.name != "duckdb":
            return False
        if self._orders is None:  # from the files' metadata
            self._orders = int(self._facts.run(self._facts.everything("orders").count().as_table())[0][0].as_py())
        return self._orders <= MOST_ORDERS


def window_of(sight: Sight) -> dict[str, str | None]:
    """First and last day that a model sees, in ISO text; no first one where there are no facts."""
    question = sight.question
    first = question.since_on
    if first is None and question.first_at is not None:
        first = day_of(question.first_at, question.zone)
    return {
        "since": None if first is None else first.isoformat(),
        "until": day_of(question.as_of, question.zone).isoformat(),
    }


def _seen(facts: Facts, since: date | None, at: Instant, kept: _Kept) -> Sight:
    then = replace(facts, as_of=at)
    first_at = question_of(
        then, ("month",), None, None
    ).first_at  # worked out once per snapshot; keeps statements short
    question = replace(question_of(then, (), since, None), first_at=first_at)
    scope = Scope(question, without_erased(then))
    points = lead_points(facts.workspace)
    return Sight(
        scope, facts.run, lambda moment: _seen(facts, since, min(moment, at), kept), kept.at(at), points,
        lambda: who_fits(then, points), kept.is_near,
    )  # fmt: skip
