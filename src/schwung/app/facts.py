"""Facts for readers: all tables at one published snapshot, the customer decided at query time, nothing after `as of`."""

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.ports import Build, Engine, EngineName
from schwung.app.publish import Snapshot, newest_snapshot
from schwung.app.rates import Rate, convert, rates
from schwung.app.test_orders import test_orders
from schwung.app.wiring import Workspace, frugal_engine, lone_engine, sql_engine
from schwung.collect.files import Files
from schwung.collect.table import Table
from schwung.core.clock import SECOND, Instant
from schwung.core.errors import InputError, OutsideError, SetupError
from schwung.core.period import start_of
from schwung.core.stable_hash import bucket_of
from schwung.core.text import Text
from schwung.measure.scope import AtHand, TableOf

Asked = TypeVar("Asked")
_TRIES = 5
_KEPT, _WORKED_OUT = "kept ", "worked out "


class Remembered(dict[Hashable, Any]):
    """What was worked out of a snapshot. making: held by who works something out, so that who asks meanwhile waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self._making: dict[Hashable, threading.Lock] = {}

    def making(self, what: Hashable) -> threading.Lock:
        return self._making.setdefault(what, threading.Lock())


@dataclass(frozen=True)
class Facts:
    """What a reader may ask of one snapshot.

    as_of: the moment for which numbers hold.
    kept: what `table(name, customer=True)` gave, of some columns only, at hand in memory.
    remembered: what was worked out of this snapshot and is asked for often. worked_out: tables that many figures read, by
    name (`worked_out.WORKED_OUT`). only: customers to whom rows with a customer are confined, with all their identifiers.
    """

    workspace: Workspace
    engine: Engine
    snapshot: Snapshot | None
    as_of: Instant
    listed: Mapping[str, Files]
    rates: Sequence[Rate] = ()
    kept: Mapping[str, ir.Table] = field(default_factory=dict)
    remembered: Remembered = field(default_factory=Remembered)
    worked_out: AtHand | None = None
    only: ir.Table | None = None
    _opened: dict[str | tuple[str, str], ir.Table] = field(default_factory=dict)
    _given: Mapping[str, ir.Table] | None = None

    @property
    def zone(self) -> str:
        return self.workspace.settings.workspace.zone

    @property
    def currency(self) -> str:
        return self.workspace.settings.workspace.currency

    @property
    def snapshot_no(self) -> int:
        """Batch of the snapshot; 0 before the first."""
        return 0 if self.snapshot is None else self.snapshot.batch_no

    def table(self, name: str, *, customer: bool = False) -> ir.Table:
        """A fact table up to `as_of`, amounts in the reporting currency where there is a rate.

        customer=True adds `customer_id`, null for guests, by the newest identities.
        """
        if name in self.kept:
            rows = self.kept[name] if self._given is None else self._given[_KEPT + name]
            if not customer:
                return rows.drop("customer_id")
            return rows if self.only is None else rows.semi_join(self.only, "customer_id")
        declared, rows = self._declared(name), self._raw(name)
        if customer and self.only is not None and declared.person == "identifier_id":
            rows = rows.semi_join(self.only, "identifier_id")
        return self._of(name, self._converted(declared, rows), customer)

    @property
    def at_hand(self) -> AtHand | None:
        """`worked_out`, in the place of which `over` may have put others; None where nothing is at hand."""
        given, worked_out = self._given, self.worked_out
        if given is None or worked_out is None:
            return worked_out
        return lambda what: None if worked_out(what) is None else given[_WORKED_OUT + what]

    def over(self, tables: Mapping[str, ir.Table], moment: Instant) -> "Facts":
        """The same with other tables in the place of its own, at another moment: for `build` of `prepared`."""
        return replace(self, as_of=moment, _given=tables)

    def unkept(self) -> "Facts":
        """The same with all columns of all tables."""
        return replace(self, kept={})

    def _of(self, name: str, rows: ir.Table, customer: bool) -> ir.Table:
        declared = self._declared(name)
        if declared.time is not None:
            rows = rows.filter(rows[declared.time] <= self.as_of)
        return self._with_customer(rows) if customer and declared.person == "identifier_id" else rows

    def shown(self, name: str) -> ir.Table:
        """As people and notebooks see it: up to `as_of`, amounts as stated, `customer_id`, instants as UTC timestamps."""
        rows = self._of(name, self._raw(name), customer=True)
        return rows.mutate(**{column: as_timestamp(rows[column]) for column in rows.columns if column.endswith("_at")})

    def everything(self, name: str, *, marked: bool = False, since: int | None = None) -> ir.Table:
        """A fact table whatever `as_of` says: for writers and checks, not for figures. marked: test orders are cancelled.

        since: rows of later batches, from the files that hold some; earlier rows may be among them.
        """
        declared = self._declared(name)
        if since is None:
            return self._raw(name, marked=marked)
        version = None if self.snapshot is None else self.snapshot.tables.get(name)
        files = Files() if version is None else self.workspace.lake.files(name, version, since=since)
        rows = _open(self, files, declared)
        return _marked(self, name, rows) if marked else rows

    def run(self, expression: ir.Table) -> pa.Table:
        """The rows. OutsideError when an erasure took the files away meanwhile: ask again."""
        return self._asked(lambda: self.engine.run(expression))

    def _asked(self, ask: Callable[[], Asked]) -> Asked:
        try:
            return ask()
        except Exception as error:
            if any(
                text in str(error) for text in ("No files found", "Cannot open file", "FileNotFound", "does not exist")
            ):
                raise moved() from error
            if "Out of Memory" in str(error):
                raise SetupError(
                    "memory_short",
                    Text(
                        en="The engine's memory is too small for this question.",
                        de="Der Speicher der Engine ist für diese Frage zu klein.",
                    ),
                    Text(
                        en="Give it more: lake.memory in schwung.toml, then restart.",
                        de="Mehr zuteilen: lake.memory in schwung.toml, danach neu starten.",
                    ),
                ) from error
            raise

    def in_buckets(self, name: str, identifier_ids: Sequence[int], *, only: bool = False) -> ir.Table:
        """A fact table from the files that may hold rows of some identifiers; others' rows are among them, unless `only`
        (for few identifiers)."""
        declared = self._declared(name)
        version = None if self.snapshot is None else self.snapshot.tables.get(name)
        if version is None or declared.person != "identifier_id":
            return self._raw(name)
        buckets = sorted({bucket_of(identifier_id) for identifier_id in identifier_ids})
        files = self.workspace.lake.files(name, version, buckets)
        return _marked(self, name, _open(self, files, declared, identifier_ids if only else ()))

    def known(self, name: str, rows: ir.Table, moment: Instant) -> ir.Table:
        """Rows of a fact table up to a moment, amounts in the reporting currency where there is a rate."""
        declared = self._declared(name)
        rows = self._converted(declared, rows)
        return rows if declared.time is None else rows.filter(rows[declared.time] <= moment)

    def prepared(
        self,
        shape: Hashable,
        build: Build,
        tables: Mapping[str, ir.Table | pa.Table] | None = None,
        like: Instant | None = None,
        moment: Instant | None = None,
    ) -> pa.Table:
        """Rows of `build(tables, as_of)`, for what is asked again and again: see `ports.Engine.prepared`.

        Beside `tables`, `build` may read all fact tables, by way of `over`. moment: another than `as_of`.
        """
        given, moment = _Tables(self, tables or {}), self.as_of if moment is None else moment
        if is_bound(self):
            return self.run(build(given, moment))
        if test_orders(self.workspace, self.snapshot_no) is not None:
            shape = (shape, "marked")  # orders have a column more
        return self._asked(lambda: self.engine.prepared(shape, build, given, moment, like))

    @contextmanager
    def keep(
        self, name: str, shape: Hashable, build: Build, tables: Mapping[str, ir.Table | pa.Table] | None = None
    ) -> Iterator[ir.Table]:
        """Rows of `build(tables, as_of)` as a table for all sessions while the context lasts; see `prepared`."""
        given = _Tables(self, tables or {})
        if is_bound(self):
            kept = self._asked(lambda: self.engine.keep(build(given, self.as_of), name))
        else:
            shape = (shape, test_orders(self.workspace, self.snapshot_no) is not None)
            kept = self.engine.keep_prepared(name, shape, build, given, self.as_of, self.as_of)
        with ExitStack() as stack:
            yield self._asked(lambda: stack.enter_context(kept))

    def _declared(self, name: str) -> Table:
        tables = self.workspace.lake.tables
        if name not in tables:
            raise InputError(
                "unknown_table",
                Text(en="There is no table named “{name}”.", de="Eine Tabelle „{name}“ gibt es nicht.").fill(name=name),
                Text(en="Known: {names}.", de="Bekannt: {names}.").fill(names=", ".join(tables)),
            )
        return tables[name]

    def _raw(self, name: str, *, marked: bool = True) -> ir.Table:
        if self._given is not None:
            return self._given[name]
        if name not in self._opened:
            self._opened[name] = _open(self, self.listed.get(name, Files()), self.workspace.lake.tables[name])
        if not marked:
            return self._opened[name]
        if (name, "marked") not in self._opened:
            self._opened[name, "marked"] = _marked(self, name, self._opened[name])
        return self._opened[name, "marked"]

    def _converted(self, declared: Table, rows: ir.Table) -> ir.Table:
        return convert(rows, declared, self.engine, self.rates, self.currency, self.zone)

    def _with_customer(self, rows: ir.Table) -> ir.Table:
        owners = self._raw("identities") if self.only is None else self.only
        owners = owners.select("identifier_id", "customer_id")
        return rows.left_join(owners, "identifier_id").drop("identifier_id_right")


def _open(facts: Facts, files: Files, declared: Table, people: Sequence[int] = ()) -> ir.Table:
    return facts._asked(lambda: facts.engine.table(files, declared, people))


def _marked(facts: Facts, name: str, rows: ir.Table) -> ir.Table:
    """Of orders those that are tests are cancelled: as a view, so that statements over it can be kept."""
    tests = test_orders(facts.workspace, facts.snapshot_no) if name == "orders" else None
    return rows if tests is None else facts.engine.view(tests.mark(rows), name)


def moved() -> OutsideError:
    """Files are not where they were listed."""
    return OutsideError(
        "facts_moved",
        Text(en="The facts were rewritten while they were read.", de="Die Fakten wurden beim Lesen neu geschrieben."),
        Text(en="Try again.", de="Erneut versuchen."),
    )


def is_bound(facts: Facts) -> bool:
    """Whether tables hold what the store says, so that no statement can be kept."""
    return bool(facts.rates)


class _Tables(Mapping[str, Any]):
    """What a prepared statement may read, opened when it is asked for: given tables, kept ones, those of the lake."""

    def __init__(self, facts: Facts, given: Mapping[str, ir.Table | pa.Table]) -> None:
        self._facts, self._given = facts, given

    def __getitem__(self, name: str) -> Any:
        if name in self._given:
            rows = self._given[name]
            return (
                self._facts.engine.memtable(rows, name)
                if is_bound(self._facts) and isinstance(rows, pa.Table)
                else rows
            )
        what = name.removeprefix(_WORKED_OUT)
        if what != name and self._facts.worked_out is not None:
            return self._facts.worked_out(what)
        kept = name.removeprefix(_KEPT)
        return self._facts.kept[kept] if kept != name else self._facts._raw(name)

    def __iter__(self) -> Iterator[str]:
        return iter((*self._given, *(_KEPT + name for name in self._facts.kept), *self._facts.workspace.lake.tables))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@contextmanager
def open_facts(
    workspace: Workspace, engine: EngineName | None = None, *, frugal: bool = False, lone: bool = False
) -> Iterator[Facts]:
    """Facts at the newest snapshot, while the context lasts. frugal: for long work beside all other; lone: with memory."""
    snapshot, listed, known = newest(workspace)
    made = frugal_engine if frugal else lone_engine if lone else None
    reader = made(workspace) if made else workspace.engine(engine)
    try:
        yield Facts(workspace, reader, snapshot, as_of(workspace, snapshot), listed, known)
    finally:
        reader.close()


def without_erased(facts: Facts) -> TableOf:
    """Fact tables in which orders that stayed when a person was erased are nobody's, and so are the identifiers of such."""
    gone = erased(facts)

    def table(name: str, customer: bool) -> ir.Table:
        rows = facts.table(name, customer=customer)
        if not gone or not (customer or name == "identities"):
            return rows
        return rows.mutate(customer_id=rows.customer_id.isin(gone).ifelse(None, rows.customer_id))

    return table


