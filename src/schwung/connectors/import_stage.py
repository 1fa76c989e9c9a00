"""The import's own DuckDB: reads the rows of a file as a mapping says, keeps them typed and sorted, finds the bad ones."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from schwung.collect.currencies import CURRENCIES
from schwung.collect.import_kind import KINDS, Field, Kind
from schwung.collect.mapping import ColumnRule, FileMapping
from schwung.collect.wire_context import is_address_name
from schwung.core.errors import InputError
from schwung.core.text import Text

_SQL_TYPES = {"text": "VARCHAR", "number": "DECIMAL(28, 8)", "instant": "BIGINT", "day": "VARCHAR", "bool": "BOOLEAN"}
_MACROS = (
    "bare_number",
    "number_point",
    "number_comma",
    "flag",
    "finite",
    "known_time",
    "key_of",
    "minor",
    "major",
    "plain",
    "bucket_of",
    "iso",
)


@cache
def statements(name: str) -> Mapping[str, str]:
    """The named statements of a `.sql` file beside this module."""
    text = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    found = {}
    for block in re.split(r"^-- name: ", text, flags=re.M)[1:]:
        title, _, body = block.partition("\n")
        found[title.strip()] = "\n".join(line for line in body.splitlines() if not line.startswith("-- ")).strip()
    return found


def filled(text: str, parts: Mapping[str, str]) -> str:
    """`text` with its `${names}` filled. KeyError for a name without a part."""
    return re.sub(r"\$\{(\w+)\}", lambda mark: parts[mark[1]], text)


def literal(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"


class Stage:
    """One connection, its memory bounded; what does not fit spills to `folder`."""

    def __init__(self, folder: Path, mapping: FileMapping, memory: str = "512MB") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.mapping = mapping
        self.kind: Kind = KINDS[mapping.kind]
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "temp_directory": str(folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            },
        )
        self._settle()
        for name in _MACROS:
            self.connection.execute(statements("import_stage")[name])
        patterns = {name: literal(_pattern(getattr(mapping, name))) for name in ("shipping", "extras", "corrections")}
        self.run("import_stage", "product_class", None, **patterns)
        self._read = ""
        self._joins: list[tuple[str, list[str]]] = []

    def other(self) -> "Stage":
        """A second stage that shares memory and threads with this one: for another thread, with tables of its own."""
        stage = copy(self)
        stage.connection = self.connection.cursor()
        stage._settle()
        return stage

    def _settle(self) -> None:
        self.connection.execute("SET TimeZone = ?", [self.mapping.zone])
        # DuckDB would draw one on standard output where Python has no main file.
        self.connection.execute("SET enable_progress_bar = false")

    def close(self) -> None:
        self.connection.close()

    def run(self, file: str, name: str, /, values: Mapping[str, Any] | None = None, **parts: str) -> Any:
        """Run a statement; `parts` fill its `${…}`, `values` its `$…`."""
        text = statements(file)[name]
        if parts:
            text = filled(text, parts)
        return self.connection.execute(text, values) if values else self.connection.execute(text)

    def table(self, file: str, name: str, /, values: Mapping[str, Any] | None = None, **parts: str) -> pa.Table:
        """The rows of a statement; in no order, whatever it says."""
        text = filled(statements(file)[name], parts)
        return self.connection.sql(text, params=dict(values) if values else None).to_arrow_table()

    def row(self, file: str, name: str, /, values: Mapping[str, Any] | None = None, **parts: str) -> tuple[Any, ...]:
        """The one row of a statement."""
        return tuple(self.run(file, name, values, **parts).fetchall()[0])

    def join(self, partners: Iterable[tuple[str, Sequence[str], Iterable[pa.Table]]]) -> list[str]:
        """Load the files to be joined (common column, columns, rows). Names of the columns that they add."""
        added: list[str] = []
        for number, (on, columns, tables) in enumerate(partners):
            for place, rows in enumerate(tables):
                self.connection.register("raw", pa.table({name: as_text(rows[name], None) for name in columns}))
                self.run("import_stage", "partner_more" if place else "partner", number=str(number))
            doubles = self.row("import_stage", "partner_doubles", number=str(number), on=_quoted(on))[0]
            if doubles:
                raise _not_unique(on, doubles)
            self._joins.append((on, [name for name in columns if name != on]))
            added += [name for name in columns if name != on]
        return added

    def _joined(self, rows: pa.Table) -> pa.Table:
        for number, (on, columns) in enumerate(self._joins):
            rows = rows.set_column(rows.column_names.index(on), on, as_text(rows[on], None))
            self.connection.register("raw", rows)
            listed = (
                ", ".join(f"p.{_quoted(name)}" for name in columns if name not in rows.column_names) or "1 AS nothing"
            )
            rows = self.table("import_stage", "join", number=str(number), columns=listed, on=_quoted(on))
        return rows

    def check(self, rows: pa.Table, lines: pa.ChunkedArray) -> None:
        """Read some rows into the table `checked`."""
        if self._joins:
            rows = self._joined(rows.append_column("line of the file", lines))
            lines = rows["line of the file"]
        columns = {f"r_{rule.field}": as_text(rows[name], rule) for name, rule in self.mapping.columns.items()}
        for rule in self.mapping.columns.values():
            columns |= {_added(rule, place): as_text(rows[name], rule) for place, name in enumerate(rule.add)}
        columns |= {f"x_{place}": as_text(rows[name], None) for place, name in enumerate(self.mapping.extra)}
        self.connection.register("raw", pa.table({"line": lines, **columns}))
        if not self._read:
            self._read = read_statement(self.kind, self.mapping)
        self.connection.execute(self._read)
        self.connection.unregister("raw")

    def problems(self) -> list[tuple[int, str, str]]:
        """(line, field, reason) of the rows of `checked` that do not fit."""
        return [(line, field, reason) for line, field, reason in self.run("import_stage", "problems").fetchall()]

    def keep(self, path: Path) -> dict[int, int]:
        """Write the good rows of `checked`, sorted by key, and count them per slice of the keys (64 slices)."""
        spread = dict(self.run("import_stage", "spread").fetchall())
        if spread:
            self.run("import_stage", "keep", path=literal(str(path)))
        return spread

    def forget_read(self) -> None:
        """Give back the memory of the rows that were read last."""
        self.run("import_stage", "forget_read")

    def fresh(self, rows: pa.Table, files: Sequence[Path]) -> pa.Table:
        """Rows that none of these files of waiting rows holds yet."""
        self.connection.register("rows_now", rows)
        listed = "[" + ", ".join(literal(str(path)) for path in files) + "]"
        content = "content_hash" if "content_hash" in rows.column_names else "happened_at"
        return self.table("import_rows", "fresh_waiting", content=content, files=listed)


def read_statement(kind: Kind, mapping: FileMapping) -> str:
    """The statement that turns a file's raw rows into typed ones, as the mapping says."""
    part = {**statements("import_stage"), **statements("import_relationship")}
    rule_of = {rule.field: rule for rule in mapping.columns.values()}
    values = [f"{_value(item, rule_of.get(item.name), mapping)} AS {item.name}" for item in kind.fields]
    if kind.extra:
        pairs = [
            _fill("extra_pair", raw=f"x_{place}", name=literal(f'"{name}"'))
            for place, (column, name) in enumerate(mapping.extra.items())
            if not is_address_name(column) and not is_address_name(name)  # whatever a mapping says
        ]
        values.append((_fill("extra", pairs=", ".join(pairs)) if pairs else "NULL::VARCHAR") + " AS extra")
    problems = [problem for item in kind.fields if (problem := _problem(item, rule_of.get(item.name)))]
    problems += [_fill("problem_empty", name=name) for name in kind.required]
    problems += [_fill("problem_group", names=", ".join(group), name=_shown(group, mapping)) for group in kind.any_of]
    if kind.find("currency"):
        problems.append(_fill("problem_currency", known=", ".join(map(literal, sorted(CURRENCIES)))))
    problems.append(part.get(f"problems_{kind.name}", ""))
    words = _words(kind, mapping)
    return _fill(
        "read",
        typed=filled(part[f"typed_{kind.name}"], words),
        derived=filled(part[f"derived_{kind.name}"], words),
        problems="\n".join(problems),
        values=", ".join(values),
    )


