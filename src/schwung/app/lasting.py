"""What many figures of a page read of each customer, beside the lake: the worker works it out at one snapshot, readers only
what became of customers with newer facts since. Other code, other settings, an erasure: then it counts for nothing."""

import json
import shutil
import uuid
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.facts import Facts, is_bound, moved, open_facts
from schwung.app.kept import is_erased_since
from schwung.app.ports import Build, FileEngine
from schwung.app.test_orders import test_orders
from schwung.app.valuation import valuation_of
from schwung.app.wiring import Workspace
from schwung.app.worked_out import COLUMNS, REFERRAL, WORKED_OUT, orders_with_course, question_of, shape_of, worked_out
from schwung.collect.files import Files
from schwung.core.clock import Instant
from schwung.core.code import code_mark
from schwung.measure.carts import days_of
from schwung.measure.lifecycle import with_course
from schwung.measure.referrals import of_referrals

LASTING = ("channel", "carts", "courses", "order_days", "answers", "worth")
"""Of WORKED_OUT: a customer's rows depend on facts of that customer alone; of `worth`, while nothing is predicted anew."""
_STATES = "cart_states"
"""The same of a cart, for `cart_days`."""
_REFERRALS = "referral_facts"
"""Facts, whosever they are; for `referrals`."""
_FILES = (*LASTING, _STATES, _REFERRALS)
WORTH_IT = 50_000
"""Orders. Fewer are worked out in less than a second."""
_AT_ONCE = 2
"""The one before stays, for those who read it."""
_UNHELD = ("carts", "courses")
"""Of LASTING, what is read once or twice: read where it lies, so that only what is newer is held."""
_FEW = 20_000
"""Identifiers that a statement may name one by one."""
_tried: set[tuple[str, str]] = set()
_ORDERS = "orders"
_TOLD = "made.json"
_MADE, _LATER, _SINCE, _NOW = "made ", "later ", "since", "orders now"
_CARTS, _SEEN, _TOUCHED, _THEIRS = "carts since", "seen", "touched", "theirs"
_THEIR_CARTS, _THEIR_ORDERS = "their carts", "their orders"
_READ = ("events", "orders", "returns", "deliveries", "carts", "answers", "identities", "profiles")


