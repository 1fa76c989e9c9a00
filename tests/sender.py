"""A sending worker as a process of its own, to be killed: `python -m tests.sender FOLDER [DAYS]`. Ends when nothing is due any more.

DAYS: by so much its clock is ahead, so that what is to be tried again later is tried now.
"""

import sys
import threading
import time
from pathlib import Path

from schwung.app.process import Heartbeat
from schwung.app.send_due import SendDue
from schwung.app.wiring import open_workspace
from schwung.core.clock import DAY, system_clock


def main(folder: str, days: str = "0") -> None:
    workspace = open_workspace(Path(folder), lambda: system_clock() + int(days) * DAY)
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
    main(*sys.argv[1:])