def _words(kind: Kind, mapping: FileMapping) -> dict[str, str]:
    """What the kinds' own parts need of the mapping."""
    said = {*mapping.fields, "currency"}
    hashed = [item.name for item in kind.fields if item.name in said]
    pairs = [f"'{name}=' || {name}::VARCHAR" for name in hashed] + (["extra"] if kind.extra else [])
    traits = [
        _fill("trait_pair", field=item.name, name=literal(f'"{item.name}"'))
        for item in kind.fields
        if item.name not in ("user_id", "anonymous_id", "card")
    ]
    if kind.extra == "traits":
        traits.append("nullif(left(right(extra, -1), -1), '')")
    is_percent = mapping.discount_percent
    return {
        "source": literal(mapping.source),
        "hash": f"key_of(concat_ws(chr(31), {', '.join(pairs)}))",
        "discount_amount": _fill("discount_percent" if is_percent else "discount_money"),
        "discount_kept": _fill("discount_percent") if is_percent else "discount",
        "is_return": _is_return(kind, mapping),
        "flip": "true" if mapping.return_amounts == "positive" else "false",
        "cancelled": ", ".join(literal(word.lower()) for word in mapping.cancelled) or "''",
        "traits": "nullif('{' || concat_ws(',', " + ", ".join(traits) + ") || '}', '{}')",
    }


