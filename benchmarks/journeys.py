"""A million customers within a journey: how quickly they are moved, step by step, on SQLite and on PostgreSQL."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figure import Figure
from schwung.app import journeys as saved
from schwung.app.journey_status import standing
from schwung.app.journey_tick import tick
from schwung.app.templates import save_template
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.clock import HOUR, MINUTE, Instant
from tests.postgres import PostgresServer

CUSTOMERS = {"small": 50_000, "full": 1_000_000}
START: Instant = 1_795_000_000_000_000
STEPS = [
    {"wait": "1 hour"},
    {"branch": {"if": {"member": "Even"}, "then": [{"send": "even"}], "else": [{"send": "odd"}]}},
    {"split": {"shares": {"A": 1, "B": 1}, "ways": {"A": [{"task": "call"}]}}},
    {"wait": "1 day"},
    {"send": "last"},
]


class Clock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Instant:
        return self.now


def run(repeats: int, scale: str) -> list[Figure]:
    """One pass each: a set that is moved cannot be moved again."""
    customers = CUSTOMERS["small" if scale == "small" else "full"]
    found = []
    for store, bar in (("SQLite", 100_000), ("PostgreSQL", 40_000)):
        with _workspace(store) as (workspace, clock):
            found += _measured(workspace, clock, store, customers, bar)
    return found


def _measured(workspace: Workspace, clock: Clock, store: str, customers: int, bar: float) -> list[Figure]:
    _fill(workspace, customers)
    with workspace.store.write() as tx:
        listed = tx.value(
            "lists.add", name="Even", note="", origin="import", basis="{}", size=customers // 2, created_by="bench",
            now=clock.now,
        )  # fmt: skip
        even = ((listed, number, clock.now) for number in range(2, customers + 1, 2))
        tx.load("membership", ("list_no", "identifier_id", "joined_at"), even)
    whole = {"trigger": "manual", "steps": STEPS}
    for name in saved.save_journey(workspace, "Bench", whole, actor="bench").journey.templates:
        words = {"subject": "Hello", "body": "<p>{{ company.imprint }} <a href='{{ unsubscribe_url }}'>away</a></p>"}
        save_template(workspace, name, {"purpose": "advertising", "en": words}, actor="bench")
    journey = saved.start(workspace, "Bench", actor="bench")
    _conditions(workspace, journey, customers, clock.now)
    with workspace.store.write() as tx:
        heard = ((journey.journey_no, "hand", number, clock.now, "1", "{}") for number in range(1, customers + 1))
        tx.load("heard", ("journey_no", "ear", "customer_id", "happened_at", "entry_key", "variables"), heard)
    entering = _seconds(workspace)
    clock.now += HOUR - MINUTE
    assert not tick(workspace), "nobody is due yet"
    clock.now += MINUTE
    due = _seconds(workspace)
    moves = _moves(workspace, journey.journey_no)
    clock.now += 25 * HOUR
    last = _seconds(workspace)
    all_moves = _moves(workspace, journey.journey_no)
    assert _moves(workspace, journey.journey_no, "send3") == customers, "everybody came to the end"
    counted = time.perf_counter()
    standing(workspace, journey.journey_no)
    counted = time.perf_counter() - counted
    note = f"{customers:,} customers; wait, branch, split, task, two sends each"
    return [
        Figure(f"journeys: {customers:,} enter at once, {store}", "s", [entering], "lower", None, note="drawn for two experiments each"),
        Figure(f"journeys: steps, {store}", "1/s", [all_moves / (due + last)], "higher", bar, note=note),
        Figure(
            f"journeys: {customers:,} fall due at once, {store}", "s", [due * customers / max(moves, 1)], "lower",
            60 * customers / 1_000_000, note="each moved by one step; seconds",
        ),
        Figure(f"journeys: status of {customers:,} ways, {store}", "s", [counted], "lower", 1.0, note="all walked to the end"),
    ]  # fmt: skip


def _seconds(workspace: Workspace) -> float:
    began = time.perf_counter()
    while tick(workspace):
        pass
    return time.perf_counter() - began


def _moves(workspace: Workspace, journey_no: int, step_id: str = "") -> int:
    with workspace.store.read() as tx:
        rows = tx.rows("journeys.counts", journey_no=journey_no, since="")
    return sum(int(row["customers"]) for row in rows if row["step_id"] == step_id or (not step_id and row["step_id"] not in ("entry", "*")))  # fmt: skip


def _fill(workspace: Workspace, customers: int) -> None:
    """Customers as the store knows them; what else is known of them no journey asks."""
    columns = ("identifier_id", "kind", "value", "customer_id", "source", "first_seen_at", "batch_no")
    rows = ((number, "user_id", f"u{number}", number, "bench", START, 0) for number in range(1, customers + 1))
    with workspace.store.write() as tx:
        tx.load("identifier", columns, rows)


def _conditions(workspace: Workspace, journey: saved.SavedJourney, customers: int, now: Instant) -> None:
    """The rule of the branch is in the store as the segments would have it."""
    with workspace.store.write() as tx:
        rows = ((journey.conditions["branch1"], number, now) for number in range(2, customers + 1, 2))
        tx.load("membership", ("list_no", "identifier_id", "joined_at"), rows)


@contextmanager
def _workspace(store: str) -> Iterator[tuple[Workspace, Clock]]:
    clock, server = Clock(), PostgresServer() if store == "PostgreSQL" else None
    with tempfile.TemporaryDirectory() as folder:
        url = server.new_database() if server else "sqlite:///store.db"
        content = f'[workspace]\nname = "bench"\nzone = "Europe/Berlin"\nlanguage = "en"\n[store]\nurl = "{url}"\n'
        workspace = create_workspace(Path(folder) / "shop", content, clock)
        try:
            yield workspace, clock
        finally:
            workspace.store.close()
            if server:
                server.close()
