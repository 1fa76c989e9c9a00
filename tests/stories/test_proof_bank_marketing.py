"""Worked page docs/proof/bank_marketing.md: a column from the future is refused, leads are judged on later calls."""

from functools import cache

import pandas as pd
import pytest

from schwung.core.text import LANGUAGES
from schwung.predict import OutcomeClassifier
from schwung.predict.classify.coding import columns_of, matrix_of, to_table
from schwung.predict.classify.fitted import FittedOutcome
from schwung.predict.classify.leaks import leaks
from tests import proof
from tests.importing import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]
NEAR = (0.0016, 0.0016, 0.0016, 0.06)


@cache
def calls() -> pd.DataFrame:
    return pd.read_csv(SHARED / "bank_marketing" / "bank-additional-first75.csv", sep=";")


def test_the_length_of_the_call_is_refused_and_nothing_else() -> None:
    table = to_table(calls().drop(columns="y"))
    columns, _left = columns_of(table, has_moments=False)
    happened = (calls().y == "yes").to_numpy(dtype=float)
    (refused,) = leaks(matrix_of(table, columns), happened, columns)
    assert (
        refused.column == "duration"
        and "known only after the outcome" in refused.why.en
        and "weiß allein mehr" in refused.why.de
    )
    assert not leaks(matrix_of(table, columns), happened, columns, ("duration",))


@cache
def fitted(*vouched: str) -> FittedOutcome:
    return OutcomeClassifier(known_before=vouched).fit(calls(), "y", time=range(len(calls())))


@pytest.mark.heavy
def test_the_page_tells_every_figure() -> None:
    found, with_it = fitted(), fitted("duration")
    later, folds = found.out_of_time, found.cross_validated
    told = [
        later["trees"],
        later["logistic"],
        later["naive"],
        folds["trees"],
        folds["logistic"],
        with_it.cross_validated["trees"],
    ]
    for language in LANGUAGES:
        for row, one in zip(proof.rows("bank_marketing", language), told, strict=True):
            figures = [float(cell.replace(",", ".")) for cell in row[2:]]
            for figure, value, near in zip(figures, (one.auc, one.log_loss, one.ece, one.lift), NEAR, strict=True):
                assert figure == pytest.approx(value, abs=near), row
    assert found.way == "logistic" and (found.n, found.positives) == (30_891, 1_982)
    shares = [later["naive"].mean, later["naive"].base, later["logistic"].mean, later["trees"].mean]
    assert [round(100 * share, 1) for share in shares] == [4.7, 10.4, 11.7, 6.0]
    assert any(
        "month, emp.var.rate, cons.price.idx, cons.conf.idx, euribor3m, nr.employed" in text.en
        for text in found.warnings
    )
