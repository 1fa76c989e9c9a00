"""E-mails a second: rendered, signed with DKIM, into a mail server on the loopback; beside what Postfix's smtp-source sends."""

import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.deliver_kills import _MORE, CONNECTIONS
from benchmarks.figure import Figure, repeated, seconds
from benchmarks.mail_sink import mail_sink
from schwung.app.process import Heartbeat
from schwung.app.send_due import SendDue
from schwung.app.templates import save_template
from schwung.app.wiring import create_workspace
from tests.outbox import people, plan, states
from tests.sink import NEWS, SETTINGS

_BAR = 300
_SIZES = {"full": 3_000, "small": 200}
_DKIM = 'dkim_domain = "shop.example"\n[serve]'


def run(repeats: int, scale: str) -> list[Figure]:
    """Each repeat sends so many more messages from one process."""
    count = _SIZES[scale]
    with tempfile.TemporaryDirectory() as folder, mail_sink(Path(folder) / "got") as sink:
        settings = SETTINGS.format(port=sink.port, seconds=30).replace("[serve]", _DKIM)
        more = _MORE.format(connections=CONNECTIONS)
        workspace = create_workspace(Path(folder) / "shop", f'[workspace]\nname = "shop"\n{settings}{more}')
        _write_key(workspace.folder / "dkim.pem")
        save_template(workspace, "Hello", NEWS, actor="bench")
        customers = people(workspace, count)
        sender = SendDue(workspace, threading.Event(), Heartbeat(workspace, "worker"))
        wall, cpu = [], []
        for nth in range(repeats + 1):
            plan(workspace, customers, key=f"run {nth}")
            began = time.process_time()
            with seconds() as watch:
                while sender():
                    pass
            if nth:  # the first one warms up
                wall.append(count / watch.elapsed)
                cpu.append(count / (time.process_time() - began))
        sender.close()
        got = sink.got()
        assert len(got) == len(set(got)) == (repeats + 1) * count == states(workspace)["sent"]
        workspace.store.close()
        peer = _smtp_source()
        theirs = repeated(lambda: _of_source(peer, sink.port, count * 5), repeats) if peer else []
    note = f"{count:,} messages, {CONNECTIONS} connections, RSA 2048, SQLite, events of each in the log"
    absent = "" if theirs else "; smtp-source is not installed (package postfix)"
    return [
        Figure(
            "e-mails rendered, signed and sent", "1/s", wall, "higher", _BAR, "smtp-source", theirs, None, note + absent
        ),
        Figure("the same by a second of processor time", "1/s", cpu, "higher", None, note="the sender's process alone"),
    ]


def _smtp_source() -> str | None:
    return shutil.which("smtp-source") or next(
        (path for path in ("/usr/sbin/smtp-source",) if Path(path).exists()), None
    )


def _of_source(binary: str, port: int, count: int) -> float:
    with seconds() as watch:
        subprocess.run(
            [binary, "-s", str(CONNECTIONS), "-m", str(count), "-l", "4000", "-f", "news@shop.example", "-t", "p@example.de", f"127.0.0.1:{port}"],
            check=True,
        )  # fmt: skip
    return count / watch.elapsed


def _write_key(path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65_537, 2_048)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
