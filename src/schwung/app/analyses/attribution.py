"""Attribution of a workspace: which touches came before its orders, and what was spent on them."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.app.analyses.flywheel import without_erased
from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import Cached, cached
from schwung.app.ports import EngineName
from schwung.app.report import question_of, read_day
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure.scope import Scope
from schwung.predict.attribution import touches
from schwung.predict.attribution.attribute import of_journeys
from schwung.predict.attribution.credits import Attribution, Basis
from schwung.predict.attribution.journeys import Floats, journeys
from schwung.predict.attribution.rules import HALF_LIFE_DAYS, Asked, rule_named
from schwung.predict.attribution.touches import Wish

Day = date | str | None
BY: dict[str, Text] = {"channel": Text("Channel", "Kanal"), "campaign": Text("Campaign", "Kampagne")}
LOOKBACK_DAYS = 30
MOST_LOOKBACK = 365


@dataclass(frozen=True, slots=True)
class _Question:
    model: str
    order: int
    wish: Wish
    since: date | None
    until: date | None


def attribution(
    workspace: Workspace,
    *,
    model: str = "markov",
    order: int = 1,
    by: str = "channel",
    since: Day = None,
    until: Day = None,
    lookback_days: int = LOOKBACK_DAYS,
    half_life_days: float = HALF_LIFE_DAYS,
    only_new: bool = False,
    engine: EngineName | None = None,
) -> Attribution:
    """Orders credited to the touches before them, by a rule of `schwung.predict.attribution.RULES`. Description, not effect.

    by: channel or campaign. since, until: days of the orders, both within. lookback_days: a touch counts for so long.
    only_new: first orders alone. InputError for what cannot be asked, or has too many names.
    """
    asked = _checked(
        model, order, by, lookback_days, half_life_days, only_new, read_day(since, "since"), read_day(until, "until")
    )
    with open_facts(workspace, engine) as facts:
        return _of_facts(facts, asked)


def cached_attribution(
    workspace: Workspace, model: str, order: int, by: str, since: date | None, until: date | None, only_new: bool
) -> Cached:
    """For pages; its value is an Attribution."""
    asked = _checked(model, order, by, LOOKBACK_DAYS, HALF_LIFE_DAYS, only_new, since, until)
    return cached(workspace, ("attribution", asked), lambda facts: _of_facts(facts.unkept(), asked))


def _checked(
    model: str,
    order: int,
    by: str,
    lookback: int,
    half_life: float,
    only_new: bool,
    since: date | None,
    until: date | None,
) -> _Question:
    rule_named(model)
    if by not in BY:
        raise InputError(
            "attribution_wrong",
            Text("Touches cannot be told apart by “{by}”.", "Nach „{by}“ lassen sich Berührungen nicht unterscheiden.").fill(by=by[:40]),
            Text("Take channel or campaign.", "channel oder campaign wählen."),
        )  # fmt: skip
    if not (1 <= lookback <= MOST_LOOKBACK and np.isfinite(half_life) and half_life > 0 and order in (1, 2, 3)):
        raise InputError(
            "attribution_wrong",
            Text("This cannot be asked: {n} days, order {order}, half-life {half}.", "Das lässt sich nicht fragen: {n} Tage, Ordnung {order}, Halbwertszeit {half}.").fill(n=lookback, order=order, half=half_life),
            Text("Take 1 to {most} days, order 1 to 3, a half-life above 0.", "1 bis {most} Tage, Ordnung 1 bis 3, eine Halbwertszeit über 0 wählen.").fill(most=MOST_LOOKBACK),
        )  # fmt: skip
    return _Question(model, order, Wish(by, lookback, only_new, half_life), since, until)


def _of_facts(facts: Facts, asked: _Question) -> Attribution:
    scope, wish = Scope(question_of(facts, (), asked.since, asked.until), without_erased(facts)), asked.wish
    with ExitStack() as stack:
        keep = facts.engine.keep
        bought = stack.enter_context(keep(touches.orders(scope, wish), "attributed_orders"))
        before = stack.enter_context(keep(touches.before_orders(scope, wish, bought), "attributed_touches"))
        found = facts.run(touches.journeys(scope, wish, bought, before))
        decayed = facts.run(touches.decayed(wish, bought, before))
        totals = facts.run(touches.totals(bought)).to_pylist()[0]
    spent = facts.run(touches.spent(scope, wish)).to_pylist()
    major = 10 ** exponent_of(facts.currency)
    worth = {"value": _numbers(found, "value") / major}
    if totals["with_margin"]:
        worth["margin"] = _numbers(found, "margin") / major
    given = journeys(touches.names_of(found["path"]), _numbers(found, "won"), worth, _numbers(found, "lost"))
    spent = [row for row in spent if row["brings"] or row["touch"] in given.names]  # postage earns no sale
    answer = of_journeys(
        given, asked.model, Asked(asked.order, wish.half_life_days),
        spend={row["touch"]: None if row["minor"] is None else row["minor"] / major for row in spent},
        hours={row["touch"]: row["hours"] for row in spent},
        known={"time_decay": _decayed(decayed, given.names, [1, major, major][: len(worth) + 1])},
    )  # fmt: skip
    return replace(answer, basis=_basis(facts, scope, wish, totals, found))


def _basis(facts: Facts, scope: Scope, wish: Wish, totals: dict[str, Any], found: pa.Table) -> Basis:
    question = scope.question
    orders, guests = totals["orders"], int(totals["guests"] or 0)
    return Basis(
        by=wish.by, since_on=question.since_on, until_on=question.last_day, as_of=question.as_of, lookback_days=wish.lookback_days,
        only_new=wish.only_new, currency=question.currency, orders=orders, guests=guests,
        without_touch=orders - guests - int(_numbers(found, "won").sum()), open_=int(_numbers(found, "open").sum()),
        margin_known=int(totals["with_margin"] or 0) / orders if orders else None,
        snapshot_no=facts.snapshot_no, computed_at=facts.workspace.clock(),
    )  # fmt: skip


def _numbers(rows: pa.Table, column: str) -> Floats:
    found: Floats = rows[column].to_numpy(zero_copy_only=False).astype(np.float64)
    return found


def _decayed(rows: pa.Table, names: tuple[str, ...], scales: list[int]) -> Floats:
    by_name = {row["touch"]: row for row in rows.to_pylist()}
    kinds = ("won", "value", "margin")[: len(scales)]
    return np.array(
        [[(by_name[name][kind] if name in by_name else 0.0) / scale for name in names] for kind, scale in zip(kinds, scales, strict=True)]
    )  # fmt: skip