def _is_return(kind: Kind, mapping: FileMapping) -> str:
    found = ["is_return"] if kind.find("is_return") else []
    if mapping.return_prefix:
        found.append(f"starts_with(upper(order_id), {literal(mapping.return_prefix.upper())})")
    if mapping.negative_is_return and kind.find("quantity"):
        found.append("quantity < 0")
    return " OR ".join(f"coalesce({one}, false)" for one in found) or "false"


def _value(item: Field, rule: ColumnRule | None, mapping: FileMapping) -> str:
    """The SQL of one field: of its column, else of its constant, else null."""
    if rule is None and item.name in mapping.constants:
        raw, rule = literal(mapping.constants[item.name]), ColumnRule(item.name)
    elif rule is None:
        if item.name == "currency":
            return literal(mapping.currency)
        return _fill("value_null", type=_SQL_TYPES[item.type])
    else:
        raw = f"r_{item.name}"
    form = {"zone": literal(mapping.zone), "format": literal(rule.format or ""), "raw": raw}
    if item.name == "currency":
        return _fill("value_currency", raw=raw, default=literal(mapping.currency))
    if item.type == "text":
        return _fill("value_whole" if rule.format == "whole" else "value_text", **form)
    if item.type == "number":
        how = "value_number_comma" if rule.decimal == "," else "value_number_point"
        raws = [raw, *(_added(rule, place) for place in range(len(rule.add)))]
        numbers = [_fill(how, raw=one) for one in raws]
        return numbers[0] if len(numbers) == 1 else f"list_sum([{', '.join(numbers)}])::DECIMAL(28, 8)"
    if item.type == "bool":
        return _fill("value_bool", **form)
    how = rule.format if rule.format in ("epoch_s", "epoch_ms") else "iso" if rule.format in (None, "iso") else "format"
    return _fill(f"value_{item.type}_{how}", **form)


def _added(rule: ColumnRule, place: int) -> str:
    """Name of a raw column that is added to a field's own."""
    return f"r_{rule.field}_{place}"


def _problem(item: Field, rule: ColumnRule | None) -> str:
    if rule is None or item.type == "text":
        return ""
    if item.type in ("instant", "day"):
        return _fill("problem_date", name=item.name, raw=f"r_{item.name}")
    reason = "no_number" if item.type == "number" else "no_flag"
    return _fill("problem_unread", name=item.name, raw=f"r_{item.name}", reason=reason)


def _shown(group: Sequence[str], mapping: FileMapping) -> str:
    """Of a group that is empty, the field that the file has a column for."""
    return next((name for name in group if name in mapping.fields), group[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _not_unique(on: str, doubles: int) -> InputError:
    return InputError(
        "join_not_unique",
        Text("In a joined file “{on}” stands more than once for {doubles} rows.", "In einer verbundenen Datei steht „{on}“ bei {doubles} Zeilen mehrfach.").fill(on=on, doubles=doubles),
        Text("Join a file in which it stands once.", "Eine Datei verbinden, in der es einmal steht."),
    )  # fmt: skip


def _fill(name: str, /, **parts: str) -> str:
    return filled(statements("import_stage")[name], parts)


def _pattern(names: Sequence[str]) -> str:
    """Patterns with `*` as one regular expression; one that nothing fits where there are none."""
    return "|".join(re.escape(name.upper()).replace(r"\*", ".*") for name in names) or "[^\\x00-\\x{10FFFF}]"


def as_text(column: pa.ChunkedArray, rule: ColumnRule | None) -> pa.ChunkedArray:
    """Any column as canonical text: decimal point, ISO dates, whole numbers without decimals where they are names; what
    stands for no value is null."""
    column = _text_of(column, rule)
    if rule is None or not rule.empty:
        return column
    is_empty = pc.is_in(pc.utf8_trim_whitespace(column), value_set=pa.array(rule.empty, pa.string()))
    return pc.if_else(is_empty, pa.scalar(None, pa.string()), column)


def _text_of(column: pa.ChunkedArray, rule: ColumnRule | None) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
        if pc.all(pc.equal(column, pc.round(column))).as_py() and (rule is None or rule.decimal == "."):
            return column.cast(pa.int64(), safe=False).cast(pa.string())
    return column.cast(pa.string())


def slices_of(stage: Stage, path: Path) -> dict[int, int]:
    """Rows of a typed file per slice of the keys."""
    return dict(stage.run("import_stage", "spread_of_file", path=literal(str(path))).fetchall())
