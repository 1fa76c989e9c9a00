"""Fits outcomes: split by time, calibrated on shuffled folds, without columns that are known only afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.said import decimal
from schwung.predict.classify.coding import Column, Flags, Floats, columns_of, matrix_of, to_table
from schwung.predict.classify.fitted import WAYS, FittedOutcome, times_of
from schwung.predict.classify.fitting import Calibrated, Way, fit_way
from schwung.predict.classify.leaks import TELLS_TIME, Refused, leaks, tell_time
from schwung.predict.classify.quality import Quality, quality
from schwung.predict.classify.split import by_time, naive_shares, shuffled_folds

LEAST = 25
"""Rows of each outcome without which nothing is fitted."""
LEAST_LATER = 10
_YES = ("yes", "true", "1", "1.0", "y", "t", "ja", "churned", "converted", "won")
_STEP = Text("Wait for more, or take a longer time.", "Mehr abwarten oder einen längeren Zeitraum nehmen.")
_NO_TIME = Text(
    "No time of the rows was given, so there is no figure out of time; figures of shuffled folds flatter.",
    "Es gibt keinen Zeitpunkt der Zeilen, daher keine Zahl für spätere Zeit; Zahlen aus gemischten Teilen sind geschönt.",
)
_TOO_FEW_LATER = Text(
    "Too few outcomes lie apart in time for a figure out of time; figures of shuffled folds flatter.",
    "Für eine Zahl für spätere Zeit liegen zu wenige Ausgänge zeitlich auseinander; Zahlen aus gemischten Teilen sind geschönt.",
)
_POOR = Text(
    "Judged on what came later it ranks hardly better than chance (AUC {auc}): not to be relied on.",
    "An dem gemessen, was später kam, ordnet es kaum besser als der Zufall (AUC {auc}): nicht belastbar.",
)
_VOUCH = Text(
    "If a refused column was known before the outcome, name it in known_before.",
    "War eine zurückgewiesene Spalte vor dem Ausgang bekannt, in known_before nennen.",
)
_NO_BETTER = Text(
    "Judged on what came later it is no truer than shares by “{column}” alone (log-loss).",
    "An dem gemessen, was später kam, ist es nicht wahrer als Anteile allein nach „{column}“ (Log-Loss).",
)
_CHOSEN = Text(
    "Predicted by {way}: log-loss {loss} on held-out rows, against {other} by {other_way}.",
    "Vorhergesagt durch {way}: Log-Loss {loss} auf zurückgehaltenen Zeilen, gegen {other} durch {other_way}.",
)


@dataclass(frozen=True, slots=True)
class OutcomeClassifier:
    """Probability that something will happen to a customer, from a frame with one row a customer (and moment).

    `OutcomeClassifier().fit(frame, "churned", time="seen_on").predict_proba(frame)`. positive: the value that means it
    happened, where that is not plain. known_before: columns that are refused as leaks but were known before, as a person
    vouches. titles: of columns, for reasons. naive: a column whose shares in ten classes are the rule to beat. single: a
    column that may predict alone, where few rows teach no more.
    """

    positive: Any = None
    known_before: Sequence[str] = ()
    titles: Mapping[str, Text] = field(default_factory=dict)
    naive: str | None = None
    single: str | None = None
    folds: int = 5
    seed: int = 1

    def fit(
        self, frame: Any, outcome: str, *, time: Any = None, gap: float = 0.0, later: float = 0.3, groups: Any = None,
        leave_out: Sequence[str] = (),
    ) -> FittedOutcome:  # fmt: skip
        """time: name of a column, or values of the rows: dates or numbers that grow with time; a column named here is no
        feature. gap: days (or the unit of time) until an outcome is known. later: share of the latest rows that judge.
        groups: name of a column, or values: rows that belong together. InputError for what cannot be fitted.
        """
        table = to_table(frame)
        happened = outcome_of(table, outcome, self.positive)
        times = None if time is None else _checked_times(times_of(table, time))
        apart = {outcome, *leave_out, *(one for one in (time, groups) if isinstance(one, str))}
        given = table.select([name for name in table.column_names if name not in apart])
        columns, remarks = columns_of(given, has_moments=time is not None)
        matrix = matrix_of(given, columns, times)
        refuse_few(int(happened.sum()), len(happened))
        refused = leaks(matrix, happened, columns, self.known_before, self.seed, self.titles)
        kept = [at for at, one in enumerate(columns) if one.name not in {leak.column for leak in refused}]
        if not kept:
            raise _nothing_left(refused)
        rows = Rows(
            matrix[:, kept],
            happened,
            tuple(columns[at] for at in kept),
            None if groups is None else _groups(table, groups),
        )
        return self._fit(rows, times, gap, later, refused, remarks)

    def _fit(
        self, rows: "Rows", times: Floats | None, gap: float, later: float, refused: tuple[Refused, ...],
        remarks: tuple[Text, ...],
    ) -> FittedOutcome:  # fmt: skip
        warnings: list[Text] = [one.why for one in refused]
        if refused and not self.titles:
            warnings.append(_VOUCH)
        out_of_time: dict[str, Quality] = {}
        if times is None:
            warnings.append(_NO_TIME)
        else:
            past, held = by_time(times, later, gap)
            out_of_time = self.judge(rows, past, held)
            out_of_time.pop("chosen", None)
            if not out_of_time:
                warnings.append(_TOO_FEW_LATER)
            moved = tell_time(rows.matrix, held, rows.columns, self.seed) if out_of_time else []
            if moved:
                warnings.append(TELLS_TIME.fill(names=", ".join(moved)))
        fits = {way: self._way(way, rows) for way in self._ways(rows)}
        whole: dict[str, Quality] = {way: quality(rows.happened, fit.held_out) for way, fit in fits.items()}
        held_out = out_of_time or whole
        way, other = sorted(fits, key=lambda one: held_out[one].log_loss)[:2]
        if held_out[way].auc < 0.55:
            warnings.append(_POOR.fill(auc=decimal(held_out[way].auc, 2)))
        naive = out_of_time.get("naive")
        if self.naive and naive is not None and naive.log_loss <= held_out[way].log_loss:
            warnings.append(_NO_BETTER.fill(column=self.titles.get(self.naive, self.naive)))
        said = _CHOSEN.fill(
            way=WAYS[way],
            loss=decimal(held_out[way].log_loss, 4),
            other=decimal(held_out[other].log_loss, 4),
            other_way=WAYS[other],
        )
        return FittedOutcome(
            way, rows.columns, fits[way].predictor, fits[way].calibration, len(rows.happened), int(rows.happened.sum()),
            out_of_time, whole, _importance(rows, fits[way]), refused, tuple(warnings), (said, *remarks), self.titles,
            fits[way].held_out,
        )  # fmt: skip

    def judge(self, rows: "Rows", past: Flags, held: Flags) -> dict[str, Quality]:
        """Fitted on past rows, judged on held ones: trees, logistic, single, naive; chosen: the best one in the past.
        Empty where either side has too few."""
        y = rows.happened
        if _fewer(y[past]) < LEAST or _fewer(y[held]) < LEAST_LATER:
            return {}
        before = rows.only(past)
        fits = {way: self._way(way, before) for way in self._ways(rows)}
        found: dict[str, Quality] = {
            way: quality(y[held], fit.probability(rows.matrix[held])) for way, fit in fits.items()
        }
        chosen = min(fits, key=lambda way: quality(before.happened, fits[way].held_out).log_loss)
        shares = np.full(int(held.sum()), y[past].mean())
        if self.naive in rows.names:
            values = rows.matrix[:, rows.names.index(self.naive)]
            shares = naive_shares(values[past], y[past], values[held])
        return {**found, "naive": quality(y[held], shares), "chosen": found[chosen]}

    def _ways(self, rows: "Rows") -> list[Way]:
        return [way for way in WAYS if way != "single" or self.single in rows.names]

    def _way(self, way: Way, rows: "Rows") -> Calibrated:
        folds = shuffled_folds(rows.happened, rows.groups, self.folds, self.seed)
        single = rows.names.index(self.single) if way == "single" and self.single else None
        return fit_way(way, rows.matrix, rows.happened, rows.columns, folds, self.seed, single)


@dataclass(frozen=True, slots=True)
class Rows:
    """What a classifier works on: numbers, outcomes (0, 1), columns, and which rows belong together."""

    matrix: Floats
    happened: Floats
    columns: tuple[Column, ...]
    groups: npt.NDArray[Any] | None = None

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.columns]

    def only(self, mask: Flags) -> "Rows":
        groups = None if self.groups is None else self.groups[mask]
        return Rows(self.matrix[mask], self.happened[mask], self.columns, groups)


def outcome_of(table: pa.Table, name: str, positive: Any = None) -> Floats:
    """0 and 1. InputError for a column that is missing, has gaps, or other than two values."""
    if name not in table.column_names:
        raise InputError(
            "column_missing",
            Text("Columns are missing: {names}.", "Es fehlen Spalten: {names}.").fill(names=name),
            Text("Name the column of the outcome.", "Die Spalte des Ausgangs nennen."),
        )
    values = table[name]
    known = pc.unique(values).to_pylist()
    gaps = values.null_count
    if gaps or len(known) > 2 or (positive is not None and positive not in known):
        why = Text("{n} rows have none", "{n} Zeilen haben keinen").fill(n=gaps) if gaps else Text(
            "it has the values {values}", "er hat die Werte {values}").fill(values=", ".join(map(str, known[:6])))  # fmt: skip
        raise InputError(
            "outcome_wrong",
            Text("An outcome happened or did not, in every row; of “{name}” {why}.",
                 "Ein Ausgang trat ein oder nicht, in jeder Zeile; bei „{name}“: {why}.").fill(name=name, why=why),
            Text("Give a column with two values.", "Eine Spalte mit zwei Werten geben."),
        )  # fmt: skip
    if positive is None:
        plain = [value for value in known if str(value).strip().lower() in _YES]
        positive = plain[0] if len(plain) == 1 else max(known, key=str)
    return np.array([value == positive for value in values.to_pylist()], dtype=np.float64)


def refuse_few(positives: int, n: int) -> None:
    """InputError where one outcome only, or too few of the rarer one, is there."""
    rarer = min(positives, n - positives)
    if not rarer:
        raise InputError(
            "one_outcome",
            Text(
                "Cases: {n}, all of one outcome; nothing can be told apart.",
                "Fälle: {n}, alle mit demselben Ausgang; es gibt nichts zu unterscheiden.",
            ).fill(n=n)
            if n
            else Text("There is no case yet to learn from.", "Noch gibt es keinen Fall, aus dem zu lernen wäre."),
            _STEP,
        )
    if rarer < LEAST:
        raise InputError(
            "too_few_cases",
            Text(
                "Only {rarer} of {n} cases had the rarer outcome; {least} are needed.",
                "Nur {rarer} von {n} Fällen hatten den selteneren Ausgang; nötig sind {least}.",
            ).fill(rarer=rarer, n=n, least=LEAST),
            _STEP,
        )


def _fewer(happened: Floats) -> int:
    return int(min(happened.sum(), len(happened) - happened.sum()))


def _checked_times(times: Floats) -> Floats:
    if np.isnan(times).any():
        raise InputError(
            "time_missing",
            Text("{n} rows have no time.", "{n} Zeilen haben keinen Zeitpunkt.").fill(n=int(np.isnan(times).sum())),
            Text("Give every row its time, or none.", "Jeder Zeile ihren Zeitpunkt geben oder keiner."),
        )
    return times


def _groups(table: pa.Table, groups: Any) -> npt.NDArray[Any]:
    values = table[groups].to_numpy() if isinstance(groups, str) else groups
    return np.asarray(values)


def _nothing_left(refused: tuple[Refused, ...]) -> InputError:
    why = " ".join(one.why.en for one in refused), " ".join(one.why.de for one in refused)
    return InputError(
        "no_columns",
        Text(
            f"No column is left to predict from. {why[0]}",
            f"Keine Spalte bleibt, aus der man vorhersagen kann. {why[1]}",
        ),
        Text("Give columns that were known before.", "Spalten geben, die vorher bekannt waren."),
    )


def _importance(rows: Rows, fit: Calibrated) -> dict[str, float]:
    effects = np.abs(fit.predictor.contributions(rows.matrix[:5000])).mean(axis=0) * fit.calibration.slope
    named = {column.name: float(effects[at]) for at, column in enumerate(rows.columns)}
    return dict(sorted(named.items(), key=lambda one: -one[1]))
