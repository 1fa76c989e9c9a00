"""Visits and paths, worked out by hand, on both engines."""

from schwung.app.ports import Engine
from schwung.collect.tables import EVENTS
from schwung.core.clock import MINUTE
from schwung.measure.example import arrow
from schwung.measure.paths import paths
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.measure.visits import visit_figures, visits

NOW = 1_700_000_000_000_000
# (customer, minute, event, channel): 1 comes twice, a mail in between is no visit; 30 minutes are not yet a pause.
TOLD = (
    (1, 0, "page_viewed", "search"), (1, 10, "product_viewed", None), (1, 10, "product_viewed", None), (1, 40, "order_completed", None),
    (1, 60, "email_sent", None), (1, 71, "product_viewed", "email"), (1, 75, "product_added", None),
    (2, 0, "product_viewed", None), (2, 5, "page_viewed", "search"), (2, 36, "product_viewed", None), (2, 37, "our_own_event", None),
    (None, 3, "page_viewed", "search"),
)  # fmt: skip


def scope_of(engine: Engine) -> Scope:
    rows = [
        {"event_no": nth, "identifier_id": who, "customer_id": who, "name": name, "happened_at": NOW + minute * MINUTE,
         "channel": channel, "properties": '{"path": "/start"}' if name == "page_viewed" else "{}"}
        for nth, (who, minute, name, channel) in enumerate(TOLD)
    ]  # fmt: skip
    events = engine.memtable(arrow(EVENTS, rows), "events")
    return Scope(Question(as_of=NOW + 99 * MINUTE), lambda name, customer: events)


def test_visits_and_paths(engine: Engine) -> None:
    scope = scope_of(engine)
    found = engine.run(visits(scope).order_by(["customer_id", "visit_no"])).to_pylist()
    told = [
        ((row["started_at"] - NOW) // MINUTE, (row["ended_at"] - NOW) // MINUTE, row["events"], row["channel"], row["landing"], row["ordered"])
        for row in found
    ]  # fmt: skip
    assert told == [
        (0, 40, 4, "search", "/start", True), (71, 75, 2, "email", "product_viewed", False),
        (0, 5, 2, "search", "product_viewed", False), (36, 37, 2, None, "product_viewed", False),
    ]  # fmt: skip
    if engine.name == "spark":  # the rest is made of the same parts
        return
    figures = visit_figures(scope, engine.run)
    assert (figures.whole.visits, figures.whole.customers, figures.whole.ordered) == (4, 2, 1)
    assert [(row.channel, row.visits, row.customers) for row in figures.rows] == [
        ("search", 2, 2), ("email", 1, 1), ("unknown", 1, 1)
    ]  # fmt: skip
    onward = paths(scope, engine.run, "product_viewed", "from", 2)
    assert [(row.names, row.visits, row.whole) for row in onward.rows] == [
        (("product_viewed", "order_completed"), 1, False), (("product_viewed", "our_own_event"), 1, False),
        (("product_viewed", "page_viewed"), 1, False), (("product_viewed", "product_added"), 1, False),
    ]  # fmt: skip
    assert (onward.visits, onward.customers, onward.different) == (4, 2, 4)
    up_to = paths(scope, engine.run, "order_completed", "to", 4)
    assert [row.names for row in up_to.rows] == [("page_viewed", "product_viewed", "order_completed")]
    assert up_to.rows[0].whole and up_to.rows[0].share.value == 1
