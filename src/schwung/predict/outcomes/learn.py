"""Learns one outcome from the lake: features as of each moment, watched for the future, judged on what came later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schwung.core.clock import DAY, Instant
from schwung.core.text import Text
from schwung.predict.classify.fitted import FittedOutcome
from schwung.predict.classify.leaks import Refused
from schwung.predict.classify.outcome import OutcomeClassifier, refuse_few
from schwung.predict.classify.quality import Quality
from schwung.predict.features.feature import Group
from schwung.predict.features.frame import FEATURES, KEYS, Frame, features_at, watch
from schwung.predict.sight import Sight

HAPPENED = "happened"
MOST_ROWS = 100_000
_SPREAD = 2_654_435_761
_PARTS = 1_000
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
        frame = features_at(sight, moments, self.groups, f"{self.name}_{name}")
        return frame if self.add is None or not frame.rows.num_rows else self.add(sight, frame, days)


@dataclass(frozen=True, slots=True)
class Learned:
    """state: all that telling needs, as JSON."""

    fitted: FittedOutcome
    rows: int
    refused: tuple[Refused, ...]
    checks: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[Text, ...]:
        return (*(one.why for one in self.refused), *self.fitted.warnings)


def learn(sight: Sight, task: Task, moments: ir.Table, days: float, cuts: Sequence[Instant], seed: int) -> Learned:
    """moments: customer_id, moment_at and `happened` (0 or 1) within `days` after it. cuts: moments that are watched, may be
    none. InputError for what cannot be fitted."""
    frame, refused = observed(sight, task, moments, days, cuts)
    fitted = _classifier(task, seed).fit(
        frame.rows, HAPPENED, time="moment_at", gap=days * DAY, groups="customer_id", leave_out=("customer_id",)
    )
    used = fitted.titled({name: one.title for name, one in FEATURES.items()})
    return Learned(used, frame.rows.num_rows, (*refused, *fitted.refused), checks_of(task, fitted))


def observed(
    sight: Sight, task: Task, moments: ir.Table, days: float, cuts: Sequence[Instant] = ()
) -> tuple[Frame, tuple[Refused, ...]]:
    """Features and outcomes of at most 100,000 moments: of some customers, whoever they are. What knows the future is out."""
    moments = sight.without_objected(moments)
    known = sight.run(moments.aggregate(n=moments.count(), some=moments[HAPPENED].sum().fill_null(0.0))).to_pylist()[0]
    refuse_few(int(known["some"]), known["n"])
    if known["n"] > MOST_ROWS:
        place = (moments.customer_id * _SPREAD) % _PARTS
        moments = moments.filter(place < max(1, _PARTS * MOST_ROWS // known["n"]))
    frame = task.seen(sight, moments, days, "moments")
    refused: tuple[Refused, ...] = ()
    if cuts:
        refused = watch(sight, frame, moments, cuts[len(cuts) // 2], task.groups)
    return frame.without(refused), refused


@dataclass(frozen=True, slots=True)
class Judged:
    """One step forward: the model beside the naive rule."""

    cut_at: Instant
    n: int
    model: Quality
    naive: Quality


def judged(
    sight: Sight, task: Task, moments: ir.Table, days: float, tests: Sequence[Instant], seed: int
) -> list[Judged]:
    """Walks forward: for each moment of `tests`, fitted on outcomes known by then, judged on moments from then until the next
    one (the last: until the end). Folds with too few cases are left out."""
    from schwung.predict.classify.coding import columns_of, matrix_of
    from schwung.predict.classify.outcome import Rows

    frame, _ = observed(sight, task, moments, days)
    table = frame.rows
    at = table["moment_at"].to_numpy()
    given = table.select([name for name in table.column_names if name not in (*KEYS, HAPPENED)])
    columns, _ = columns_of(given, has_moments=False)
    happened = table[HAPPENED].to_numpy().astype(np.float64)
    rows = Rows(matrix_of(given, columns), happened, columns, table["customer_id"].to_numpy())
    found = []
    for cut, until in zip(tests, (*tests[1:], None), strict=True):
        held = (at >= cut) & (at < until) if until is not None else at >= cut
        past = at + days * DAY <= cut
        told = _classifier(task, seed).judge(rows, past, held)
        if told:
            found.append(Judged(cut, int(held.sum()), told["chosen"], told["naive"]))
    return found


def reasons_of(
    fitted: FittedOutcome, rows: pa.Table, about: Mapping[str, Any], most: int = 3
) -> list[list[dict[str, Any]]]:
    """Per row its reasons with the values that their words need beside, after what they are about."""
    themes = {name: feature.theme for name, feature in FEATURES.items()}
    told = fitted.reasons(rows, most=most, themes=themes)
    beside = {name for one in FEATURES.values() for name in one.beside if name in rows.column_names}
    values = {name: rows[name].to_pylist() for name in beside}
    return [
        [dict(about)]
        + [
            one.to_json()
            | {"beside": {name: values[name][at] for name in FEATURES[one.column].beside if name in values}}
            for one in reasons
            if one.column in FEATURES
        ]
        for at, reasons in enumerate(told)
    ]


def checks_of(task: Task, fitted: FittedOutcome) -> dict[str, list[dict[str, Any]]]:
    """Rows for the pictures of a model's page: calibration, what counts, what it was compared with."""
    held = fitted.out_of_time or fitted.cross_validated
    return {
        f"{task.name}_calibration": list(fitted.quality.reliability),
        f"{task.name}_importance": [
            {"feature": name, "title": {"en": FEATURES[name].title.en, "de": FEATURES[name].title.de}, "effect": effect}
            for name, effect in list(fitted.importance.items())[:12]
            if name in FEATURES
        ],
        f"{task.name}_compared": [
            {"rule": name, "out_of_time": bool(fitted.out_of_time), "n": one.n} | one.measures()
            for name, one in held.items()
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
    return OutcomeClassifier(naive=task.naive, single=task.single, seed=seed)
