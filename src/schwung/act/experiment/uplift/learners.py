"""Who is moved by an action: two logistic models, the X-learner (Künzel et al. 2019), and the plain response beside them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy

from schwung.core.text import Text
from schwung.predict.classify.coding import Column, Flags, Floats
from schwung.predict.classify.linear import fit_linear
from schwung.predict.classify.trees import LEAVES, RATE, TREES, grow, lightgbm

Score = Callable[[Floats], Floats]
Learner = Callable[[Floats, Flags, Floats, Sequence[Column], int], Score]
"""(matrix, treated, success, columns, seed) → the score of other rows."""


def two_models(matrix: Floats, treated: Flags, success: Floats, columns: Sequence[Column], seed: int) -> Score:
    """Chance of success if treated, less that if not; a logistic model for each."""
    one = fit_linear(matrix[treated], success[treated], columns)
    other = fit_linear(matrix[~treated], success[~treated], columns)
    return lambda rows: scipy.special.expit(one.margin(rows)) - scipy.special.expit(other.margin(rows))


def x_learner(matrix: Floats, treated: Flags, success: Floats, columns: Sequence[Column], seed: int) -> Score:
    """Small trees for either group say what each person would have done in the other; trees again learn the difference."""
    one = grow(matrix[treated], success[treated], columns, seed=seed)
    other = grow(matrix[~treated], success[~treated], columns, seed=seed)
    moved = _regress(
        matrix[treated], success[treated] - scipy.special.expit(other.margin(matrix[treated])), columns, seed
    )
    unmoved = _regress(
        matrix[~treated], scipy.special.expit(one.margin(matrix[~treated])) - success[~treated], columns, seed
    )
    share = float(treated.mean())
    return lambda rows: share * unmoved(rows) + (1 - share) * moved(rows)


def response(matrix: Floats, treated: Flags, success: Floats, columns: Sequence[Column], seed: int) -> Score:
    """Chance of success of those who were treated: whom one would choose without a control group."""
    found = fit_linear(matrix[treated], success[treated], columns)
    return lambda rows: scipy.special.expit(found.margin(rows))


LEARNERS: Mapping[str, tuple[Text, Learner]] = {
    "two_models": (Text("two logistic models", "zwei logistische Modelle"), two_models),
    "x_learner": (Text("X-learner with small trees", "X-Learner mit kleinen Bäumen"), x_learner),
}
RESPONSE = Text("response model (no uplift)", "Reaktionsmodell (kein Uplift)")


def _regress(matrix: Floats, value: Floats, columns: Sequence[Column], seed: int) -> Score:
    package = lightgbm()
    words = [at for at, column in enumerate(columns) if column.kind == "word"]
    settings = {
        "objective": "regression", "learning_rate": RATE, "num_leaves": LEAVES, "seed": seed, "verbosity": -1,
        "deterministic": True, "force_row_wise": True, "num_threads": 1,
    }  # fmt: skip
    booster = package.train(settings, package.Dataset(matrix, value, categorical_feature=words), TREES)

    def told(rows: Floats) -> Floats:
        found: Floats = np.asarray(booster.predict(rows), np.float64)
        return found

    return told
