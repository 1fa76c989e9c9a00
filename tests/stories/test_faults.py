"""The short form of `make faults`: what must not happen, with few repeats; the long form is benchmarks/faults.py."""

import pytest

from benchmarks.fault_kills import kills
from benchmarks.fault_requests import hostile_requests
from tests.postgres import PostgresServer

PAUSE = 0.1
"""Seconds between batches: deaths fall among batches all the same, and fewer have to be brought to the lake."""


TIMES = pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.heavy)])


@TIMES
def test_no_acknowledged_event_is_lost_or_doubled_by_kill_9_on_sqlite(times: int) -> None:
    """The first death: everything at once."""
    found = kills("SQLite", "sqlite:///store.db", times=times, seed=15, checks_every=99, pause=PAUSE)
    assert found.ok, found


@TIMES
@pytest.mark.postgres
def test_no_acknowledged_event_is_lost_or_doubled_by_kill_9_on_postgres(
    postgres_server: PostgresServer, times: int
) -> None:
    """The first death: everything, and once more while it starts."""
    found = kills("PostgreSQL", postgres_server.new_database(), times=times, seed=12, checks_every=99, pause=PAUSE)
    assert found.ok, found


def test_hostile_requests_are_refused_and_the_server_stays_up() -> None:
    failed = [found for found in hostile_requests() if not found.ok]
    assert not failed
