"""Next product on plain data frames, and how far a factorization may stray from what all buy."""

import numpy as np
import pandas as pd
import pytest

from schwung.core.errors import InputError
from schwung.predict.recommend.choose import choose
from schwung.predict.recommend.frames import split_frame
from schwung.predict.recommend.learn import lesson_of

NAMES = {"customer": "who", "product": "what", "order": "no", "at": "day"}


def bought(n: int, seed: int) -> pd.DataFrame:
    """Everybody has much, and of the same: what is popular says all there is to say. The last thirty days are a third."""
    chance = np.random.default_rng(seed)
    like = np.linspace(0.02, 0.5, 80)
    who, what = np.nonzero(chance.random((n, 80)) < like)
    later, new = np.nonzero(chance.random((n, 80)) < like / 3)
    day = np.concatenate([chance.integers(0, 60, len(who)), chance.integers(60, 90, len(later))])
    found = pd.DataFrame({"who": np.concatenate([who, later]), "what": np.concatenate([what, new]), "no": day})
    found["who"] = "c" + found["who"].astype(str)
    return found.assign(day=pd.Timestamp("2026-01-01") + pd.to_timedelta(day, "D") + pd.Timedelta(hours=9))


def test_the_last_day_learned_is_whole_and_strangers_are_left_out() -> None:
    lines = bought(200, 1)
    late = pd.DataFrame({"who": ["new"] * 2, "what": [1, 2], "no": [1, 1], "day": [pd.Timestamp("2026-03-20")] * 2})
    split, customers = split_frame(pd.concat([lines, late]), "2026-03-01", **NAMES)
    known = lines[lines["day"] < "2026-03-02"]
    pairs = known.groupby(["who", "what"])["no"].nunique()
    assert split.window_days == 30 and set(customers) == set(known["who"])
    orders = split.before.purchases.orders
    assert orders.nnz == len(pairs) and orders.sum() == pairs.sum()
    place = customers.get_loc("c7"), [*split.before.purchases.products].index("79")
    assert orders[place] == pairs.get(("c7", 79), 0)


def test_a_factorization_does_not_take_chance_for_taste() -> None:
    """One that fits every purchase hits two in five of those that popularity hits."""
    choice, _ = choose(split_frame(bought(900, 2), "2026-03-01", **NAMES)[0], 1)
    hit = {one.name: one.hit.value or 0.0 for one in choice.judged}
    assert hit["als"] > hit["popularity"] - 0.04


def test_probabilities_come_true_without_a_workspace() -> None:
    lesson = lesson_of(split_frame(bought(900, 3), "2026-03-01", **NAMES)[0])
    assert lesson.ece is not None and lesson.ece < 0.03
    assert lesson.learned.cold == (0, 0)


def test_too_little_held_out_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        split_frame(bought(100, 4), "2026-03-31", **NAMES)
    assert raised.value.code == "too_few_held_out"