@dataclass(frozen=True)
class Lasting:
    """What lies beside the lake. few: `_SINCE_THEN`, held. files: names of those that were read. value: how `worth` was
    counted."""

    folder: Path
    since: pa.Table
    few: Mapping[str, ir.Table]
    files: Mapping[str, Sequence[str]]
    value: str

    @property
    def touched(self) -> ir.Table:
        return self.few[_TOUCHED]

    def orders(self, facts: Facts) -> AbstractContextManager[ir.Table]:
        """As `orders_with_course`."""

        def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            then, since = facts.over(tables, moment), tables[_SINCE]
            rows = then.table(_ORDERS, customer=True)
            guests = rows.filter(rows.customer_id.isnull(), rows.version > since.batch_no.as_scalar())
            theirs = replace(then, only=tables[_THEIRS]).table(_ORDERS, customer=True)
            fresh = theirs.union(guests).select(*COLUMNS, "customer_id")
            old = tables[_MADE + _ORDERS].anti_join(tables[_TOUCHED], "customer_id")
            old = old.anti_join(fresh.select("order_key"), "order_key")
            return _both(old, with_course(fresh, question_of(then)))

        return facts.keep(_ORDERS, ("orders since", *shape_of(facts)), build, self._given(facts))

    def worked_out(self, facts: Facts, what: str) -> AbstractContextManager[ir.Table]:
        """As `worked_out.worked_out`."""
        if what == "cart_days":
            return self._cart_days(facts)
        if what == "referrals":
            return self._referrals(facts)
        if what not in LASTING or (what == "worth" and not self._is_valued(facts)):
            return worked_out(facts, what)

        def newer(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            near = ChainMap(_near(tables, what), cast(dict[str, ir.Table], tables))
            rows = WORKED_OUT[what](replace(facts.over(near, moment), only=tables[_THEIRS]))
            return _like(tables[_MADE + what], rows)

        def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            fresh, old = newer(tables, moment), tables[_MADE + what]
            if "customer_id" in old.columns:
                old = old.anti_join(tables[_TOUCHED], "customer_id")
            else:
                theirs = tables[_NOW].semi_join(tables[_TOUCHED], "customer_id").select("order_key")
                old = old.anti_join(theirs, "order_key")
            return _both(old, fresh)

        given = {**self._given(facts), _NOW: facts.kept[_ORDERS], **self._events(facts, what)}
        shape = what, "since", *shape_of(facts), *facts.kept
        if what not in _UNHELD:
            return facts.keep(what, shape, build, given)
        return self._amended(facts, what, facts.keep(what, shape, newer, given))

    def _is_valued(self, facts: Facts) -> bool:
        """Whether `worth` is still counted in the same way, by the same predictions."""
        is_same = set(_names(facts, "predictions")) == set(self.files.get("predictions", ()))
        return is_same and repr(valuation_of(facts)) == self.value

    @contextmanager
    def _amended(self, facts: Facts, what: str, fresh: AbstractContextManager[ir.Table]) -> Iterator[ir.Table]:
        path, engine = self.folder / f"{what}.parquet", cast(FileEngine, facts.engine)
        with fresh as rows, ExitStack() as stack:
            try:
                both = stack.enter_context(engine.amended(path, self.touched, rows))
            except FileNotFoundError as error:
                raise moved() from error
            yield both

    def _cart_days(self, facts: Facts) -> AbstractContextManager[ir.Table]:
        def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            fresh = WORKED_OUT[_STATES](facts.over(tables, moment))
            return days_of(_both(tables[_MADE + _STATES].anti_join(tables["carts"], "cart_key"), fresh))

        given = {**self._given(facts), "carts": self.few[_CARTS]}
        return facts.keep("cart_days", ("cart days since", *shape_of(facts), *facts.kept), build, given)

    def _referrals(self, facts: Facts) -> AbstractContextManager[ir.Table]:
        def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            fresh = of_referrals(facts.known("events", _newer_events(tables), moment)).select(*REFERRAL)
            rows = _both(tables[_MADE + _REFERRALS].anti_join(fresh, "event_no"), fresh)
            owners = tables["identities"].select("identifier_id", "customer_id")
            rows = rows.left_join(owners, "identifier_id")
            return rows.select("customer_id", "name", "happened_at", "order_id")

        given = {**self._given(facts), **_later(facts, self.files)}
        return facts.keep("referrals", ("referrals since", *shape_of(facts), *facts.kept), build, given)

    def _events(self, facts: Facts, what: str) -> dict[str, ir.Table | pa.Table]:
        """Those of few people, asked for by their numbers: of the others only these are read."""
        if what != "channel":
            return {}
        ids = facts.run(self.few[_THEIRS].select("identifier_id"))["identifier_id"].to_pylist()
        return {"events": facts.in_buckets("events", ids, only=True)} if 0 < len(ids) <= _FEW else {}

    def _given(self, facts: Facts) -> dict[str, ir.Table | pa.Table]:
        return {**_files(facts, self.folder), _SINCE: self.since, **self.few}


def _both(old: ir.Table, fresh: ir.Table) -> ir.Table:
    return old.union(_like(old, fresh))


def _like(old: ir.Table, fresh: ir.Table) -> ir.Table:
    """In the types of the file, which are those of the engine."""
    return fresh.select(old.columns).cast(dict(old.schema().items()))


def _near(tables: Mapping[str, ir.Table], what: str) -> dict[str, ir.Table]:
    """Facts that name no customer, of the carts and orders of those touched only: the fewer are joined, the quicker."""
    if what == "carts":
        return {"carts": tables["carts"].semi_join(tables[_THEIR_CARTS], "cart_key")}
    if what == "courses":
        return {name: tables[name].semi_join(tables[_THEIR_ORDERS], "order_key") for name in ("deliveries", "returns")}
    return {}


@contextmanager
def lasting(facts: Facts) -> Iterator[Lasting | None]:
    """What lies beside the lake and still helps; None: all is to be worked out. facts: without any that are kept."""
    found = _newest(facts)
    if found is None:
        yield None
        return
    folder, told = found
    with ExitStack() as stack:
        since = pa.table({name: pa.array([told[name]], pa.int64()) for name in ("batch_no", "event_no")})
        given = {_SINCE: since, **_files(facts, folder), **_later(facts, told["files"])}
        few: dict[str, ir.Table] = {}
        for name, build in _SINCE_THEN.items():
            few[name] = stack.enter_context(facts.keep(name, ("since", name), build, {**given, **few}))
        yield Lasting(folder, since, few, told["files"], told["value"])


def _files(facts: Facts, folder: Path) -> dict[str, ir.Table | pa.Table]:
    """For the reader that asks."""
    engine = cast(FileEngine, facts.engine)
    try:
        return {_MADE + name: engine.saved(folder / f"{name}.parquet") for name in (_ORDERS, *_FILES)}
    except FileNotFoundError as error:  # an erasure took them away
        raise moved() from error


def _later(facts: Facts, known: Mapping[str, Sequence[str]]) -> dict[str, ir.Table | pa.Table]:
    """Rows of files that came since: only they can hold newer facts, and older ones beside them."""
    found: dict[str, ir.Table | pa.Table] = {}
    for name in _READ:
        files, before = facts.listed.get(name, Files()), set(known.get(name, ()))
        later = tuple(path for path in _paths(files) if Path(path).name not in before)
        found[_LATER + name] = facts.engine.table(Files(later), facts.workspace.lake.tables[name])
    return found


def _names(facts: Facts, name: str) -> list[str]:
    return [Path(path).name for path in _paths(facts.listed.get(name, Files()))]


def _paths(files: Files) -> tuple[str, ...]:
    return (*files.base, *files.tail)


def make_lasting(workspace: Workspace) -> bool:
    """Work it out at the newest snapshot, in the place of what was there. False where there is nothing to work out."""
    with open_facts(workspace, lone=True) as facts, ExitStack() as stack:
        if facts.engine.name != "duckdb" or _ORDERS not in facts.listed or _is_told(facts) or _knows_the_future(facts):
            return False
        into = _folder(workspace) / f"{_mark(facts)}-{facts.snapshot_no:012}"
        beside = into.with_name(uuid.uuid4().hex)
        beside.mkdir(parents=True)
        try:
            orders = stack.enter_context(orders_with_course(facts))
            engine = cast(FileEngine, facts.engine)
            engine.write(orders, beside / f"{_ORDERS}.parquet")
            with_orders = replace(facts, kept={_ORDERS: orders})
            for what in _FILES:
                with worked_out(with_orders, what) as rows:
                    engine.write(rows, beside / f"{what}.parquet")
            told = {
                "files": {name: _names(facts, name) for name in facts.listed}, "value": repr(valuation_of(facts)),
                "batch_no": facts.snapshot_no, "event_no": _last_event(facts), "as_of": facts.as_of,
            }  # fmt: skip
            (beside / _TOLD).write_text(json.dumps(told))
            shutil.rmtree(into, ignore_errors=True)
            beside.rename(into)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        found = sorted(_folder(workspace).iterdir(), key=lambda path: path.stat().st_mtime)
        for other in found[:-_AT_ONCE]:
            shutil.rmtree(other, ignore_errors=True)
        read = [Path(path) for files in facts.listed.values() for path in _paths(files)]
        if is_erased_since(workspace, facts.snapshot_no) or not all(path.exists() for path in read):
            shutil.rmtree(into, ignore_errors=True)  # rows were deleted while they were worked out
    return into.exists()


def make_due(workspace: Workspace, *, only_missing: bool = False) -> bool:
    """`make_lasting` where it saves more than it costs. only_missing: where none is of this code and these settings; tried
    once a process."""
    if workspace.settings.lake.engine == "spark":
        return False
    with open_facts(workspace) as facts:
        tried = str(workspace.folder), _mark(facts)
        if _ORDERS not in facts.listed or (only_missing and (tried in _tried or _newest(facts) is not None)):
            return False
        if not _is_worth_it(facts):
            return False
        _tried.add(tried)
    return make_lasting(workspace)


def is_worth_it(workspace: Workspace) -> bool:
    with open_facts(workspace) as facts:
        return facts.engine.name == "duckdb" and _ORDERS in facts.listed and _is_worth_it(facts)


def _is_worth_it(facts: Facts) -> bool:
    orders = facts.everything(_ORDERS)
    return int(facts.run(orders.aggregate(n=orders.count()))["n"][0].as_py()) >= WORTH_IT


def _newest(facts: Facts) -> tuple[Path, dict[str, Any]] | None:
    if facts.engine.name != "duckdb" or _is_told(facts):
        return None
    for path in sorted(_folder(facts.workspace).glob(f"{_mark(facts)}-*"), reverse=True):
        if not all((path / name).exists() for name in (_TOLD, *(f"{one}.parquet" for one in (_ORDERS, *_FILES)))):
            continue  # emptied meanwhile
        told = json.loads((path / _TOLD).read_text())
        is_before = told["batch_no"] <= facts.snapshot_no and told["as_of"] <= facts.as_of
        if is_before and not is_erased_since(facts.workspace, told["batch_no"]):
            return path, told
    return None


def _is_told(facts: Facts) -> bool:
    """Whether facts say what the store or the settings tell: rates, rules for test orders."""
    return is_bound(facts) or test_orders(facts.workspace, facts.snapshot_no) is not None


def _folder(workspace: Workspace) -> Path:
    return workspace.beside_lake("_worked_out")


def _mark(facts: Facts) -> str:
    return sha256(f"{code_mark()} {shape_of(facts)}".encode()).hexdigest()[:16]


def _last_event(facts: Facts) -> int:
    """The highest number of an event up to which the snapshot holds all of them."""
    events = facts.everything("events")
    newest = facts.run(events.aggregate(event_no=events.event_no.max()))["event_no"][0].as_py() or 0
    with facts.workspace.store.read() as tx:
        beyond = tx.value("mirror.first_beyond", batch_no=facts.snapshot_no)
    return int(newest if beyond is None else min(newest, beyond - 1))


def _knows_the_future(facts: Facts) -> bool:
    """Facts that `as of` hides become visible without being new."""
    later = [
        rows.filter(rows[declared.time] > facts.as_of).aggregate(n=ibis._.count())
        for name, declared in facts.workspace.lake.tables.items()
        if declared.time is not None and name in facts.listed
        for rows in (facts.everything(name),)
    ]
    return any(facts.run(ibis.union(*later, distinct=False))["n"].to_pylist())


def _since(tables: Mapping[str, ir.Table], name: str) -> ir.Table:
    rows = tables[_LATER + name]
    return rows.filter(rows.version > tables[_SINCE].batch_no.as_scalar())


def _newer_events(tables: Mapping[str, ir.Table]) -> ir.Table:
    events = tables[_LATER + "events"]
    return events.filter(events.event_no > tables[_SINCE].event_no.as_scalar())


def _newer_orders(tables: Mapping[str, ir.Table]) -> ir.Table:
    """Their keys."""
    told = (_since(tables, name).select("order_key") for name in (_ORDERS, "returns", "deliveries"))
    return ibis.union(*told, distinct=True)


def _carts(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    """All rows of carts of which more is known since."""
    return tables["carts"].semi_join(_since(tables, "carts").select("cart_key").distinct(), "cart_key")


def _seen(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    """Identifiers that carry a newer fact."""
    orders = _newer_orders(tables)
    return ibis.union(
        tables[_ORDERS].semi_join(orders, "order_key").select("identifier_id"),
        tables[_CARTS].select("identifier_id"),
        _newer_events(tables).select("identifier_id"),
        _since(tables, "returns").select("identifier_id"),
        _since(tables, "answers").select("identifier_id"),
        _since(tables, "identities").select("identifier_id"),
        distinct=True,
    )


def _newer(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    """Customers with a newer fact: now, and by what lies there."""
    orders, made = _newer_orders(tables), tables[_MADE + _ORDERS]
    found = ibis.union(
        tables["identities"].semi_join(tables[_SEEN], "identifier_id").select("customer_id"),
        _since(tables, "profiles").select("customer_id"),
        made.semi_join(orders, "order_key").select("customer_id"),
        made.semi_join(_since(tables, "identities"), "identifier_id").select("customer_id"),
        tables[_MADE + "answers"].semi_join(_since(tables, "answers"), "answer_key").select("customer_id"),
        tables[_MADE + "carts"].semi_join(tables[_CARTS], "cart_key").select("customer_id"),
        distinct=True,
    )
    return found.filter(found.customer_id.notnull())


def _theirs(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    identities = tables["identities"].semi_join(tables[_TOUCHED], "customer_id")
    return identities.select("identifier_id", "customer_id")


def _their_carts(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    return tables["carts"].semi_join(tables[_THEIRS], "identifier_id").select("cart_key").distinct()


def _their_orders(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    return tables[_ORDERS].semi_join(tables[_THEIRS], "identifier_id").select("order_key")


_SINCE_THEN: Mapping[str, Build] = {
    _CARTS: _carts,
    _SEEN: _seen,
    _TOUCHED: _newer,
    _THEIRS: _theirs,
    _THEIR_CARTS: _their_carts,
    _THEIR_ORDERS: _their_orders,
}
"""Who has facts since, and what is theirs, each by those before it. Each is few rows, and held: so the engine knows that they
are few, and what it looks for in all others."""
