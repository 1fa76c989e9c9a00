"""What a sender is about to hand over, and what was answered, in a file of its own: it outlives the process, at no cost.

A sender that was killed leaves it behind. Who tidies up after it so knows of nearly every message what became of it; only those
that were with the provider at that very moment stay in doubt. It is believed on the machine that wrote it, since its start: a
power failure may have lost some lines.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schwung.act.channel import Outcome, Sent
from schwung.app.lane import here, is_gone
from schwung.app.wiring import Workspace

_FOLDER = "sending"


@dataclass(frozen=True, slots=True)
class Left:
    """What a log says. begun: handed over, or about to be; answered: with the provider's number where it took the message."""

    place: str
    pid: int
    begun: frozenset[tuple[int, int]]
    answered: Mapping[tuple[int, int], str | None]

    @property
    def is_final(self) -> bool:
        """The process that wrote it has certainly ended."""
        return is_gone(self.place, self.pid)


class FlightLog:
    """Of one sender; keys are claim and message. Threads may write at once."""

    def __init__(self, workspace: Workspace, sender: str) -> None:
        self._path = _path(workspace, sender)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.clear()

    def clear(self) -> None:
        """Nothing of this sender is in flight."""
        os.ftruncate(self._file, 0)
        self._write({"place": here(), "pid": os.getpid()})

    def begin(self, token: int, number: int) -> None:
        self._write([token, number])

    def end(self, token: int, number: int, outcome: Outcome) -> None:
        self._write([token, number, outcome.provider_id if isinstance(outcome, Sent) else None])

    def close(self) -> None:
        with suppress(OSError):
            os.close(self._file)
            self._path.unlink(missing_ok=True)

    def _write(self, line: Any) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


def read_log(workspace: Workspace, sender: str) -> Left | None:
    """What a sender left behind; None where there is nothing to be believed."""
    try:
        lines = [json.loads(line) for line in _path(workspace, sender).read_bytes().splitlines()]
        head, said = lines[0], lines[1:]
        begun = frozenset((line[0], line[1]) for line in said)
        return Left(head["place"], head["pid"], begun, {(line[0], line[1]): line[2] for line in said if len(line) == 3})
    except (OSError, ValueError, IndexError, KeyError, TypeError):
        return None


def drop_log(workspace: Workspace, sender: str) -> None:
    with suppress(OSError):
        _path(workspace, sender).unlink(missing_ok=True)


def _path(workspace: Workspace, sender: str) -> Path:
    return workspace.folder / _FOLDER / f"{sender}.log"
