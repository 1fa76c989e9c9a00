"""Lake rows about who is who: the identities and profiles that a batch changed."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.unify.trait import Observation, latest

_SLICE = 20_000
_IDENTITIES = pa.schema([("identifier_id", pa.int64()), ("customer_id", pa.int64()), ("version", pa.int64())])
_PROFILES = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("first_seen_at", pa.int64()),
        ("country", pa.string()),
        ("language", pa.string()),
        ("is_gone", pa.bool_()),
        ("has_objected", pa.bool_()),
        ("traits", pa.string()),
        ("version", pa.int64()),
    ]
)


def identity_rows(tx: Transaction, batch_no: int) -> pa.Table:
    """Identifiers that are new or moved since the snapshot before this batch, in the shape of `identities`."""
    rows = tx.rows("identity.changed", batch_no=batch_no)
    return _identities(rows, batch_no)


def _identities(rows: list[dict[str, Any]], version: int) -> pa.Table:
    ids = np.fromiter((row["identifier_id"] for row in rows), np.int64, len(rows))
    customers = np.fromiter((row["customer_id"] for row in rows), np.int64, len(rows))
    return pa.table([ids, customers, np.full(len(rows), version, np.int64)], schema=_IDENTITIES)


def profile_rows(tx: Transaction, customer_ids: Iterable[int], batch_no: int) -> pa.Table:
    """The profiles of some customers as they are now, in the shape of `profiles`.

    A customer without identifiers went into another one or was erased: `is_gone`.
    """
    ids = sorted(set(customer_ids))
    parts = [_profiles(tx, ids[at : at + _SLICE], batch_no) for at in range(0, len(ids), _SLICE)]
    return pa.concat_tables(parts) if parts else _PROFILES.empty_table()


def touched_customers(tx: Transaction, batch_no: int) -> list[int]:
    """Customers whose profile changed up to this batch and is not published yet."""
    return [row["customer_id"] for row in tx.rows("identity.touched", batch_no=batch_no)]


def changed_tables(tx: Transaction, batch_no: int) -> dict[str, pa.Table]:
    """What a batch has to publish about who is who: rows of `identities` and `profiles`."""
    return {
        "identities": identity_rows(tx, batch_no),
        "profiles": profile_rows(tx, touched_customers(tx, batch_no), batch_no),
    }


def _profiles(tx: Transaction, ids: list[int], batch_no: int) -> pa.Table:
    first_seen = {row["customer_id"]: row["first_seen_at"] for row in tx.rows("profile.first_seen", customer_ids=ids)}
    objected = {row["customer_id"] for row in tx.rows("profile.objected", customer_ids=ids)}
    traits = traits_of(tx, ids)
    found = [traits.get(customer, {}) for customer in ids]
    return pa.table(
        [
            pa.array(ids, pa.int64()),
            pa.array([first_seen.get(customer, 0) for customer in ids], pa.int64()),
            pa.array([_short(one.get("country")) for one in found], pa.string()),
            pa.array([_short(one.get("language")) for one in found], pa.string()),
            pa.array([customer not in first_seen for customer in ids], pa.bool_()),
            pa.array([customer in objected for customer in ids], pa.bool_()),
            pa.array([json.dumps(one, ensure_ascii=False) if one else None for one in found], pa.string()),
            pa.array([batch_no] * len(ids), pa.int64()),
        ],
        schema=_PROFILES,
    )


def traits_of(tx: Transaction, customer_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Per customer its traits: name → value of the latest observation. Customers without traits are left out."""
    seen: dict[int, list[Observation]] = {}
    for row in tx.rows("profile.of_customers", customer_ids=customer_ids):
        seen.setdefault(row.pop("customer_id"), []).append(Observation(**row))
    return {
        customer: {name: json.loads(one.value) for name, one in latest(observations).items()}
        for customer, observations in seen.items()
    }


def trait_details(tx: Transaction, customer_id: int) -> Mapping[str, Observation]:
    """The traits of one customer, each with its source and time."""
    rows = tx.rows("profile.of_customers", customer_ids=[customer_id])
    return latest(
        Observation(row["identifier_id"], row["name"], row["value"], row["observed_at"], row["source"]) for row in rows
    )


def trait_problems(workspace: Workspace) -> list[dict[str, Any]]:
    """Traits that were left out: name, source, reason (wrong_type, too_long, too_many), seen_count, last_at."""
    with workspace.store.read() as tx:
        return tx.rows("profile.problems")


def _short(value: object) -> str | None:
    return str(value)[:100] if value else None
