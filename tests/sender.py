"""A sending worker as a process of its own, to be killed: `python -m tests.sender FOLDER`. Ends when nothing is due any more."""

import sys
import threading
import time
from pathlib import Path

from schwung.app.process import Heartbeat
from schwung.app.send_due import SendDue
from schwung.app.wiring import open_workspace


def main(folder: str) -> None:
    workspace = open_workspace(Path(folder))
    heartbeat = Heartbeat(workspace, "worker")
    heartbeat.beat({})
    sender = SendDue(workspace, threading.Event(), heartbeat)
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        if sender():
            until = time.monotonic() + 1.0
        else:
            time.sleep(0.02)
    sender.close()
    heartbeat.end()


if __name__ == "__main__":
    main(sys.argv[1])
