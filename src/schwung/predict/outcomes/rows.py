"""Predictions of outcomes as rows, and what backtests say in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.core.text import Text
from schwung.measure import said
from schwung.predict.model import PREDICTED, Fold


@dataclass(slots=True)
class Rows:
    """Gathers what a model predicts, target by target."""

    parts: list[pa.Table] = field(default_factory=list)

    def add(
        self, customer_ids: Any, target: str, value: Any = None, low: Any = None, high: Any = None, *,
        label: Any = None, reasons: pa.Array | None = None,
    ) -> None:  # fmt: skip
        """One target of some customers; NaN: not known. reasons: the JSON of a list per customer."""
        size = len(customer_ids)

        def numbers(values: Any) -> pa.Array:
            return pa.nulls(size, pa.float64()) if values is None else pa.array(values, pa.float64(), from_pandas=True)

        self.parts.append(
            pa.table(
                {
                    "customer_id": pa.array(customer_ids, pa.int64()),
                    "target": pa.repeat(pa.scalar(target, pa.string()), size),
                    "rank": pa.array(np.zeros(size, np.int32)),
                    "value": numbers(value),
                    "low": numbers(low),
                    "high": numbers(high),
                    "label": pa.nulls(size, pa.string()) if label is None else pa.array(label, pa.string()),
                    "reasons": pa.nulls(size, pa.string()) if reasons is None else reasons,
                },
                schema=PREDICTED,
            )
        )

    def table(self) -> pa.Table:
        return pa.concat_tables(self.parts) if self.parts else PREDICTED.empty_table()


def folds_said(title: Text, folds: Sequence[Fold]) -> tuple[Text, ...]:
    """How often the model ranked better than the naive rule, and how true its probabilities were in the last step."""
    won = sum(fold.model["auc"] > fold.naive["auc"] for fold in folds)
    last = folds[-1]
    return (
        Text(
            "{title}: in {won} of {n} steps it ranked better than the naive rule (last AUC {auc} against {naive}); the "
            "probabilities lay {ece} off on average, and the tenth with the highest held {lift} times as many as any tenth.",
            "{title}: In {won} von {n} Schritten ordnete es besser als die naive Regel (zuletzt AUC {auc} gegen {naive}); die "
            "Wahrscheinlichkeiten lagen im Mittel {ece} daneben, und im Zehntel mit den höchsten lagen {lift}-mal so viele wie "
            "in einem beliebigen.",
        ).fill(
            title=title, won=won, n=len(folds), auc=said.decimal(last.model["auc"], 3),
            naive=said.decimal(last.naive["auc"], 3), ece=said.points(last.model["ece"]),
            lift=said.decimal(last.model["lift"], 1),
        ),
    )  # fmt: skip