def erased(facts: Facts) -> tuple[int, ...]:
    """Numbers under which facts of erased persons stay."""
    with facts.workspace.store.read() as tx:
        return tuple(row["identifier_id"] for row in tx.rows("person.erased"))


def as_timestamp(at: ir.IntegerValue) -> ir.TimestampValue:
    """An instant as a UTC timestamp, to the microsecond, on every engine."""
    whole = (at // SECOND).as_timestamp("s")
    return (whole + (at % SECOND).as_interval("us")).cast(ibis.dtype("timestamp('UTC')"))


_CATALOGUE = ("information_schema", "duckdb_", "pg_", "show", "query")
"""What a query may learn of tables from that it does not name."""


def query(workspace: Workspace, sql: str) -> pa.Table:
    """Rows of one SELECT over the fact tables as `Facts.shown` has them. InputError for what is no such thing."""
    snapshot, listed, _ = newest(workspace)
    tables, written = workspace.lake.tables, sql.lower()
    asks_for_tables = any(word in written for word in _CATALOGUE)
    named = (
        [] if asks_for_tables else [name for name in tables if name in written]
    )  # each other one would only cost time
    engine = sql_engine(workspace)
    try:
        facts = Facts(workspace, engine, snapshot, as_of(workspace, snapshot), listed)
        engine.confine({name: facts.shown(name) for name in named or tables}, listed.values())
        return engine.query(sql)
    except ValueError as error:
        raise InputError(
            "query_wrong",
            Text(en="The query cannot be run: {why}.", de="Die Abfrage ist nicht ausführbar: {why}.").fill(
                why=str(error).rstrip(".")
            ),
            Text(en="Tables: {names}.", de="Tabellen: {names}.").fill(names=", ".join(workspace.lake.tables)),
        ) from error
    finally:
        engine.close()


def newest(workspace: Workspace) -> tuple[Snapshot | None, dict[str, Files], list[Rate]]:
    """The newest snapshot, its files, the exchange rates; read again where folding just replaced the snapshot."""
    for left in reversed(range(_TRIES)):
        with workspace.store.read() as tx:
            snapshot, known = newest_snapshot(tx), rates(tx)
        if snapshot is None:
            return None, {}, known
        try:
            files = {name: workspace.lake.files(name, version) for name, version in snapshot.tables.items()}
            return snapshot, files, known
        except FileNotFoundError:
            if not left:
                raise
    raise AssertionError("unreachable")


def as_of(workspace: Workspace, snapshot: Snapshot | None) -> Instant:
    """The moment for which numbers hold, by the setting: now, the newest fact, or the end of a day."""
    setting = workspace.settings.workspace.as_of
    if setting == "now":
        return workspace.clock()
    if setting == "last_fact":
        newest = snapshot.last_fact_at if snapshot else None
        return workspace.clock() if newest is None else newest
    return start_of(date.fromisoformat(setting) + timedelta(days=1), workspace.settings.workspace.zone) - 1
