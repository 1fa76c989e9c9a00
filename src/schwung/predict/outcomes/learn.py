"""Learns one outcome from the lake: features as of each moment, watched for the future, judged on what came later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schwung.core.clock import DAY, Instant
from schwung.core.text import Text
from schwung.predict.as_json import text_json
from schwung.predict.classify.coding import columns_of, matrix_of
from schwung.predict.classify.fitted import WAYS, FittedOutcome
from schwung.predict.classify.json_text import json_texts
from schwung.predict.classify.leaks import Refused
from schwung.predict.classify.outcome import OutcomeClassifier, Rows, refuse_few
from schwung.predict.classify.quality import Quality
from schwung.predict.features.feature import Group
from schwung.predict.features.frame import FEATURES, KEYS, Frame, features_at, watch
from schwung.predict.kinds import by_kind
from schwung.predict.purchasing.traits import TRAITS, traits_of
from schwung.predict.sight import Sight

HAPPENED = "happened"
TITLES: Mapping[str, Text] = {name: one.title for name, one in FEATURES.items()}
MOST_ROWS = 100_000
_SPREAD = 2_654_435_761
_PARTS = 1_000
RULES: Mapping[str, Text] = {
    **{str(way): title for way, title in WAYS.items()},
    "naive": Text("naive rule", "naive Regel"),
}
_RECENT = "days_since_order"
_EDGES = (30.0, 90.0, 180.0, 365.0, np.inf)
_PAUSES = ("0–30", "31–90", "91–180", "181–365", "366–")
_KINDS: Mapping[str, Text] = {**TRAITS, _RECENT: Text("Days since the last order", "Tage seit der letzten Bestellung")}
Add = Callable[[Sight, Frame, float], Frame]


@dataclass(frozen=True, slots=True)
class Task:
    """name: what is kept of it. naive: the feature whose shares in ten classes are the rule to beat, naive_rule: its words.

    add(sight, frame, days): further features, worked out of the rows. single: one that may predict alone.
    """

    name: str
    naive: str
    naive_rule: Text
    groups: tuple[Group, ...]
    add: Add | None = None
    single: str | None = None

    def seen(self, sight: Sight, moments: ir.Table, days: float, name: str) -> Frame:
        """Features of these moments. name: what is kept of them while a model is at work."""
        frame = features_at(sight, moments, self.groups, f"{self.name}_{name}_{days:.0f}")
        return frame if self.add is None or not frame.rows.num_rows else self.add(sight, frame, days)


@dataclass(frozen=True, slots=True)
class Learned:
    """customers: people, however often each was looked at."""

    fitted: FittedOutcome
    customers: int
    refused: tuple[Refused, ...]
    checks: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def warnings(self, title: Text) -> tuple[Text, ...]:
        """title: what is predicted."""
        told = dict.fromkeys((*(one.why for one in self.refused), *self.fitted.warnings))
        return tuple(Text("{title}: {why}", "{title}: {why}").fill(title=title, why=why) for why in told)


@dataclass(frozen=True, slots=True)
class Seen:
    """Features and outcomes of moments, without those features that know the future. kinds: what customers each row is of."""

    frame: Frame
    refused: tuple[Refused, ...] = ()
    kinds: Mapping[str, Any] = field(default_factory=dict)


def look(
    sight: Sight, task: Task, moments: ir.Table, days: float, cut_at: Instant | None = None,
    watched: ir.Table | None = None, outcomes: Sequence[str] = (HAPPENED,),
) -> Seen:  # fmt: skip
    """moments: customer_id, moment_at and the outcomes (0 or 1) within `days` after it. cut_at: at which it is watched that
    nothing knows the future; watched: customer_id, moment_at for that, where the moments have none at it. InputError where
    there are too few cases of every outcome."""
    moments = _chosen(sight, moments, outcomes)
    frame = task.seen(sight, moments, days, "moments")
    if cut_at is None:
        return Seen(frame)
    kinds = _kinds(sight, frame.rows)
    if watched is None:
        refused = watch(sight, frame, moments.filter(moments.moment_at == cut_at).select(*KEYS), cut_at, task.groups)
    else:
        before = features_at(sight, watched, task.groups, f"{task.name}_watched_{days:.0f}")
        refused = watch(sight, before, watched, cut_at, task.groups)
    return Seen(frame.without(refused), refused, kinds)


def learn(seen: Seen, task: Task, days: float, seed: int, outcome: str = HAPPENED) -> Learned:
    """InputError for what cannot be fitted."""
    table = seen.frame.rows
    others = [name for name in table.column_names if name not in (*seen.frame.names, "moment_at", outcome)]
    fitted = _classifier(task, seed).fit(
        table, outcome, time="moment_at", gap=days * DAY, groups="customer_id", leave_out=others
    )
    customers = len(table["customer_id"].unique())
    checks = checks_of(task, fitted)
    if fitted.held_out is not None:
        happened = table[outcome].to_numpy().astype(np.float64)
        checks[f"{task.name}_kinds"] = by_kind(fitted.held_out, happened, seen.kinds, _KINDS)
    return Learned(fitted, customers, (*seen.refused, *fitted.refused), checks)


def _kinds(sight: Sight, rows: pa.Table) -> dict[str, Any]:
    """Channel, basket and country of the first order of each row's customer, and how long the last order is ago."""
    found = traits_of(sight, rows["customer_id"])
    if _RECENT not in rows.column_names:
        return found
    days = rows[_RECENT].to_numpy(zero_copy_only=False).astype(np.float64)
    place = np.searchsorted(_EDGES, days)
    return found | {_RECENT: np.where(np.isfinite(days), np.array([*_PAUSES, _PAUSES[-1]])[place], None)}


