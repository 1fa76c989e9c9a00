"""Writes a part of customers: identifiers that belong together, and traits where they say something new."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.import_batch import Part, write_batch
from schwung.app.import_people import claims_of, move_first_seen
from schwung.app.import_runs import Counts
from schwung.app.resolve import resolve
from schwung.unify.trait import read_traits

_SLICE = 20_000
_Identifier = tuple[str, str]


@dataclass(slots=True)
class _Row:
    """One row. Without an identifier it is nobody's and says nothing."""

    identifiers: list[_Identifier] = field(default_factory=list)
    traits: dict[str, str] = field(default_factory=dict)
    state: str = "known"
    is_told: bool = False

    @property
    def head(self) -> _Identifier | None:
        return self.identifiers[0] if self.identifiers else None


def write_customers(part: Part) -> Counts:
    mapping = part.run.mapping
    part.take()
    rows = part.stage.table("import_rows", "customers").sort_by("line")
    places = pa.array(range(rows.num_rows), pa.int64())
    met = pc.coalesce(rows["created_at"], pa.scalar(part.run.started_at, pa.int64()))
    rows = rows.append_column("place", places).append_column("met_at", met)
    claims = claims_of(rows, mapping.source, mapping.country, "met_at")
    states, changed = _states(part, rows, claims)
    counts = Counts(states.count("imported"), states.count("known"), states.count("updated"))
    fresh = claims.filter(changed.take(claims["event_index"].combine_chunks())) if claims.num_rows else claims
    build = partial(_build, part, fresh, rows.filter(changed), rows.num_rows)
    write_batch(part, counts, build if counts.imported or counts.updated else None)
    return counts


def _build(part: Part, claims: pa.Table, rows: pa.Table, count: int, batch_no: int) -> Mapping[str, pa.Table]:
    observed = pa.array([part.run.started_at] * rows.num_rows, pa.int64())
    source = pa.array([part.run.mapping.source] * rows.num_rows, pa.string())
    traits = pa.table(
        {"event_index": rows["place"], "traits": rows["traits"], "happened_at": observed, "source": source}
    ).filter(pc.is_valid(rows["traits"]))
    found = resolve(part.workspace, batch_no, claims, traits, event_count=count)
    move_first_seen(part.workspace, batch_no, found.identifier_of[rows["place"].to_numpy()], rows["met_at"])
    return {}


def _states(part: Part, rows: pa.Table, claims: pa.Table) -> tuple[list[str], pa.Array]:
    """Per row imported (its strongest identifier is new), updated (it says something new) or known; and whether it is
    to be told to unify: all rows of a person are, in their order, where one of them says something new."""
    said = [_Row() for _ in range(rows.num_rows)]
    for event, kind, value in zip(
        *(claims[name].to_pylist() for name in ("event_index", "kind", "value")), strict=True
    ):
        said[event].identifiers.append((kind, value))
    for row, text in zip(said, rows["traits"].to_pylist(), strict=True):
        row.traits = read_traits(json.loads(text), part.run.mapping.source)[0] if text else {}
    ids = _ids(part, {one for row in said for one in row.identifiers})
    stored = _traits(part, [ids[row.head] for row in said if row.head and row.head in ids])
    by_head: dict[_Identifier | None, list[_Row]] = {}
    for row in said:
        by_head.setdefault(row.head, []).append(row)
    for head, some in by_head.items():
        _judge(some, head, ids, stored.get(ids.get(head, 0), {}) if head else {})
    return [row.state for row in said], pa.array([row.is_told for row in said], pa.bool_())


def _judge(
    some: Sequence["_Row"], head: _Identifier | None, ids: Mapping[_Identifier, int], stored: Mapping[str, str]
) -> None:
    """Rows of one person. What they say together is what their last word on each trait is."""
    together = {name: value for row in some for name, value in row.traits.items()}
    if head is None or (
        all(one in ids for row in some for one in row.identifiers) and together.items() <= stored.items()
    ):
        return
    seen: list[tuple[list[_Identifier], dict[str, str]]] = []
    for row in some:
        row.is_told = True
        if (row.identifiers, row.traits) in seen:
            continue
        if head not in ids:
            row.state = "updated" if seen else "imported"
        elif not (all(one in ids for one in row.identifiers) and row.traits.items() <= stored.items()):
            row.state = "updated"
        seen.append((row.identifiers, row.traits))


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
