"""A fitted outcome: probabilities and reasons for rows, how good it was on rows that it had not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from schwung.core.text import Text
from schwung.predict.as_json import text_json
from schwung.predict.classify.coding import Column, Floats, days_of, matrix_of, to_table
from schwung.predict.classify.fitting import Calibration, Predictor, Way
from schwung.predict.classify.leaks import Refused
from schwung.predict.classify.linear import linear_of
from schwung.predict.classify.quality import Quality
from schwung.predict.classify.reason import Reason, strongest, told
from schwung.predict.classify.trees import Trees

WAYS: Mapping[Way, Text] = {
    "trees": Text("small boosted trees", "kleine geboostete Bäume"),
    "logistic": Text("logistic regression", "logistische Regression"),
    "single": Text("one figure alone", "eine Größe allein"),
}


@dataclass(frozen=True, slots=True)
class FittedOutcome:
    """What fitting gave. It can be kept as JSON (`state`, `FittedOutcome.of_state`).

    way: what predicts, the best one on held-out rows. out_of_time: fitted on the past, judged on what came later;
    cross_validated: on shuffled folds of all rows, which flatters. Both by name: trees, logistic, single, naive. importance: mean
    effect of each column on the log-odds, strongest first. refused: columns that are known only after the outcome. held_out: of
    each row its probability by the fits of the folds without it; not kept.
    """

    way: Way
    columns: tuple[Column, ...]
    predictor: Predictor
    calibration: Calibration
    n: int
    positives: int
    out_of_time: Mapping[str, Quality]
    cross_validated: Mapping[str, Quality]
    importance: Mapping[str, float]
    refused: tuple[Refused, ...] = ()
    warnings: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()
    titles: Mapping[str, Text] = field(default_factory=dict)
    held_out: Floats | None = None

    @property
    def quality(self) -> Quality:
        """Of what predicts: out of time where there was a time, else of the folds."""
        return (self.out_of_time or self.cross_validated)[self.way]

    def predict_proba(self, frame: Any, time: Any = None) -> Floats:
        """Probability of each row. time: of each row, where date columns are counted back from it."""
        return self.calibration(self.predictor.margin(self._matrix(frame, time)))

    def reasons(
        self, frame: Any, time: Any = None, *, most: int = 3, themes: Mapping[str, str] | None = None
    ) -> list[tuple[Reason, ...]]:
        """Per row what speaks most for or against the outcome, strongest first."""
        matrix = self._matrix(frame, time)
        effects = self.predictor.contributions(matrix) * self.calibration.slope
        return strongest(effects, matrix, self.columns, most=most, titles=self.titles, themes=themes)

    def told(
        self, rows: pa.Table, about: Mapping[str, Any], beside: Mapping[str, Mapping[str, pa.Array]],
        themes: Mapping[str, str], most: int = 3,
    ) -> pa.Array:  # fmt: skip
        """The reasons of each row as a text of JSON, see `reason.told`."""
        matrix = self._matrix(rows, None)
        effects = self.predictor.contributions(matrix) * self.calibration.slope
        return told(effects, matrix, self.columns, most=most, themes=themes, beside=beside, about=about)

    def state(self) -> dict[str, Any]:
        """All that predicting needs, as JSON."""
        return {
            "way": self.way,
            "columns": [{"name": one.name, "kind": one.kind, "words": list(one.words)} for one in self.columns],
            "predictor": self.predictor.state(),
            "calibration": [self.calibration.slope, self.calibration.shift],
            "n": self.n,
            "positives": self.positives,
        }

    @staticmethod
    def of_state(state: Mapping[str, Any]) -> "FittedOutcome":
        """Predicts as before; what was known of its quality is not in it."""
        columns = tuple(Column(one["name"], one["kind"], tuple(one["words"])) for one in state["columns"])
        known = state["predictor"]
        predictor: Predictor = Trees(known["trees"]) if "trees" in known else linear_of(known, columns)
        calibration = Calibration(*state["calibration"])
        return FittedOutcome(state["way"], columns, predictor, calibration, state["n"], state["positives"], {}, {}, {})

    def to_json(self) -> dict[str, Any]:
        """Figures and sentences, without the trees."""
        return {
            "way": self.way,
            "rows": self.n,
            "positives": self.positives,
            "out_of_time": {name: one.to_json() for name, one in self.out_of_time.items()},
            "cross_validated": {name: one.to_json() for name, one in self.cross_validated.items()},
            "importance": dict(self.importance),
            "refused": [{"column": one.column, "why": text_json(one.why)} for one in self.refused],
            "warnings": [text_json(text) for text in self.warnings],
            "remarks": [text_json(text) for text in self.remarks],
        }

    def _matrix(self, frame: Any, time: Any) -> Floats:
        table = to_table(frame)
        return matrix_of(table, self.columns, None if time is None else times_of(table, time))


def times_of(table: Any, time: Any) -> Floats:
    """Of a column's name or of values: days since 1970 for dates, numbers as they are."""
    if isinstance(time, str):
        return days_of(table[time])
    values = to_table({"time": time} if not isinstance(time, Sequence) else {"time": list(time)})["time"]
    return days_of(values)
