"""Context variables that hold while something is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Value = TypeVar("Value")


@contextmanager
def during(variable: ContextVar[Any], value: Value) -> Iterator[Value]:
    """Within it the variable has the value; the value is given."""
    token = variable.set(value)
    try:
        yield value
    finally:
        variable.reset(token)
