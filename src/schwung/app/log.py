"""Logs: one JSON object a line, nothing personal. Names, numbers and codes only; never a body, an identifier, an address."""

import json
import logging
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from schwung.core.clock import system_clock, to_datetime
from schwung.core.errors import SchwungError

_OURS = f"{Path(__file__).parents[1]}/"
_to: TextIO | None = None


def configure_log(stream: TextIO | None = None) -> None:
    """Send our lines, and what libraries say stripped of its words, to standard error."""
    global _to
    _to = stream
    root = logging.getLogger()
    root.handlers = [_Stripped()]
    root.setLevel(logging.WARNING)


def log(event: str, *, level: str = "info", **values: Any) -> None:
    """One line. values: numbers, codes, names of ours. A log that cannot be written stops nobody's work."""
    at = to_datetime(system_clock()).replace(tzinfo=None).isoformat()
    line = json.dumps({**values, "event": event, "level": level, "timestamp": f"{at}Z"}, default=repr)
    with suppress(OSError, ValueError):
        out = _to or sys.stderr
        out.write(f"{line}\n")
        out.flush()


def described(error: BaseException) -> dict[str, Any]:
    """What may be said of an error: its kind, its code, and where in our code it happened; not its words."""
    places = [
        f"{frame.filename.removeprefix(_OURS)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(_OURS)
    ]
    told: dict[str, Any] = {"error": type(error).__name__, "where": places[-4:]}
    if isinstance(error, SchwungError):
        told["code"] = error.code
    return told


class _Stripped(logging.Handler):
    """Libraries put values into their messages: keep who spoke and the kind of error."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        log("library", level=record.levelname.lower(), source=record.name, **(described(error) if error else {}))
