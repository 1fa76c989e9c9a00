"""Server and worker in one process whose clock is wrong by the seconds that a file says: python -m … WORKSPACE PORT FILE."""

import sys
import threading
from dataclasses import replace
from pathlib import Path

from schwung.app.wiring import open_workspace
from schwung.app.worker import run_worker
from schwung.cli.serve import _serve
from schwung.core.clock import SECOND, system_clock


def main() -> None:
    folder, port, offset = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])

    def clock() -> int:
        return system_clock() + int(offset.read_text() or 0) * SECOND

    workspace = open_workspace(folder, clock)
    stop = threading.Event()
    worker = threading.Thread(target=run_worker, args=(replace(workspace), stop))
    worker.start()
    try:
        _serve(workspace, "127.0.0.1", port, None, console=False)
    finally:
        stop.set()
        worker.join()


if __name__ == "__main__":
    main()
