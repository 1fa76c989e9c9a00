"""Logs: one JSON object a line, nothing personal. Names, numbers and codes only; never a body, an identifier, an address."""

import logging
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import structlog

from schwung.core.errors import SchwungError

_OURS = f"{Path(__file__).parents[1]}/"


def configure_log(stream: TextIO | None = None) -> None:
    """Send our lines, and what libraries say stripped of its words, to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Stripped()]
    root.setLevel(logging.WARNING)


def log(event: str, *, level: str = "info", **values: Any) -> None:
    """One line. values: numbers, codes, names of ours. A log that cannot be written stops nobody's work."""
    with suppress(OSError, ValueError):
        getattr(structlog.get_logger(), level)(event, **values)


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
