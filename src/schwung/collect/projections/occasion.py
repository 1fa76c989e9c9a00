"""What a projection reads of an event, whether it was just received or lies in the lake already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.collect.arrival import read_instant
from schwung.collect.arrow import rows_of
from schwung.collect.event_type import number_of
from schwung.collect.projection import bucket
from schwung.collect.question import Questions
from schwung.collect.reason import Misfit
from schwung.collect.table import Table
from schwung.core.clock import to_datetime
from schwung.core.stable_hash import key_of

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One event. event_no: its number. identifier_id: None for a guest. device: the browser or app that it came from,
    else the person, as a key of the source's; None where it names nobody.
    """

    event_no: int
    name: str
    happened_at: int
    source: str
    identifier_id: int | None
    is_erased: bool
    properties: Mapping[str, Any]
    channel: str | None = None
    campaign: str | None = None
    device: int | None = None

    def text(self, *names: str) -> str | None:
        """The first of these properties that says something."""
        for name in names:
            value = self.properties.get(name)
            if value is not None and value != "":
                return str(value)
        return None

    def words(self, *names: str) -> str | None:
        """The same for free text: nothing of a person who was erased."""
        return None if self.is_erased else self.text(*names)

    def number(self, *names: str) -> float | None:
        found = next((number for name in names if (number := number_of(self.properties.get(name)))), None)
        return None if found is None else float(found)

    def instant(self, *names: str) -> int | None:
        """Microseconds of the first of these properties that is a point in time."""
        for name in names:
            value = self.properties.get(name)
            if value and isinstance(value, str | int | float):
                try:
                    return read_instant(name, value)
                except Misfit:
                    continue
        return None

    def day(self, *names: str) -> str | None:
        """ISO day of the first of these properties; of a moment its day in UTC."""
        value = self.text(*names)
        if value is None or (len(value) == 10 and value[4] == value[7] == "-"):
            return value
        moment = self.instant(*names)
        return None if moment is None else to_datetime(moment).date().isoformat()

    def key(self, *names: str) -> int:
        """Key of the thing: the source's own number under one of these names, else the person, else the event."""
        own = self.text(*names)
        if own is not None:
            return key_of(self.source, own)
        if self.identifier_id is not None:
            return key_of(self.source, "of", str(self.identifier_id))
        return self.event_key

    @property
    def event_key(self) -> int:
        return key_of("event", str(self.event_no))

    @property
    def shared(self) -> Fields:
        """Columns that every table has."""
        return {"source": self.source, "identifier_id": self.identifier_id, "bucket": bucket(self.identifier_id or 0)}


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for a whole batch. currency: of amounts that do not state one. zone: in which days are counted."""

    batch_no: int
    currency: str
    zone: str = "UTC"
    questions: Questions = field(default_factory=dict)


def as_table(table: Table, rows: Iterable[Fields], batch_no: int) -> pa.Table:
    """Each key once: the last row said."""
    named = itemgetter(*table.key)
    found = list({named(row): row for row in rows}.values())
    columns: dict[str, Any] = {name: [row.get(name) for row in found] for name in table.names if name != "version"}
    return rows_of(table, columns | {"version": pa.array(np.full(len(found), batch_no, np.int64))})
