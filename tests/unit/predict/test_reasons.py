"""Reasons of many rows at once are those of a loop over the rows; so are the levels that customers are compared by."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.predict.classify.coding import Column
from schwung.predict.classify.json_text import json_texts
from schwung.predict.classify.reason import LEAST_EFFECT, strongest, told
from schwung.predict.potential.frontier import _LEAST_SHARE, _LEVELS, _levels

COLUMNS = (
    Column("days", "number"), Column("gap", "number"), Column("way", "word", ("ads", "m“u\"l", "shop")),
    Column("visits", "number"), Column("mails", "number"), Column("other", "number"),
)  # fmt: skip
THEMES = {"days": "pause", "gap": "pause", "visits": "contact"}


def _by_loop(effects: Any, matrix: Any, values: Any) -> list[list[dict[str, Any]]]:
    found = []
    for row in range(len(effects)):
        chosen: dict[str, dict[str, Any]] = {}
        for at in np.argsort(-np.abs(effects[row])):
            column, theme = COLUMNS[at], THEMES.get(COLUMNS[at].name, COLUMNS[at].name)
            if abs(effects[row, at]) < LEAST_EFFECT or len(chosen) == 3:
                break
            if theme not in chosen:
                beside = {"orders": values[row]} if column.name == "days" else {}
                value = column.shown(matrix[row, at])
                chosen[theme] = {
                    "column": column.name,
                    "value": value,
                    "effect": round(float(effects[row, at]), 4),
                    "beside": beside,
                }
        found.append([{"days": 90}, *(one for one in chosen.values() if one["column"] != "other")])
    return found


def test_reasons_of_many_rows_are_those_of_a_loop() -> None:
    chance = np.random.default_rng(3)
    effects = chance.normal(0, 0.2, (400, 6)) * (chance.random((400, 6)) < 0.6)
    matrix = np.round(chance.normal(30, 20, (400, 6)), 1)
    matrix[:, 2] = chance.integers(0, 3, 400)
    matrix[chance.random((400, 6)) < 0.1] = np.nan
    values = [None if one == 3 else int(one) for one in chance.integers(0, 9, 400)]
    beside = {one.name: {} for one in COLUMNS if one.name != "other"} | {
        "days": {"orders": json_texts(pa.array(values))}
    }
    found = told(effects, matrix, COLUMNS, most=3, themes=THEMES, beside=beside, about={"days": 90})
    assert [json.loads(one) for one in found.to_pylist()] == _by_loop(effects, matrix, values)
    words = strongest(effects, matrix, COLUMNS, most=3, titles={}, themes=THEMES)
    shown = [[one.column for one in row if one.column != "other"] for row in words]
    assert shown == [[one["column"] for one in row[1:]] for row in _by_loop(effects, matrix, values)]
    nothing = told(np.zeros((2, 6)), matrix[:2], COLUMNS, most=3, themes={}, beside=beside, about={"days": 90})
    assert nothing.to_pylist() == ['[{"days": 90}]'] * 2


def test_texts_of_json_are_those_of_the_library() -> None:
    for values in ([1.0, 12.5, None, 1e22, 1e-7, -0.25], [1, None, -3], [True, None, False], ["a", None, 'ä"\n', "a"]):
        assert [json.loads(one) for one in json_texts(pa.array(values)).to_pylist()] == values
        assert [type(json.loads(one)) for one in json_texts(pa.array(values)).to_pylist()] == [
            type(one) for one in values
        ]
    assert json_texts(pa.array([float("nan"), 2.0])).to_pylist() == ["null", "2.0"]


def _levels_by_loop(values: list[str | None]) -> list[list[float]]:
    known = [one for one in values if one is not None]
    ranked = sorted(set(known), key=lambda one: (-known.count(one), one))
    frequent = [one for one in ranked[:_LEVELS] if known.count(one) >= _LEAST_SHARE * len(values)]
    chosen = frequent if len(frequent) < len(ranked) or len(known) < len(values) else frequent[1:]
    return [[float(one == name) for one in values] for name in chosen]


def test_levels_are_those_of_a_loop() -> None:
    chance = np.random.default_rng(4)
    for share in (0.0, 0.2):
        values = [
            None if chance.random() < share else str(one)
            for one in chance.choice(list("ABCDEFGHI"), 300, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.03, 0.01, 0.01])
        ]
        found = _levels(pa.chunked_array([values[:100], values[100:]]))
        assert [one.tolist() for one in found] == _levels_by_loop(values)
    numbers = [None, "nan", *(str(one) for one in range(40))] * 5
    size, is_known = _levels(pa.chunked_array([numbers]))
    assert is_known.sum() == 200 and size[2] == 0 and size[41] > size[10] > 0
    assert _levels(pa.chunked_array([pa.array(["A", *[None] * 99])])) == []
