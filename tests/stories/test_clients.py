"""Real clients of the Segment spec, unchanged, through a faulty line: each event stored exactly once."""

import logging
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rudderstack.analytics as rudder
import segment.analytics as segment

from schwung.app.keys import create_key
from schwung.app.wiring import create_workspace, open_workspace
from schwung.collect.chunk import unpack
from schwung.collect.event import Event
from tests.faulty_proxy import Fault, FaultyProxy
from tests.served import Served

COUNT = 40
CALLS = {"identify", "page", "screen", "group", "alias"}
FAULTS: list[Fault] = ["429", "cut after", "503", "pass", "cut before", "cut after"]
NODE = Path(__file__).parent / "node_client"
INSTALLED = Path(__file__).parents[2] / "build" / "node_client"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = create_workspace(tmp_path_factory.mktemp("clients") / "shop", "")
    made.store.close()
    server = Served(made.folder, "--no-worker", "--no-console")
    yield server
    server.stop()


@pytest.fixture
def line(served: Served) -> Iterator[FaultyProxy]:
    served.wait()
    proxy = FaultyProxy(served.port, FAULTS)
    yield proxy
    proxy.close()


def stored(served: Served, source: str) -> list[Event]:
    workspace = open_workspace(served.folder)
    with workspace.store.read() as tx:
        bodies = [row["body"] for row in tx.rows("intake.bodies")]
    workspace.store.close()
    return [event for body in bodies for event in unpack(body) if event.source == source]


def key_for(served: Served, source: str) -> str:
    workspace = open_workspace(served.folder)
    key = create_key(workspace, source)
    workspace.store.close()
    return key


def assert_each_once(served: Served, source: str, line: FaultyProxy) -> None:
    events = stored(served, source)
    assert Counter(event.message_id for event in events) == Counter([*CALLS, *(f"track-{nth}" for nth in range(COUNT))])
    assert {fault: line.met[fault] for fault in set(FAULTS) - {"pass"}} == Counter(
        fault for fault in FAULTS if fault != "pass"
    )
    by_id = {event.message_id: event for event in events}
    assert by_id["track-3"].name == "product_viewed"
    assert by_id["track-3"].properties.replace(b" ", b"") == b'{"product_id":"p-3"}'
    assert [by_id[call].name for call in ("identify", "page", "screen", "group", "alias")] == [
        "profile_identified",
        "page_viewed",
        "screen_viewed",
        "group_joined",
        "profile_aliased",
    ]
    assert ("email", "anna@example.org") in by_id["identify"].claims
    assert [claim.value for claim in by_id["alias"].claims] == ["anna", "anna-before"]
    assert all(abs(event.happened_at - event.received_at) < 60_000_000 for event in events)


def send_all(client: object, context: Callable[[str], dict[str, object]]) -> None:
    """The same calls with either Python client; they differ in where traits go."""
    client.identify("anna", **context("identify"), message_id="identify")  # type: ignore[attr-defined]
    client.page("anna", name="Home", message_id="page")  # type: ignore[attr-defined]
    client.screen("anna", name="Start", message_id="screen")  # type: ignore[attr-defined]
    client.group("anna", "firm", {"name": "Firm"}, message_id="group")  # type: ignore[attr-defined]
    client.alias("anna-before", "anna", message_id="alias")  # type: ignore[attr-defined]
    for nth in range(COUNT):
        client.track("anna", "Product Viewed", {"product_id": f"p-{nth}"}, message_id=f"track-{nth}")  # type: ignore[attr-defined]


def test_segment_analytics_python(served: Served, line: FaultyProxy) -> None:
    key = key_for(served, "segment")
    client = segment.Client(key, host=line.address, upload_size=10, upload_interval=0.1, gzip=True, on_error=fail)
    send_all(client, lambda _: {"traits": {"email": "Anna@Example.org"}})
    client.flush()
    client.join()
    assert_each_once(served, "segment", line)


def test_rudder_sdk_python(served: Served, line: FaultyProxy) -> None:
    key = key_for(served, "rudder")
    client = rudder.Client(key, host=line.address, upload_size=10, upload_interval=0.1, gzip=True, on_error=fail)
    send_all(client, lambda _: {"traits": {"email": "Anna@Example.org"}})
    client.flush()
    client.join()
    assert_each_once(served, "rudder", line)


@pytest.mark.node
def test_segment_analytics_node(served: Served, line: FaultyProxy, node: list[str]) -> None:
    key = key_for(served, "node")
    done = subprocess.run(
        [*node, str(INSTALLED / "send.mjs"), line.address, key, str(COUNT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert_each_once(served, "node", line)


def fail(error: Exception, _batch: object) -> None:
    logging.getLogger(__name__).error("client gave up: %r", error)
    raise error


@pytest.fixture(scope="session")
def node() -> list[str]:
    """The command that runs Node, with the pinned client installed under build/."""
    from scripts.build_kit import npm

    try:
        command = npm()
    except SystemExit as none:
        pytest.skip(str(none))
    INSTALLED.mkdir(parents=True, exist_ok=True)
    shutil.copy(NODE / "send.mjs", INSTALLED)
    lock = NODE / "package-lock.json"
    if not (INSTALLED / "node_modules").exists() or (INSTALLED / lock.name).read_bytes() != lock.read_bytes():
        shutil.copy(NODE / "package.json", INSTALLED)
        shutil.copy(lock, INSTALLED)
        path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved=true"]
        done = subprocess.run(
            [*command, *options], cwd=INSTALLED, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip("the npm client could not be fetched")
    return [command[0] if len(command) > 1 else str(shutil.which("node"))]
