"""The database goes away under server and worker and comes back: senders are told to wait, and nothing is lost or doubled."""

import json
import threading
import time
from collections import Counter

import httpx
import pytest

from schwung.app.facts import open_facts
from schwung.app.keys import create_key
from schwung.app.wiring import Workspace
from schwung.collect.chunk import unpack
from tests.conftest import NewWorkspace
from tests.postgres import PostgresServer
from tests.served import Served, with_statements
from tests.waiting import until


def body(nth: int) -> dict[str, object]:
    events = [
        {
            "type": "track",
            "event": "Visited",
            "messageId": f"m-{nth}-{place}",
            "userId": "anna",
            "timestamp": "2026-01-05T10:00:00Z",
        }
        for place in range(10)
    ]
    return {"batch": events}


def in_the_lake(workspace: Workspace) -> int:
    with open_facts(workspace) as facts:
        events = facts.everything("events")
        return int(facts.run(events.aggregate(count=events.count()))["count"][0].as_py())


@pytest.mark.postgres
def test_a_database_that_is_gone_for_a_while(postgres_server: PostgresServer, new_workspace: NewWorkspace) -> None:
    """The server answers 503 meanwhile and stays up; the worker goes on by itself."""
    database, workspace = postgres_server, new_workspace(store=postgres_server.new_database())
    key = create_key(workspace, "shop", requires_consent=False)
    served = Served(with_statements(workspace.folder), "--no-console")
    client = httpx.Client(base_url=served.address, timeout=60)
    try:
        served.wait()
        statuses: Counter[int] = Counter()

        def send(nth: int) -> None:
            """As clients do: again until it is taken."""
            end = time.monotonic() + 120
            while time.monotonic() < end:
                answer = client.post("/v1/batch", json=body(nth), auth=(key, ""))
                statuses[answer.status_code] += 1
                if answer.status_code == 200:
                    return
                assert answer.status_code == 503
                assert answer.json()["code"] == "store_unreachable"
                assert int(answer.headers["retry-after"]) > 0
                assert "postgres" not in answer.text, "what the database says is not for senders"
                time.sleep(0.1)

        send(0)
        until(lambda: in_the_lake(workspace) == 10, every=0.25)
        database.stop()
        threads = [threading.Thread(target=send, args=(nth,)) for nth in range(1, 7)]
        try:
            for thread in threads:
                thread.start()
            assert client.get("/health").status_code == 503
            until(lambda: statuses[503] >= 6)
        finally:
            database.start()
        for thread in threads:
            thread.join()
        assert statuses[503] >= 6 and statuses[200] == 7
        assert client.get("/health").status_code == 200
        with workspace.store.read() as tx:
            events = [event for row in tx.rows("intake.bodies") for event in unpack(row["body"])]
        assert Counter(event.message_id for event in events) == Counter(
            event["messageId"] for nth in range(7) for event in json.loads(json.dumps(body(nth)))["batch"]
        )
        until(lambda: in_the_lake(workspace) == 70, every=0.25)
        assert "anna" not in served.log
    finally:
        served.stop()
