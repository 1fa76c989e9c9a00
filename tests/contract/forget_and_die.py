"""An erasure that kills itself after a step."""

import os
import signal
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


def forget_and_die(folder: Path, customer_id: int, step: str) -> None:
    """In a process of its own."""
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
    erasing.forget(open_workspace(folder), customer_id, "cli:test")
