"""Rules of segments: equal to their meaning in plain Python, at every minute; what is written wrong is named."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from schwung.core.clock import MINUTE
from schwung.core.errors import InputError
from schwung.lake.engines.duckdb import DuckDBEngine
from schwung.segment.evaluate import bound, plan
from schwung.segment.leaves import LEAVES
from schwung.segment.rule import read_rule
from tests.unit.segment.people import COLORS, EVENTS, LISTED, NOW, People, means

MINUTES = 240


def windows(rng: np.random.Generator) -> dict[str, str]:
    return {"within": f"{int(rng.integers(1, 400))} minutes"} if rng.random() < 0.8 else {}


def a_step(rng: np.random.Generator) -> dict[str, Any]:
    if rng.random() < 0.3:
        return {"fact": "orders"}
    where = [{"property": "color", "value": COLORS[rng.integers(3)]}] if rng.random() < 0.3 else []
    return {"event": EVENTS[rng.integers(3)]} | ({"where": where} if where else {})


def a_leaf(rng: np.random.Generator) -> dict[str, Any]:
    """Each kind of condition that time or facts can change, and some that they cannot."""
    step, within = a_step(rng), windows(rng)
    count = int(rng.integers(1, 4))
    length = f"{int(rng.integers(1, 200))} minutes"
    amounts = {"fact": "orders", **within}
    kinds: list[dict[str, Any]] = [
        {"did": step | within | {"at_least": count}},
        {"did": step | within | {"at_most": count - 1}},
        {"did": step | within | {"exactly": count}},
        {"did": {"event": EVENTS[0], "distinct": "color", "at_least": count} | within},
        {"did_not": step | within},
        {"amount": amounts | {"sum": "amount", "at_least": float(rng.integers(1, 90))}},
        {"amount": {"event": EVENTS[1], "sum": "price", "less_than": float(rng.integers(1, 30))} | within},
        {"amount": amounts | {"average": "amount", "less_than": float(rng.integers(1, 60))}},
        {"property": {"fact": "orders", "first": "channel", "value": "email"}},
        {"property": {"event": EVENTS[0], "last": "color", "value": "red"}},
        {"followed": {"first": a_step(rng), "then": a_step(rng), "after_at_most": length} | within},
        {"followed": {"first": a_step(rng), "then": a_step(rng), "without": a_step(rng)} | within},
        {"left_off": {"first": a_step(rng), "then": a_step(rng), "for": length, "within": "300 minutes"}},
        {"trait": {"name": "country", "op": ["=", "≠"][rng.integers(2)], "value": "DE"}},
        {"trait": {"name": "visits", "op": [">", "<"][rng.integers(2)], "value": 2}},
        {"trait": {"name": "birthday", "op": "known"}},
        {"date": {"trait": "contract_end", ["in_next", "in_last"][rng.integers(2)]: "2 days"}},
        {"date": {"trait": "birthday", ["in_next", "in_last"][rng.integers(2)]: "2 days", "yearly": True}},
        {"kind": [["lead", "new"], ["existing"], ["dormant", "lost"]][rng.integers(3)]},
        {"consent": {"purpose": "newsletter", "channel": "email"}},
        {"answer": {"metric": "nps", "op": "≤", "value": 60} | within},
        {"share": {"of": 0.4, "salt": "x"}},
        {"postcode": ["1", "2", "34"]},
        {"member": "Regulars"},
    ]
    return kinds[rng.integers(len(kinds))]


def a_rule(rng: np.random.Generator, depth: int = 3) -> dict[str, Any]:
    draw = rng.random()
    if depth == 0 or draw < 0.35:
        return a_leaf(rng)
    if draw < 0.5:
        return {"not": a_rule(rng, depth - 1)}
    return {["all", "any"][rng.integers(2)]: [a_rule(rng, depth - 1) for _ in range(int(rng.integers(1, 4)))]}


def result(rules: Mapping[str, Any], people: People, now: int, engine: DuckDBEngine) -> dict[str, dict[int, int]]:
    """Signed instants: rule → customer → value."""
    ready = bound({name: read_rule(rule) for name, rule in rules.items()}, LISTED)

    asked, given = plan(ready), people.given(now)
    parts = [engine.memtable(engine.run(asked.part(nth, given)), "part") for nth in range(len(asked.parts))]
    state = engine.memtable(engine.run(asked.state(given, parts)), "state")
    found = engine.run(asked.result(given, state))
    ids = found["customer_id"].to_pylist()
    return {name: dict(zip(ids, found[column].to_pylist(), strict=True)) for name, column in asked.columns.items()}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.heavy) for seed in range(1, 20))])
def test_who_is_in_and_until_when_is_what_the_rule_means(seed: int) -> None:
    """Truth at a moment, and no change by time alone before the flip, for every customer and minute."""
    people, rng = People(seed, count=40), np.random.default_rng(seed + 100)
    rules = {f"r{nth}": a_rule(rng) for nth in range(40)}
    start = NOW + int(rng.integers(0, 60)) * MINUTE
    found = result(rules, people, start, DuckDBEngine(memory="300MB"))
    members, moves = 0, 0
    for name, rule in rules.items():
        assert set(found[name]) == set(people.ids)
        for who in people.ids:
            value, held = found[name][who], means(rule, people, who, start)
            assert (value > 0) == held, (rule, who)
            members += held
            assert abs(value) > start, "a flip lies ahead"
            for minute in range(0, MINUTES, 8):
                then = start + minute * MINUTE
                if then >= abs(value):
                    moves += 1
                    break
                assert means(rule, people, who, then) == held, (rule, who, minute)
    assert members > 100
    assert moves > 60


def test_each_kind_of_condition_reads_its_example_back_and_says_it() -> None:
    for kind in LEAVES.values():
        leaf = read_rule(kind.example)
        assert read_rule(leaf.to_json()) == leaf, kind.name
        assert leaf.words.en != leaf.words.de or kind.name in ("trait",)


def test_a_segment_in_a_segment_is_worked_out_once_and_holds_the_same() -> None:
    people = People(5)
    inner = {"did": {"fact": "orders", "at_least": 1, "within": "200 minutes"}}
    found = result(
        {"outer": {"all": [{"member": "inner"}, {"not": {"member": "Regulars"}}]}, "inner": inner},
        people,
        NOW,
        DuckDBEngine(memory="300MB"),
    )
    whole = {"all": [inner, {"not": {"member": "Regulars"}}]}
    assert {who for who, value in found["outer"].items() if value > 0} == {
        who for who in people.ids if means(whole, people, who, NOW)
    }


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ({"al": []}, "al"),
        ({"all": []}, "all"),
        ({"all": [{"did": {"fact": "orders", "within": "soon"}}]}, "all › 1 › did"),
        ({"not": {"kind": ["nice"]}}, "not › kind"),
        ({"did": {"fact": "orderz"}}, "did"),
        ({"did": {"fact": "orders", "at_least": 3, "at_most": 2}}, "did"),
        ({"amount": {"fact": "orders", "sum": "amount"}}, "amount"),
        ({"left_off": {"first": "orders", "then": "orders", "for": "3 days", "within": "2 days"}}, "left_off"),
        ("text", "rule"),
    ],
)
def test_what_is_wrong_in_a_rule_is_named_with_its_place(written: Any, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read_rule(written)
    assert f"at {place}:" in caught.value.message.en
    assert "Die Regel ist falsch" in caught.value.message.de


def test_segments_that_name_each_other_or_nobody_are_refused() -> None:
    circle = {"a": read_rule({"member": "b"}), "b": read_rule({"not": {"member": "a"}})}
    with pytest.raises(InputError, match="circle"):
        bound(circle, {})
    with pytest.raises(InputError, match="no segment or list"):
        bound({"a": read_rule({"member": "nobody"})}, {})
