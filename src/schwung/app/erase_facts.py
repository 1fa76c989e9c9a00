"""Erasure in the lake: facts leave, orders stay under a fresh identifier, what belongs to others stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from schwung.app.facts import Facts, open_facts
from schwung.app.ports import Transaction
from schwung.app.profiles import profile_rows
from schwung.app.wiring import Workspace
from schwung.collect.table import Table
from schwung.core.stable_hash import bucket_of


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """identifier_ids: the person's. customer_ids: every customer that one of them ever belonged to.

    fresh_id: a random number under which the person's orders stay.
    """

    batch_no: int
    customer_id: int
    identifier_ids: tuple[int, ...]
    customer_ids: tuple[int, ...]
    fresh_id: int
    delete_orders: bool

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "ErasurePlan":
        """From its JSON."""
        ids = {name: tuple(stored[name]) for name in ("identifier_ids", "customer_ids")}
        return cls(**{**stored, **ids})


@dataclass(slots=True)
class ErasedFacts:
    """Rows per table. first_at: the oldest moment of the rows that stay under the fresh identifier; None: none do."""

    deleted: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    first_at: int | None = None


def erase_facts(workspace: Workspace, plan: ErasurePlan) -> ErasedFacts:
    """The person's rows go, or are emptied, in every table. May be repeated after a crash at any line."""
    erased = ErasedFacts()
    with open_facts(workspace) as facts:
        tables: Mapping[str, Table] = workspace.lake.tables
        for name, table in tables.items():
            if table.person == "identifier_id" and name != "identities":
                _erase_table(workspace, facts, plan, table, erased)
    with workspace.store.read() as tx:
        profiles = _surviving(tx, plan, erased)
    identities = None
    if erased.first_at is not None:
        fresh = {"identifier_id": [plan.fresh_id], "customer_id": [plan.fresh_id], "version": [plan.batch_no]}
        identities = pa.table(fresh, schema=pa.schema([(name, pa.int64()) for name in fresh]))
    erase = workspace.lake.erase
    ids, customers = list(plan.identifier_ids), list(plan.customer_ids)
    erased.deleted["identities"] = erase("identities", "identifier_id", ids, identities, batch_no=plan.batch_no)
    erased.deleted["profiles"] = erase("profiles", "customer_id", customers, profiles, batch_no=plan.batch_no)
    return erased


def _erase_table(workspace: Workspace, facts: Facts, plan: ErasurePlan, table: Table, erased: ErasedFacts) -> None:
    erase, ids = workspace.lake.erase, list(plan.identifier_ids)
    if table.emptied_by_erasure is None and not table.key:
        erased.deleted[table.name] = erase(table.name, "identifier_id", ids, batch_no=plan.batch_no)
        return
    everything = facts.everything(table.name)
    rows = facts.run(everything.filter(everything["identifier_id"].isin(ids)))
    keeps = table.emptied_by_erasure is not None and not plan.delete_orders
    kept = _emptied(rows, table, plan.fresh_id) if keeps and rows.num_rows else None
    keys = rows[table.key[0]].unique().to_pylist()
    stays = pa.concat_tables([*([kept] if kept is not None else []), *_beside(facts, plan, table, keys, keeps=keeps)])
    # Every version of these rows, under whomever they stood, and versions of rows that are another's by now.
    deleted = erase(table.name, "identifier_id", ids)
    deleted += erase(table.name, table.key[0], keys, stays, batch_no=plan.batch_no)
    if kept is None:
        erased.deleted[table.name] = deleted
    else:
        erased.kept[table.name] = kept.num_rows
        moments = [moment for moment in kept[table.time].to_pylist() if moment is not None] if table.time else []
        erased.first_at = min([*moments, erased.first_at or 2**62]) if moments else erased.first_at


def _beside(facts: Facts, plan: ErasurePlan, table: Table, keys: Sequence[int], *, keeps: bool) -> list[pa.Table]:
    """Other rows of the same things: another person's stay as they are; what nobody signed was about the erased one."""
    everything = facts.everything(table.name)
    if len(table.key) == 1 or not keys:
        return [facts.run(everything.limit(0))]
    owner = everything["identifier_id"]
    rows = facts.run(
        everything.filter(
            everything[table.key[0]].isin(list(keys)), owner.isnull() | ~owner.isin(list(plan.identifier_ids))
        )
    )
    is_nobodys = pa.compute.is_null(rows["identifier_id"])
    nobodys = rows.filter(is_nobodys) if keeps else rows.slice(0, 0)
    return [rows.filter(pa.compute.invert(is_nobodys)), _emptied(nobodys, table, None)]


def _emptied(rows: pa.Table, table: Table, fresh_id: int | None) -> pa.Table:
    """The rows under the fresh identifier, without anything that says who it was. fresh_id None: they stay nobody's."""
    emptied = {*(table.emptied_by_erasure or ()), *table.personal}
    for place, name in enumerate(rows.column_names):
        column = rows.schema.field(name)
        if fresh_id is None and name in ("identifier_id", "bucket"):
            continue
        if name == "identifier_id":
            rows = rows.set_column(place, column, pa.array([fresh_id] * rows.num_rows, pa.int64()))
        elif name == "bucket":
            rows = rows.set_column(place, column, pa.array([bucket_of(fresh_id or 0)] * rows.num_rows, column.type))
        elif name in emptied:
            rows = rows.set_column(place, column, pa.nulls(rows.num_rows, column.type))
    return rows


def _surviving(tx: Transaction, plan: ErasurePlan, erased: ErasedFacts) -> pa.Table:
    """Profiles of customers that shared a profile with the person once and live on; the fresh one's, where orders stay."""
    others = [one for one in plan.customer_ids if one != plan.customer_id]
    rows = profile_rows(tx, others, plan.batch_no)
    rows = rows.filter(pa.compute.invert(rows["is_gone"])) if rows.num_rows else rows
    if erased.first_at is None:
        return rows
    nobody: Mapping[str, Sequence[object]] = {
        "customer_id": [plan.fresh_id],
        "first_seen_at": [erased.first_at],
        "country": [None],
        "language": [None],
        "is_gone": [False],
        "has_objected": [False],
        "traits": [None],
        "version": [plan.batch_no],
    }
    return pa.concat_tables([rows, pa.table(nobody, schema=rows.schema)])
