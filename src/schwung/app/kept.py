"""Answers that survive a restart: in the store, by question, settings and code, each with the moment for which it holds."""

import json
import zlib
from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from hashlib import sha256
from importlib import import_module
from typing import Any

from schwung.app.log import described, log
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.code import code_mark
from schwung.core.errors import SchwungError
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS

MOST_AGE = 7 * DAY
"""Older ones tell nothing any more."""
_MARK = "="
"""Key under which JSON says what a value is."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """value: as it was computed. snapshot_no: the batch that it read. at: when it was known to be true."""

    value: Any
    snapshot_no: int
    at: Instant


def keep(workspace: Workspace, key: Hashable, answer: KeptAnswer) -> None:
    """In the place of the one before; not where a person was erased since it was computed. Never fails: it is a copy."""
    try:
        body = zlib.compress(json.dumps(_written(answer.value)).encode())
        with workspace.store.write() as tx:
            tx.run("kept.drop_old", before=answer.at - MOST_AGE)
            tx.run("kept.put", name=_name(key), at=answer.at, snapshot_no=answer.snapshot_no, body=body)
    except (TypeError, ValueError, SchwungError) as error:
        log("answer_not_kept", level="warning", **described(error))


def last_kept(workspace: Workspace, key: Hashable) -> KeptAnswer | None:
    """The answer of an earlier process to the same question, by the same settings and the same code."""
    with suppress(TypeError, ValueError, KeyError, SchwungError, zlib.error):
        with workspace.store.read() as tx:
            row = tx.row("kept.get", name=_name(key), since=workspace.clock() - MOST_AGE)
        if row is not None:
            value = _read(json.loads(zlib.decompress(row["body"])))
            return KeptAnswer(value, row["snapshot_no"], row["computed_at"])
    return None


def is_erased_since(workspace: Workspace, snapshot_no: int) -> bool:
    """Whether a person was erased after an answer was computed: then it is not shown any more."""
    with workspace.store.read() as tx:
        return bool(tx.value("kept.is_erased_since", snapshot_no=snapshot_no))


def _name(key: Hashable) -> str:
    return sha256(f"{code_mark()} {key!r}".encode()).hexdigest()


def _written(value: Any) -> Any:
    """Frozen values as JSON: dataclasses by their fields, metrics by their name."""
    if hasattr(value, "item"):
        value = value.item()  # a number of NumPy
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        return [_written(one) for one in value]
    if isinstance(value, tuple):
        return {_MARK: "tuple", "of": [_written(one) for one in value]}
    if isinstance(value, date):
        return {_MARK: "date", "of": value.isoformat()}
    if isinstance(value, Metric):
        return {_MARK: "metric", "of": value.name}
    if isinstance(value, Mapping):
        return {_MARK: "dict", "of": [[_written(one), _written(other)] for one, other in value.items()]}
    if is_dataclass(value) and type(value).__module__.startswith("schwung."):
        made_of = {one.name: _written(getattr(value, one.name)) for one in fields(value) if one.init}
        return {_MARK: f"{type(value).__module__}:{type(value).__qualname__}", "of": made_of}
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(one) for one in value]
    if not isinstance(value, dict):
        return value
    what, of = value[_MARK], value["of"]
    if what == "tuple":
        return tuple(_read(one) for one in of)
    if what == "date":
        return date.fromisoformat(of)
    if what == "metric":
        return METRICS[of]
    if what == "dict":
        return {_read(one): _read(other) for one, other in of}
    module, _, name = what.partition(":")
    made = getattr(import_module(module), name, None) if module.startswith("schwung.") else None
    if not (isinstance(made, type) and is_dataclass(made)):
        raise ValueError("not an answer")
    return made(**{one: _read(other) for one, other in of.items()})
