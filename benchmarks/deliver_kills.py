"""kill -9 of senders and of the mail server while messages go out: planned = sent + failed + unknown, and nothing arrives twice."""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.fault import Finding, tried
from benchmarks.mail_sink import MailSink
from schwung.app.templates import save_template
from schwung.app.wiring import Workspace, create_workspace
from tests.outbox import people, plan, states
from tests.sink import NEWS, SETTINGS

CONNECTIONS = 4
_PEOPLE = 200
_MORE = """[deliver]
connections = {connections}
quiet_from = "00:00"
quiet_to = "00:00"
holidays = ""
wait_days = 300
per_day = {{ total = 100000 }}
per_week = {{ total = 100000 }}
"""


def deliver_kills(store: str, url: str, times: int, seed: int = 1) -> Finding:
    """Two senders; each time one of them or the mail server is killed at a random moment, and goes on anew."""
    must = "planned = sent + failed + unknown; the mail server holds no message twice; unknown ≤ in flight at the kills"
    return tried(
        f"kill -9 while messages are sent, {store}", must, lambda: _tried(store, url, times, random.Random(seed), must)
    )


def _tried(store: str, url: str, times: int, chance: random.Random, must: str) -> Finding:
    with tempfile.TemporaryDirectory() as folder:
        sink = MailSink(Path(folder) / "got")
        settings = SETTINGS.format(port=sink.port, seconds=5) + _MORE.format(connections=CONNECTIONS)
        content = f'[workspace]\nname = "shop"\n[store]\nurl = "{url}"\n{settings}'
        workspace = create_workspace(Path(folder) / "shop", content)
        save_template(workspace, "Hello", NEWS, actor="bench")
        customers, planned, in_flight = people(workspace, _PEOPLE), 0, 0
        senders = [_sender(workspace) for _ in range(2)]
        for nth in range(times):
            planned += len(plan(workspace, customers, key=f"kill {nth}"))
            senders = [one if one.poll() is None else _sender(workspace) for one in senders]
            before = len(sink.got())
            until = time.monotonic() + 60
            while len(sink.got()) < before + 20 and time.monotonic() < until:
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.15))
            if chance.random() < 0.3:
                sink.kill()
                sink, in_flight = sink.again(), in_flight + 2 * CONNECTIONS
            else:
                victim = chance.randrange(2)
                senders[victim].kill()
                senders[victim].wait()
                senders[victim], in_flight = _sender(workspace), in_flight + CONNECTIONS
        for one in senders:
            one.wait()
        for days in (1, 2, 3):  # what was put off is tried again
            _sender(workspace, days).wait()
        found, got = states(workspace), sink.got()
        workspace.store.close()
        sink.kill()
    sent, failed, unknown = (found.get(state, 0) for state in ("sent", "failed", "unknown"))
    happened = (
        f"{times} kills: {planned:,} planned = {sent:,} sent + {failed} failed + {unknown} unknown"
        f"{'' if set(found) <= {'sent', 'failed', 'unknown'} else f', and {found}'}; {len(got):,} arrived, "
        f"{len(got) - len(set(got))} of them twice; at most {in_flight} in flight"
    )
    ok = planned == sent + failed + unknown and len(got) == len(set(got)) and unknown <= in_flight and sent <= len(got) <= sent + unknown  # fmt: skip
    return Finding(f"kill -9 while messages are sent, {store}", must, happened, ok)


def _sender(workspace: Workspace, days: int = 0) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sender", str(workspace.folder), str(days)], cwd=Path(__file__).parents[1]
    )
