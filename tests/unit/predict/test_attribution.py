"""Attribution: toy numbers worked out by hand, what must hold for any journeys, and a case checked against brute force."""

import random
from collections.abc import Sequence
from itertools import permutations

import pyarrow as pa
import pytest

from schwung.core.errors import InputError
from schwung.predict import attribute
from schwung.predict.attribution import RULES

Paths = Sequence[Sequence[str]]
# Two of three channels are touched in turn by all rules alike; worked out by hand.
TOY = (("a",), ("a", "b"))
BY_HAND = {
    "markov": {"a": 6.25, "b": 3.75},  # without a nothing is won, without b 4 of 10: 1 and 0.6, scaled to 10
    "shapley": {"a": 7, "b": 3}, "shapley_coalition": {"a": 7, "b": 3},
    "first": {"a": 10, "b": 0}, "last": {"a": 4, "b": 6}, "linear": {"a": 7, "b": 3}, "position": {"a": 7, "b": 3},
    "time_decay": {"a": 6, "b": 4},  # 4 + 6 · ⅓: half a weight for the touch one further back
}  # fmt: skip


def credit(model: str, paths: object, *worth: object, **asked: object) -> dict[str, float]:
    found = attribute(paths, *worth, model=model, compare=False, **asked)  # type: ignore[arg-type]
    return {row.name: row.conversions for row in found.rows}


@pytest.mark.parametrize("model", RULES)
def test_toy(model: str) -> None:
    assert credit(model, TOY, [4, 6]) == pytest.approx(BY_HAND[model])


def test_position_is_40_20_40_and_time_decays_by_age() -> None:
    assert credit("position", ["a > b > c > d"], 10) == pytest.approx({"a": 4, "b": 1, "c": 1, "d": 4})
    assert credit("position", ["a > b > a"], 10) == pytest.approx({"a": 8, "b": 2})
    assert credit("time_decay", [["a", "b"]], 3, ages=[[7, 0]], half_life=7) == pytest.approx({"a": 1, "b": 2})
    assert credit("time_decay", [["a", "b"]], 3, ages=[[3007, 3000]], half_life=7) == pytest.approx({"a": 1, "b": 2})
    assert credit("shapley", ["a > b > c > d"], 10) == pytest.approx(dict.fromkeys("abcd", 2.5))


def some_journeys(seed: int, names: str = "abcde", count: int = 40) -> tuple[Paths, list[int], list[int], list[float]]:
    chance = random.Random(seed)
    paths = [tuple(chance.choices(names, k=chance.randint(1, 6))) for _ in range(count)]
    won = [chance.randint(0, 4) for _ in paths]
    return paths, won, [chance.randint(0, 9) for _ in paths], [n * chance.uniform(1, 50) for n in won]


@pytest.mark.parametrize("model", RULES)
def test_shares_add_up_and_twins_get_the_same(model: str) -> None:
    for seed in range(5):
        paths, won, lost, value = some_journeys(seed)
        found = attribute(paths, won, value, lost, model=model)
        assert sum(row.conversions for row in found.rows) == pytest.approx(sum(won), rel=1e-12)
        assert sum(row.value or 0 for row in found.rows) == pytest.approx(sum(value), rel=1e-12)
        assert found.nulls == sum(lost) and all(row.conversions >= -1e-9 for row in found.rows)
        if model in ("shapley", "shapley_coalition"):  # by sets, whatever the order
            twins = credit(model, [*paths, *([name.replace("a", "x") for name in path] for path in paths)], won * 2)
            assert twins["x"] == pytest.approx(twins["a"])
    twins = credit(model, ["a > b", "b > a", "a", "b"], [3, 3, 2, 2], None, [5, 5, 1, 1])
    assert twins["a"] == pytest.approx(twins["b"])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_markov_is_what_walking_the_chain_gives(order: int) -> None:
    """The chain is written down once more as a table and walked until nothing moves; with and without each channel."""
    paths, won, lost, _ = some_journeys(order, "abcd", 30)
    moves: dict[tuple[str, ...], dict[object, float]] = {}
    for path, hits, misses in zip(paths, won, lost, strict=True):
        state: tuple[str, ...] = ()
        for name in path:
            following = (*state, name)[-order:]
            moves.setdefault(state, {})[following] = moves.get(state, {}).get(following, 0) + hits + misses
            state = following
        for end, number in ((True, hits), (False, misses)):
            moves.setdefault(state, {})[end] = moves.get(state, {}).get(end, 0) + number

    def reached(without: str) -> float:
        here, ended = {(): 1.0}, 0.0
        for _ in range(2_000):
            following: dict[tuple[str, ...], float] = {}
            for state, share in here.items():
                whole = sum(moves[state].values())
                for to, number in moves[state].items():
                    if to is True:
                        ended += share * number / whole
                    elif isinstance(to, tuple) and to[-1] != without:
                        following[to] = following.get(to, 0) + share * number / whole
            here = following
        return ended

    whole = reached("")
    effects = {name: 1 - reached(name) / whole for name in "abcd"}
    found = attribute(paths, won, nulls=lost, order=order)
    assert {row.name: row.removal for row in found.rows} == pytest.approx(effects, rel=1e-9)
    scale = sum(won) / sum(effects.values())
    assert {row.name: row.conversions for row in found.rows} == pytest.approx({name: scale * n for name, n in effects.items()})  # fmt: skip
    assert found.rate == pytest.approx(whole)


