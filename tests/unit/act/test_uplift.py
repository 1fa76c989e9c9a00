"""Uplift: Qini by hand and in four conventions, a planted difference found, none invented where there is none."""

import numpy as np
import pytest

from schwung.act.experiment.uplift import Uplift, curve, learn
from schwung.core.errors import InputError
from schwung.predict.classify.coding import Column

COLUMNS = (Column("visits", "number"), Column("age", "number"), Column("noise", "number"))


def test_qini_by_hand() -> None:
    """Four people, best first: treated success, control failure, treated failure, control success."""
    found = curve(np.array([4.0, 3, 2, 1]), np.array([True, False, True, False]), np.array([1.0, 0, 0, 1]))
    assert found.share.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.gained.tolist() == [0, 0.25, 0.25, 0.25, 0]
    assert found.per_person_squared == pytest.approx(0.25 * (0.125 + 0.25 + 0.25 + 0.125))
    assert found.per_person == pytest.approx(4 * found.per_person_squared)
    assert found.of_best == 1.0, "no order does better"


def test_four_conventions_are_one_number() -> None:
    """The published figures of one prediction on Hillstrom's women's e-mails: .00368, 78.6, .1625 belong together."""
    n, per_person = 21_347, 78.6
    assert per_person / n == pytest.approx(0.00368, abs=5e-6)
    rng = np.random.default_rng(2)
    treated, score = rng.random(4000) < 0.5, rng.random(4000)
    success = (rng.random(4000) < 0.1 + 0.2 * treated * score).astype(float)
    found = curve(score, treated, success)
    assert found.per_person / found.n == pytest.approx(found.per_person_squared)
    assert found.of_all_gained * found.gained[-1] == pytest.approx(found.per_person_squared)
    assert 0 < found.of_best < 1 and found.per_person_squared > 0


def test_equal_scores_are_no_order() -> None:
    rng = np.random.default_rng(1)
    treated, success = rng.random(500) < 0.5, (rng.random(500) < 0.3).astype(float)
    assert curve(np.zeros(500), treated, success).per_person_squared == pytest.approx(0, abs=1e-12)


def learned(planted: bool, n: int = 6000) -> Uplift:
    """planted: only frequent visitors are moved; who would buy anyway is told by age."""
    rng = np.random.default_rng(11)
    matrix, treated = rng.normal(size=(n, 3)), rng.random(n) < 0.5
    chance = 0.15 + 0.25 * (matrix[:, 1] > 0.5)
    lift = 0.3 * (matrix[:, 0] > 0) if planted else np.full(n, 0.05)
    success = (rng.random(n) < chance + lift * treated).astype(float)
    return learn(matrix, treated, success, COLUMNS)


def test_a_planted_difference_is_found_and_beats_response() -> None:
    found = learned(planted=True)
    assert found.is_usable and found.models[0].low > 0 and found.models[0].beyond > 0.95
    assert found.response.qini < min(one.qini for one in found.models)
    assert "30%" in found.words.en and "30 %" in found.words.de
    frequent, rare = np.array([[1.0, 0, 0]]), np.array([[-1.0, 0, 0]])
    assert found.score(frequent)[0] > found.score(rare)[0] + 0.1
    assert {one["name"] for one in found.to_json()["models"]} == {"two_models", "x_learner"}


def test_where_all_are_moved_alike_nothing_is_invented() -> None:
    found = learned(planted=False)
    assert not found.is_usable and "No usable difference" in found.words.en and "Kein brauchbarer" in found.words.de


def test_too_few_successes_are_said() -> None:
    with pytest.raises(InputError, match="at least 20"):
        learn(np.zeros((40, 3)), np.arange(40) % 2 == 0, np.zeros(40), COLUMNS)


def test_without_a_column_nobody_is_told_apart() -> None:
    success = (np.arange(200) % 4 < 2).astype(float)
    with pytest.raises(InputError, match="tells these people apart"):
        learn(np.empty((200, 0)), np.arange(200) % 2 == 0, success, ())
