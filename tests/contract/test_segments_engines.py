"""One rule of each kind, on both engines: who is in and until when is the same, and what the rules mean."""

import ibis.expr.types as ir

from schwung.app.ports import Engine
from schwung.segment.evaluate import bound, plan
from schwung.segment.rule import read_rule
from tests.unit.segment.people import LISTED, NOW, People, means

WITHIN = {"within": "200 minutes"}
RULES = {
    "several": {"did": {"event": "product_viewed", "at_least": 2} | WITHIN},
    "colors": {"did": {"event": "product_viewed", "distinct": "color", "at_least": 2}},
    "none": {"did_not": {"fact": "orders"} | WITHIN},
    "spent": {"amount": {"fact": "orders", "sum": "amount", "at_least": 50} | WITHIN},
    "cheap": {"amount": {"event": "product_added", "average": "price", "less_than": 8}},
    "last": {"property": {"event": "product_viewed", "last": "color", "value": "red"}},
    "then": {"followed": {"first": "product_viewed", "then": "orders", "without": "article_read"}},
    "open": {"left_off": {"first": "product_added", "then": "orders", "for": "30 minutes", "within": "300 minutes"}},
    "visits": {"trait": {"name": "visits", "op": ">", "value": 2}},
    "birthday": {"date": {"trait": "birthday", "in_next": "3 days", "yearly": True}},
    "ends": {"date": {"trait": "contract_end", "in_next": "2 days"}},
    "buyers": {"kind": ["new", "existing"]},
    "consents": {"consent": {"purpose": "newsletter", "channel": "email"}},
    "critics": {"answer": {"metric": "nps", "op": "≤", "value": 60}},
    "share": {"share": {"of": 0.4, "salt": "x"}},
    "region": {"postcode": ["1", "2", "34"]},
    "both": {"all": [{"member": "Regulars"}, {"not": {"member": "none"}}]},
}


def test_every_kind_of_condition_says_the_same_on_each_engine(engine: Engine) -> None:
    people = People(7, count=40)
    asked, given = plan(bound({name: read_rule(rule) for name, rule in RULES.items()}, LISTED)), people.given(NOW)

    def kept(rows: ir.Table) -> ir.Table:
        return engine.memtable(engine.run(rows), "kept")

    parts = [kept(asked.part(nth, given)) for nth in range(len(asked.parts))]
    found = engine.run(asked.result(given, kept(asked.state(given, parts))))
    rows = {row["customer_id"]: row for row in found.to_pylist()}
    assert set(rows) == set(people.ids)
    inline = RULES | {"both": {"all": [{"member": "Regulars"}, {"not": RULES["none"]}]}}
    written = {name: read_rule(rule).to_json() for name, rule in inline.items()}
    for name, column in asked.columns.items():
        inside = {who for who in people.ids if rows[who][column] > 0}
        assert inside == {who for who in people.ids if means(written[name], people, who, NOW)}, name
    flips = sorted(abs(row[column]) for row in rows.values() for column in asked.columns.values())
    assert all(flip > NOW for flip in flips) and sum(flips) == FLIPS


FLIPS = 4_208_128_106_380_001_489
"""Of all customers and rules, so that a flip that differs on one engine is seen."""
