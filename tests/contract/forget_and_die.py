"""A process that erases a customer and is killed after a step: FOLDER CUSTOMER STEP."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from schwung.app import forget as erasing
from schwung.app.wiring import open_workspace

# Name in app/forget.py of what runs in each step.
STEPS = {
    "request": "_request",
    "facts": "erase_facts",
    "chunks": "erase_from_chunks",
    "files": "erase_files",
    "strike": "publish",
}


def main(folder: str, customer: str, step: str) -> None:
    name = STEPS[step]
    original = getattr(erasing, name)

    def last(*args: Any, **named: Any) -> Any:
        result = original(*args, **named)
        if step == "request":
            return result
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(erasing, name, last)
    if step == "request":
        erasing._erase_rows = lambda *args: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    erasing.forget(open_workspace(Path(folder)), int(customer), "cli:test")


if __name__ == "__main__":
    main(*sys.argv[1:])