def _chosen(sight: Sight, moments: ir.Table, outcomes: Sequence[str]) -> ir.Table:
    """At most 100,000 of the moments, all those of some customers, whoever they are."""
    moments = sight.without_objected(moments)
    sums = {name: moments[name].sum().fill_null(0.0) for name in outcomes}
    known = sight.run(moments.aggregate(n=moments.count(), **sums)).to_pylist()[0]
    best = max(outcomes, key=lambda name: min(known[name], known["n"] - known[name]))
    refuse_few(int(known[best]), known["n"])
    if known["n"] <= MOST_ROWS:
        return moments
    place = (moments.customer_id * _SPREAD) % _PARTS
    return moments.filter(place < max(1, _PARTS * MOST_ROWS // known["n"]))


@dataclass(frozen=True, slots=True)
class Judged:
    """One step forward: the model beside the naive rule."""

    cut_at: Instant
    n: int
    model: Quality
    naive: Quality


def judged(
    seen: Seen, task: Task, days: float, tests: Sequence[Instant], seed: int, outcome: str = HAPPENED
) -> list[Judged]:
    """Walks forward: for each moment of `tests`, fitted on outcomes known by then, judged on moments from then until the next
    one (the last: until the end). Folds with too few cases are left out."""
    table = seen.frame.rows
    at = table["moment_at"].to_numpy()
    given = table.select(seen.frame.names)
    columns, _ = columns_of(given, has_moments=False)
    happened = table[outcome].to_numpy().astype(np.float64)
    rows = Rows(matrix_of(given, columns), happened, columns, table["customer_id"].to_numpy())
    found = []
    for cut, until in zip(tests, (*tests[1:], None), strict=True):
        held = (at >= cut) & (at < until) if until is not None else at >= cut
        past = at + days * DAY <= cut
        told = _classifier(task, seed).judge(rows, past, held)
        if told:
            found.append(Judged(cut, int(held.sum()), told["chosen"], told["naive"]))
    return found


def reasons_of(fitted: FittedOutcome, rows: pa.Table, about: Mapping[str, Any]) -> pa.Array:
    """Per row the JSON of what its reasons are about and of the reasons, with the values that their words need beside."""
    needed = {name for one in FEATURES.values() for name in one.beside if name in rows.column_names}
    texts = {name: json_texts(rows[name]) for name in needed}
    beside = {name: {other: texts[other] for other in one.beside if other in texts} for name, one in FEATURES.items()}
    return fitted.told(rows, about, beside, {name: one.theme for name, one in FEATURES.items()})


def checks_of(task: Task, fitted: FittedOutcome) -> dict[str, list[dict[str, Any]]]:
    """Rows for the pictures of a model's page: calibration, what counts, what it was compared with."""
    held = fitted.out_of_time or fitted.cross_validated
    return {
        f"{task.name}_calibration": list(fitted.quality.reliability),
        f"{task.name}_importance": [
            {"feature": name, "title": text_json(FEATURES[name].title), "effect": effect}
            for name, effect in list(fitted.importance.items())[:12]
            if name in FEATURES
        ],
        f"{task.name}_compared": [
            {"title": text_json(RULES[rule])}
            | {name: one.measures()[name] for name in ("auc", "log_loss", "ece", "lift")}
            for rule, one in held.items()
        ],
    }


def quality_of(learned: Learned) -> dict[str, float]:
    """Measures on held-out rows, of later time where there is such; the folds' beside it, the naive rule's too."""
    fitted = learned.fitted
    found = fitted.quality.measures()
    found |= {f"{name}_folds": value for name, value in fitted.cross_validated[fitted.way].measures().items()}
    naive = fitted.out_of_time.get("naive")
    return found | ({} if naive is None else {"auc_naive": naive.auc, "log_loss_naive": naive.log_loss})


def _classifier(task: Task, seed: int) -> OutcomeClassifier:
    return OutcomeClassifier(titles=TITLES, naive=task.naive, single=task.single, seed=seed)
