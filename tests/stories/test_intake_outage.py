"""The database goes away under a running server and comes back: senders are told to wait, and nothing is lost or doubled."""

import json
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from schwung.app.keys import create_key
from schwung.app.wiring import create_workspace, open_workspace
from schwung.collect.chunk import unpack
from tests.postgres import PostgresServer, binaries
from tests.served import Served
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


@pytest.mark.postgres
def test_a_database_that_is_gone_for_a_while(tmp_path: Path) -> None:
    if binaries() is None:
        pytest.skip("PostgreSQL's server binaries are not installed")
    database = PostgresServer()
    workspace = create_workspace(tmp_path / "shop", f'[store]\nurl = "{database.new_database()}"\n')
    key = create_key(workspace, "shop")
    workspace.store.close()
    served = Served(workspace.folder, "--no-worker", "--no-console")
    try:
        served.wait()
        statuses: Counter[int] = Counter()

        def send(nth: int) -> None:
            """As clients do: again until it is taken."""
            end = time.monotonic() + 120
            while time.monotonic() < end:
                answer = httpx.post(f"{served.address}/v1/batch", json=body(nth), auth=(key, ""), timeout=60)
                statuses[answer.status_code] += 1
                if answer.status_code == 200:
                    return
                assert answer.status_code == 503
                assert answer.json()["code"] == "store_unreachable"
                assert int(answer.headers["retry-after"]) > 0
                assert "postgres" not in answer.text, "what the database says is not for senders"
                time.sleep(0.1)

        send(0)
        database.stop()
        threads = [threading.Thread(target=send, args=(nth,)) for nth in range(1, 7)]
        for thread in threads:
            thread.start()
        assert httpx.get(f"{served.address}/health", timeout=60).status_code == 503
        until(lambda: statuses[503] >= 6)
        database.start()
        for thread in threads:
            thread.join()
        assert statuses[503] >= 6 and statuses[200] == 7
        assert httpx.get(f"{served.address}/health", timeout=60).status_code == 200
        workspace = open_workspace(workspace.folder)
        with workspace.store.read() as tx:
            events = [event for row in tx.rows("intake.bodies") for event in unpack(row["body"])]
        workspace.store.close()
        assert Counter(event.message_id for event in events) == Counter(
            event["messageId"] for nth in range(7) for event in json.loads(json.dumps(body(nth)))["batch"]
        )
        assert "anna" not in served.log
    finally:
        served.stop()
        database.close()
