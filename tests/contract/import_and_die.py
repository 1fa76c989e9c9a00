"""An import that kills itself at a step.

A step is the start or the end of a store commit, or the start or the end of an append to the lake.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import schwung.app.import_read
import schwung.app.import_runs
from schwung.app.imports import import_file
from schwung.app.wiring import open_workspace
from tests.importing import guessed


def import_and_die(folder: Path, path: Path, kind: str, step: int, told: Path) -> None:
    """In a process of its own. `told` gets the import's result, and as `steps` how many there were, if it comes so far."""
    schwung.app.import_read.ROWS = 100
    schwung.app.import_runs.parts_of.__defaults__ = (80,)
    left = step

    def tick() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    workspace = open_workspace(folder)
    mapping = guessed(workspace, path, kind)
    write, append = workspace.store.write, workspace.lake.append

    @contextmanager
    def counted() -> Iterator[Any]:
        tick()
        with write() as tx:
            yield tx
        tick()

    def counted_append(*values: Any) -> None:
        tick()
        append(*values)
        tick()

    workspace.store.write = counted  # type: ignore[method-assign]
    workspace.lake.append = counted_append  # type: ignore[method-assign]
    result = import_file(workspace, path, mapping)
    told.write_text(json.dumps({**result, "steps": step - left}, default=str), encoding="utf-8")
