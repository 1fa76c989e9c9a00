"""How a fact table of the lake is declared: one declaration, read by lake, engines, import, docs and erasure."""

from dataclasses import dataclass, field
from typing import Literal

from schwung.core.text import Text

ColumnType = Literal["int64", "int32", "string", "bool", "float64", "quantity"]
"""`quantity` is decimal(18, 3). Instants are int64 microseconds (`_at`), days are ISO text (`_on`), JSON is string."""


@dataclass(frozen=True, slots=True)
class Column:
    """personal: names, addresses, free text, anything that could say who it is; never in Delta statistics.

    late: came after the table; lakes from before do not have it, and it reads as null there.
    """

    name: str
    type: ColumnType
    text: Text
    personal: bool = False
    required: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One fact table.

    key: columns that name one fact. Empty: rows never change (events). Else a later `version` replaces an earlier
    one, and a reader sees the latest only. Every keyed table has the int64 column `version`.
    time: the column that says when it happened; `as of` filters by it.
    person: the column that says whose it is, `identifier_id` or `customer_id`; None for facts about nobody.
    sort: how compaction orders rows within a file.
    ahead: rows that many readers look for among all: those with a value in one of these columns (with one of the named
        ones, where any is named). A folded file holds them in row groups of their own, and readers skip the others.
    emptied_by_erasure: columns set to null when the person is erased and the row stays under a fresh identifier.
        None: the person's rows are deleted.
    is_folded: whether its files are merged in time; not where all rows of a kind are exchanged at once.
    """

    name: str
    columns: tuple[Column, ...]
    title: Text
    key: tuple[str, ...] = ()
    time: str | None = None
    person: str | None = "identifier_id"
    sort: tuple[str, ...] = ()
    ahead: tuple[tuple[str, tuple[str, ...]], ...] = ()
    emptied_by_erasure: tuple[str, ...] | None = None
    retention_days: int | None = None
    is_folded: bool = True
    sources: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        names = {column.name for column in self.columns}
        missing = {*self.key, *self.sort, *dict(self.ahead), *filter(None, (self.time, self.person))} - names
        if missing:
            raise ValueError(f"table {self.name} names columns that it does not have: {sorted(missing)}")
        if self.key and "version" not in names:
            raise ValueError(f"table {self.name} has a key and no version")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def personal(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column.personal)
