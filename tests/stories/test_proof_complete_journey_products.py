"""Worked page docs/proof/complete_journey_products.md: which kinds of products households take next, 92 days held out, with both
simple rules worked out a second time by NumPy on dense matrices."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from schwung.core.text import LANGUAGES, Language, Text
from schwung.measure.said import count, decimal, share
from schwung.predict.recommend.choose import RANKERS, TOP
from schwung.predict.recommend.erring import Promises, purchases
from schwung.predict.recommend.frames import split_frame
from schwung.predict.recommend.learn import Lesson, lesson_of
from tests import proof
from tests.importing import SHARED, needs_shared

pytestmark = [pytest.mark.shared, pytest.mark.heavy, needs_shared]
CUT, LATELY = "2017-07-01", "2017-04-02"
NAME = "complete_journey_products"
PROMISED, CAME = Text("promised", "versprochen"), Text("came", "gekommen")


@dataclass
class Told:
    lines: pd.DataFrame
    households: NDArray
    lesson: Lesson
    promises: Promises


@cache
def told() -> Told:
    folder = SHARED / "complete_journey"
    lines = pq.read_table(folder / "transactions_2017_q1_q3.parquet").to_pandas()
    kinds = pq.read_table(folder / "products.parquet", columns=["product_id", "product_type"]).to_pandas()
    lines = lines[lines["quantity"] > 0].merge(kinds, on="product_id")
    split, households = split_frame(
        lines, "2017-06-30", customer="household_id", product="product_type", order="basket_id", at="transaction_timestamp"
    )  # fmt: skip
    lesson = lesson_of(split)
    return Told(lines, households.to_numpy(), lesson, purchases(None, lesson))


def matrix(rows: pd.DataFrame, households: NDArray, kinds: NDArray) -> NDArray[np.bool_]:
    table = np.zeros((len(households), len(kinds)), bool)
    known = rows[rows["household_id"].isin(households) & rows["product_type"].isin(kinds)]
    table[np.searchsorted(households, known["household_id"]), np.searchsorted(kinds, known["product_type"])] = True
    return table


def test_a_second_computation_from_the_raw_file_says_the_same() -> None:
    rows = told().lines.dropna(subset=["product_type"])
    day = rows["transaction_timestamp"]
    households = np.sort(rows.loc[day < CUT, "household_id"].unique())
    kinds = np.array(sorted(rows.loc[day < CUT, "product_type"].unique()), object)
    had = matrix(rows[day < CUT], households, kinds)
    new = matrix(rows[day >= CUT], households, kinds) & ~had
    judged = {one.name: one for one in told().lesson.choice.judged}
    pairs = told().lesson.split.before.purchases
    assert (households == told().households).all() and (kinds == pairs.products).all()
    assert had.sum() == pairs.orders.nnz
    buyers = new.any(1)

    def right(score: NDArray) -> float:
        best = np.argsort(-np.where(had, -1.0, score)[buyers], axis=1, kind="stable")[:, :TOP]
        return float(np.take_along_axis(new[buyers], best, 1).any(1).mean())

    lately = matrix(rows[(day >= LATELY) & (day < CUT)], households, kinds)
    assert judged["popularity"].hit.n == buyers.sum()
    assert judged["popularity"].hit.value == pytest.approx(right(np.broadcast_to(lately.sum(0), had.shape)), abs=1e-9)
    owned, many = had.astype(np.float32), had.sum(0)
    likeness = (owned.T @ owned) / (np.sqrt(np.outer(many, many)) + 10)
    np.fill_diagonal(likeness, 0)
    sixtieth = -np.sort(-likeness, axis=1)[:, 59:60]
    score = owned @ np.where(likeness >= sixtieth, likeness, 0)
    # Kinds as near as the sixtieth may be kept or not.
    assert judged["cosine"].hit.value == pytest.approx(right(score), abs=0.004)


def test_the_rule_is_better_than_popularity_and_its_probabilities_come_true() -> None:
    lesson, promises = told().lesson, told().promises
    assert lesson.choice.name == "als" and lesson.choice.used.beyond_low > 0
    assert lesson.ece is not None and lesson.ece < 0.01
    assert promises.said.sum() == pytest.approx(promises.came.sum(), rel=0.1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_them(language: Language) -> None:
    to, lesson, promises = {"en": "to", "de": "bis"}[language], told().lesson, told().promises

    def shown(text: Text) -> str:
        return proof._spaced(text.in_(language))

    def part(value: float | None) -> str:
        return shown(share(value or 0.0))

    rules = [
        (
            RANKERS[one.name].in_(language), part(one.hit.value), f"{part(one.hit.low)} {to} {part(one.hit.high)}",
            shown(count(one.hit.n)),
        )
        for one in lesson.choice.judged
    ]  # fmt: skip
    tenths = [
        (str(place), part(one["predicted"]), part(one["actual"])) for place, one in enumerate(lesson.tenths, start=1)
    ]
    firsts = [
        (title.in_(language), shown(count(values.sum())), shown(decimal(values.mean(), 2)))
        for title, values in ((PROMISED, promises.said), (CAME, promises.came))
    ]
    assert proof.rows(NAME, language) == rules + tenths + firsts
    pairs = lesson.split.before.purchases.orders
    counted = [shown(count(one)) for one in (*pairs.shape, pairs.nnz, lesson.split.before.again.allowed.sum())]
    days = lesson.split.window_days
    proof.check_said(NAME, language, [shown(lesson.choice.sentence(days)), part(lesson.ece), *counted])
