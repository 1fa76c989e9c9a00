"""The short form of `make faults`: what must not happen, with few repeats; the long form is benchmarks/faults.py."""

import pytest

from benchmarks.fault_kills import kills
from benchmarks.fault_requests import hostile_requests
from tests.postgres import PostgresServer

PAUSE = 0.1
"""Seconds between batches: deaths fall among batches all the same, and fewer have to be brought to the lake."""


def test_no_acknowledged_event_is_lost_or_doubled_by_kill_9_on_sqlite() -> None:
    found = kills("SQLite", "sqlite:///store.db", times=2, seed=11, checks_every=99, pause=PAUSE)
    assert found.ok, found


@pytest.mark.postgres
def test_no_acknowledged_event_is_lost_or_doubled_by_kill_9_on_postgres(postgres_server: PostgresServer) -> None:
    found = kills("PostgreSQL", postgres_server.new_database(), times=2, seed=12, checks_every=99, pause=PAUSE)
    assert found.ok, found


def test_hostile_requests_are_refused_and_the_server_stays_up() -> None:
    failed = [found for found in hostile_requests() if not found.ok]
    assert not failed
