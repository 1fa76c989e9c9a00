"""A data frame as numbers: kinds of columns, categories by number, what is left out and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schwung.core.errors import InputError
from schwung.core.text import Text

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Kind = Literal["number", "word", "moment"]

MOST_WORDS = 100
"""A word column keeps so many of its words; the rarer ones are as if not known."""
_DAY = 86_400.0
_IDENTIFIER = Text(
    "“{column}” differs in nearly every row; it names rows and says nothing of new ones.",
    "„{column}“ ist in fast jeder Zeile anders; die Spalte benennt Zeilen und sagt nichts über neue.",
)
_CONSTANT = Text("“{column}” is the same in all rows.", "„{column}“ ist in allen Zeilen gleich.")
_NO_MOMENT = Text(
    "“{column}” is a date; without the time of each row it has no age.",
    "„{column}“ ist ein Datum; ohne den Zeitpunkt jeder Zeile hat es kein Alter.",
)


@dataclass(frozen=True, slots=True)
class Column:
    """words: those of a word column; a row's number is its place among them."""

    name: str
    kind: Kind
    words: tuple[str, ...] = ()

    def shown(self, value: float) -> Any:
        """A number of the matrix as it stood in the frame: word, number, or days before the row's time; None: not known."""
        if np.isnan(value):
            return None
        return self.words[int(value)] if self.kind == "word" else float(value)


def to_table(frame: Any) -> pa.Table:
    """A pandas data frame, an Arrow table or a mapping of columns. InputError for anything else."""
    if isinstance(frame, pa.Table):
        return frame
    try:
        if hasattr(frame, "columns") and hasattr(frame, "iloc"):
            return pa.Table.from_pandas(frame, preserve_index=False)
        if isinstance(frame, Mapping):
            return pa.table({name: np.asarray(values) for name, values in frame.items()})
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise _not_readable(str(error)) from error
    raise _not_readable(type(frame).__name__)


def _not_readable(why: str) -> InputError:
    return InputError(
        "frame_wrong",
        Text("This is no table that can be read: {why}.", "Das ist keine lesbare Tabelle: {why}.").fill(why=why),
        Text(
            "Give a pandas data frame, an Arrow table, or columns by name.",
            "Einen pandas-DataFrame, eine Arrow-Tabelle oder Spalten nach Namen übergeben.",
        ),
    )


def columns_of(table: pa.Table, *, has_moments: bool) -> tuple[tuple[Column, ...], tuple[Text, ...]]:
    """The columns that can tell something, and sentences about the others. has_moments: each row has a time that is an instant."""
    kept: list[Column] = []
    left: list[Text] = []
    for name in table.column_names:
        column = _column(name, table[name])
        if _is_constant(table[name]):
            left.append(_CONSTANT.fill(column=name))
        elif column.kind == "moment" and not has_moments:
            left.append(_NO_MOMENT.fill(column=name))
        elif _names_rows(name, table[name], column):
            left.append(_IDENTIFIER.fill(column=name))
        else:
            kept.append(column)
    return tuple(kept), tuple(left)


def matrix_of(table: pa.Table, columns: Sequence[Column], times: Floats | None = None) -> Floats:
    """Rows × columns; NaN: not known. times: of each row, in days; dates become days before it (negative: after it)."""
    missing = [column.name for column in columns if column.name not in table.column_names]
    if missing:
        raise InputError(
            "column_missing",
            Text("Columns are missing: {names}.", "Es fehlen Spalten: {names}.").fill(names=", ".join(missing)),
            Text("Give the columns that the model was fitted on.", "Die Spalten übergeben, an denen das Modell angepasst wurde."),
        )  # fmt: skip
    found = [_numbers(table[column.name], column, times) for column in columns]
    return np.column_stack(found) if found else np.empty((table.num_rows, 0))


def days_of(values: pa.ChunkedArray) -> Floats:
    """Dates and timestamps as days since 1970, numbers as they are; NaN: null."""
    if pa.types.is_temporal(values.type):
        micros = pc.cast(pc.cast(values, pa.timestamp("us", getattr(values.type, "tz", None))), pa.int64())
        return _floats(micros) / (_DAY * 1e6)
    return _floats(values)


def _column(name: str, values: pa.ChunkedArray) -> Column:
    kind = values.type
    if pa.types.is_temporal(kind):
        return Column(name, "moment")
    if pa.types.is_dictionary(kind):
        values, kind = pc.cast(values, pa.string()), pa.string()
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return Column(name, "number")
    if _as_numbers(values) is not None:
        return Column(name, "number")
    counts = [(-one["counts"], one["values"]) for one in pc.value_counts(values).to_pylist() if one["values"]]
    return Column(name, "word", tuple(sorted(word for _, word in sorted(counts)[:MOST_WORDS])))


def _is_constant(values: pa.ChunkedArray) -> bool:
    return len(pc.unique(values)) <= 1


def _names_rows(name: str, values: pa.ChunkedArray, column: Column) -> bool:
    distinct, size = len(pc.unique(values)), len(values)
    if column.kind == "word":
        return distinct > max(MOST_WORDS, size // 2)
    is_whole = pa.types.is_integer(values.type)
    return is_whole and distinct == size and name.lower().endswith(("id", "_no", "key"))


def _numbers(values: pa.ChunkedArray, column: Column, times: Floats | None) -> Floats:
    if column.kind == "moment":
        return (np.full(len(values), np.nan) if times is None else times) - days_of(values)
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, pa.string())
    if column.kind == "word":
        return _floats(pc.index_in(pc.cast(values, pa.string()), pa.array(column.words, pa.string())))
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        found = _as_numbers(values)
        return np.full(len(values), np.nan) if found is None else found
    return _floats(values)


def _as_numbers(values: pa.ChunkedArray) -> Floats | None:
    """Texts that are all numbers or blank; None for others."""
    trimmed = pc.utf8_trim_whitespace(values)
    blank = pc.equal(trimmed, "")
    known = pc.if_else(blank, pa.scalar(None, trimmed.type), trimmed)
    try:
        return _floats(pc.cast(known, pa.float64()))
    except pa.ArrowInvalid:
        return None


def _floats(values: pa.ChunkedArray) -> Floats:
    found: Floats = np.asarray(
        pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64
    )
    return np.where(np.isfinite(found), found, np.nan)