def test_both_shapleys_are_the_mean_over_all_orders() -> None:
    paths, won, _, _ = some_journeys(3, "abcd", 20)

    def worth(within: set[str]) -> int:
        return sum(n for path, n in zip(paths, won, strict=True) if set(path) <= within)

    orders = list(permutations("abcd"))
    mean = {
        name: sum(worth({*order[: order.index(name) + 1]}) - worth({*order[: order.index(name)]}) for order in orders) / len(orders)
        for name in "abcd"
    }  # fmt: skip
    for model in ("shapley", "shapley_coalition"):
        assert credit(model, paths, won) == pytest.approx(mean)


def test_many_states_are_solved_by_walking(monkeypatch: pytest.MonkeyPatch) -> None:
    from schwung.predict.attribution import markov

    paths, won, lost, _ = some_journeys(9, "abcdefgh", 200)
    usual = credit("markov", paths, won, None, lost, order=3)
    monkeypatch.setattr(markov, "_DENSE", 0)
    monkeypatch.setattr(markov, "_COUNTED", 10)
    assert credit("markov", paths, won, None, lost, order=3) == pytest.approx(usual, rel=1e-9)
    monkeypatch.setattr(markov, "_MOST_CELLS", 5)
    with pytest.raises(InputError, match="states"):
        credit("markov", paths, won, order=3)


def test_spend_stands_beside_credit_and_paths_come_in_many_forms() -> None:
    found = attribute(
        pa.array(["a>b", "a"]), [2, 2], [30.0, 10.0], spend={"a": 10.0, "tv": 99.0}, separator=">", model="linear"
    )
    first, second, last = found.rows
    assert (first.name, first.spend, first.cost_per_conversion, first.return_on_spend) == ("a", 10.0, 10 / 3, 2.5)
    assert (second.name, second.cost_per_conversion) == ("b", None) and (last.name, last.conversions) == ("tv", 0.0)
    assert "not say what would have been sold" in found.to_json()["remark"]["en"]
    assert list(found.to_pandas()["name"]) == ["a", "b", "tv"]
    assert attribute([]).rows == () and attribute([None, ""]).rows == ()
    assert [(row.name, row.conversions) for row in attribute(["a"], [0]).rows] == [("a", 0.0)]


@pytest.mark.parametrize(
    ("paths", "worth", "asked", "code"),
    [
        (["a > "], {}, {}, "journeys_wrong"), (["a", "b"], {"conversions": [1]}, {}, "journeys_wrong"), ([3], {}, {}, "journeys_wrong"),
        (["a"], {"conversions": [-1]}, {}, "journeys_wrong"), (["a"], {"value": [float("nan")]}, {}, "journeys_wrong"),
        (["a"], {}, {"model": "magic"}, "attribution_wrong"), (["a"], {}, {"order": 4}, "attribution_wrong"),
        (["a"], {}, {"model": "time_decay", "half_life": 0}, "attribution_wrong"), (["a"], {"ages": [[-1]]}, {}, "journeys_wrong"),
        ([" > ".join(map(str, range(30)))], {}, {"model": "shapley_coalition"}, "attribution_too_many"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_said(
    paths: list[object], worth: dict[str, object], asked: dict[str, object], code: str
) -> None:
    with pytest.raises(InputError) as refused:
        attribute(paths, **worth, **asked)  # type: ignore[arg-type]
    assert refused.value.code == code and refused.value.message.de
