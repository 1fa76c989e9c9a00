"""A hundred segments over twenty million events together, beside each alone."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.console_pages import filled
from benchmarks.figure import Figure, seconds
from schwung.app.facts import Facts, open_facts
from schwung.app.segment_facts import Asked
from schwung.app.wiring import open_workspace
from schwung.segment.evaluate import bound, plan
from schwung.segment.rule import Node, read_rule

_EVENTS = ("product_viewed", "product_added", "checkout_started", "page_viewed")
_DAYS = (1, 7, 30, 90)
_SHOP = 400_000, 1_750
"""Customers and days: twenty million events."""


def rules() -> dict[str, dict[str, Any]]:
    """A hundred rules of twelve kinds, with windows from an hour to a year."""
    found: list[dict[str, Any]] = []
    for days in _DAYS:
        within = f"{days} days"
        found += [{"did": {"event": name, "at_least": least, "within": within}} for name in _EVENTS for least in (1, 3)]
        found += [
            {"did_not": {"fact": "orders", "within": within}},
            {"did_not": {"event": _EVENTS[0], "within": within}},
        ]
        found += [
            {"followed": {"first": _EVENTS[0], "then": "orders", "after_at_most": within}},
            {"left_off": {"first": _EVENTS[1], "then": "orders", "for": f"{days * 2} hours", "within": "90 days"}},
            {"amount": {"fact": "orders", "sum": "amount", "at_least": 20 * days, "within": f"{days * 4} days"}},
            {"did": {"event": _EVENTS[0], "distinct": "product_id", "at_least": 2, "within": within}},
        ]
    found += [{"amount": {"fact": "orders", "average": "amount", "at_least": bound}} for bound in (20, 40, 60, 80)]
    found += [
        {"property": {"fact": "orders", "last": "channel", "value": value}} for value in ("email", "search", "direct")
    ]
    found += [{"kind": [one]} for one in ("lead", "new", "existing", "dormant", "lost")]
    found += [{"share": {"of": 0.1, "salt": salt}} for salt in ("spring", "summer")]
    nth = 0
    while len(found) < 100:
        some = [found[(nth * 7 + place * 11) % 60] for place in range(3)]
        found.append({("all", "any")[nth % 2]: [*some[:2], {"not": some[2]}]})
        nth += 1
    return {f"rule {number}": one for number, one in enumerate(found[:100])}


def run(repeats: int, scale: str) -> list[Figure]:
    """All together against the sum of each alone (taken once: it is long)."""
    read = {name: read_rule(one) for name, one in rules().items()}
    workspace = open_workspace(filled(scale, _SHOP))
    try:
        with open_facts(workspace, "duckdb") as facts:
            events = int(facts.run(facts.table("events").count().as_table())[0][0].as_py())
            together, found = [], _all_of(facts, read)
            for _ in range(repeats):
                with seconds() as watch:
                    found = _all_of(facts, read)
                together.append(watch.elapsed)
            alone: dict[str, tuple[Any, Any]] = {}
            began = time.perf_counter()
            for name, one in read.items():
                alone |= _all_of(facts, {name: one})
            singles = time.perf_counter() - began
            few = _few(facts, read, found, repeats)
    finally:
        workspace.store.close()
    for name, (ids, values) in found.items():
        order, other = np.argsort(ids), np.argsort(alone[name][0])
        assert np.array_equal(ids[order], alone[name][0][other]), "the same customers"
        assert np.array_equal(values[order], alone[name][1][other]), "each says alone what it says together"
    customers = len(next(iter(found.values()))[0])
    note = f"{events:,} events, {customers:,} customers; each alone: one pass"
    return [
        Figure("100 segments together", "s", together, "lower", 20, "sum of 100 alone", [singles], 0.25, note),
        Figure("100 segments of 500 touched customers", "s", few, "lower", None, note="from Delta files to result"),
    ]  # fmt: skip


def _all_of(facts: Facts, read: Mapping[str, Node]) -> dict[str, tuple[Any, Any]]:
    return Asked(facts, plan(bound(dict(read), {}))).of_all()


def _few(facts: Facts, read: Mapping[str, Node], found: Mapping[str, tuple[Any, Any]], repeats: int) -> list[float]:
    ids = next(iter(found.values()))[0]
    asked, taken = Asked(facts, plan(bound(dict(read), {}))), []
    for nth in range(repeats + 1):
        some = np.sort(np.random.default_rng(nth).choice(ids, min(500, len(ids)), replace=False)).tolist()
        with seconds() as watch:
            asked.of_few(some)
        taken.append(watch.elapsed)
    return taken[1:]
