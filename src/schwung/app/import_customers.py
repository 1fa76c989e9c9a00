"""Writes a part of customers: identifiers that belong together, and traits where they say something new."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.import_batch import Part, write_batch
from schwung.app.import_people import claims_of
from schwung.app.import_runs import Counts
from schwung.app.resolve import resolve
from schwung.unify.trait import read_traits

_SLICE = 20_000
_Identifier = tuple[str, str]


def write_customers(part: Part, bounds: tuple[int, int]) -> Counts:
    mapping = part.run.mapping
    part.take()
    rows = part.stage.table("import_rows", "customers")
    places = pa.array(range(rows.num_rows), pa.int64())
    met = pc.coalesce(rows["created_at"], pa.scalar(part.run.started_at, pa.int64()))
    rows = rows.append_column("place", places).append_column("met_at", met)
    claims = claims_of(rows, mapping.source, mapping.country, "met_at")
    states = _states(part, rows, claims)
    counts = Counts(states.count("imported"), states.count("known"), states.count("updated"))
    changed = pa.array([state != "known" for state in states], pa.bool_())
    fresh = claims.filter(changed.take(claims["event_index"].combine_chunks())) if claims.num_rows else claims
    traits = rows.filter(changed)
    build = partial(_build, part, fresh, traits, rows.num_rows)
    write_batch(part, counts, build if counts.imported or counts.updated else None)
    return counts


def _build(part: Part, claims: pa.Table, rows: pa.Table, count: int, batch_no: int) -> Mapping[str, pa.Table]:
    observed = pa.array([part.run.started_at] * rows.num_rows, pa.int64())
    source = pa.array([part.run.mapping.source] * rows.num_rows, pa.string())
    traits = pa.table(
        {"event_index": rows["place"], "traits": rows["traits"], "happened_at": observed, "source": source}
    ).filter(pc.is_valid(rows["traits"]))
    resolve(part.workspace, batch_no, claims, traits, event_count=count)
    return {}


def _states(part: Part, rows: pa.Table, claims: pa.Table) -> list[str]:
    """Per row imported (its strongest identifier is new), updated (it says something new) or known."""
    identifiers: list[list[_Identifier]] = [[] for _ in range(rows.num_rows)]
    for event, kind, value in zip(
        *(claims[name].to_pylist() for name in ("event_index", "kind", "value")), strict=True
    ):
        identifiers[event].append((kind, value))
    ids = _ids(part, {one for some in identifiers for one in some})
    traits = _traits(part, [ids[some[0]] for some in identifiers if some and some[0] in ids])
    source = part.run.mapping.source
    states = []
    said: dict[_Identifier, set[Any]] = {}
    for some, text in zip(identifiers, rows["traits"].to_pylist(), strict=True):
        kept, _ = read_traits(json.loads(text), source) if text else ({}, [])
        content = (frozenset(some), frozenset(kept.items()))
        if some and content in said.setdefault(some[0], set()):
            states.append("known")  # the same row twice in one file
            continue
        if some:
            is_second = bool(said[some[0]])
            said[some[0]].add(content)
        else:
            is_second = False
        head = ids.get(some[0]) if some else None
        if head is None and not is_second:
            states.append("imported")
        else:
            is_same = (
                head is not None and all(one in ids for one in some) and kept.items() <= traits.get(head, {}).items()
            )
            states.append("known" if is_same else "updated")
    return states


def _ids(part: Part, identifiers: set[_Identifier]) -> dict[_Identifier, int]:
    by_kind: dict[str, list[str]] = {}
    for kind, value in identifiers:
        by_kind.setdefault(kind, []).append(value)
    found: dict[_Identifier, int] = {}
    with part.workspace.store.read() as tx:
        for kind, values in by_kind.items():
            for some in _slices(values):
                for row in tx.rows("identity.find", kind=kind, values=some):
                    found[kind, row["value"]] = row["identifier_id"]
    return found


def _traits(part: Part, identifier_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What this source has said of some identifiers: name → JSON."""
    found: dict[int, dict[str, str]] = {}
    with part.workspace.store.read() as tx:
        for some in _slices(sorted(set(identifier_ids))):
            for row in tx.rows("profile.known_traits", identifier_ids=some):
                if row["source"] == part.run.mapping.source:
                    found.setdefault(row["identifier_id"], {})[row["name"]] = row["value"]
    return found


def _slices(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[at : at + _SLICE] for at in range(0, len(values), _SLICE)]
