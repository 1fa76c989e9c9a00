"""Lake rows about who is who: the identities and profiles that a batch changed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
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


_Told = tuple[str | None, str | None, str | None]
"""Country and language as JSON, and all traits as one object."""
_NOTHING: _Told = (None, None, None)


@dataclass(frozen=True, slots=True)
class NewTraits:
    """All that the customers above `top` have told, known without the store: a row an identifier that tells.

    texts: the traits as a profile has them. countries, languages: the JSON texts of these traits.
    """

    top: int
    identifier_ids: npt.NDArray[np.int64]
    texts: pa.Array
    countries: pa.Array
    languages: pa.Array


def identity_rows(tx: Transaction, batch_no: int) -> pa.Table:
    """Identifiers that are new or moved since the snapshot before this batch, in the shape of `identities`."""
    rows = tx.tuples("identity.changed", batch_no=batch_no)
    pairs = np.array(rows, np.int64).reshape(-1, 2)
    return pa.table([pairs[:, 0], pairs[:, 1], np.full(len(rows), batch_no, np.int64)], schema=_IDENTITIES)


def profile_rows(
    tx: Transaction, customer_ids: Iterable[int], batch_no: int, known: Mapping[int, _Told] | None = None
) -> pa.Table:
    """The profiles of some customers as they are now, in the shape of `profiles`.

    A customer without identifiers went into another one or was erased: `is_gone`. known: what some have told.
    """
    ids = sorted(set(customer_ids))
    parts = [_profiles(tx, ids[at : at + _SLICE], batch_no, known or {}) for at in range(0, len(ids), _SLICE)]
    return pa.concat_tables(parts) if parts else _PROFILES.empty_table()


def touched_customers(tx: Transaction, batch_no: int) -> list[int]:
    """Customers whose profile changed up to this batch and is not published yet."""
    return [customer for (customer,) in tx.tuples("identity.touched", batch_no=batch_no)]


def changed_tables(tx: Transaction, batch_no: int, new: NewTraits | None = None) -> dict[str, pa.Table]:
    """What a batch has to publish about who is who: rows of `identities` and `profiles`."""
    identities = identity_rows(tx, batch_no)
    known = _by_customer(identities, new) if new else None
    return {"identities": identities, "profiles": profile_rows(tx, touched_customers(tx, batch_no), batch_no, known)}


def _by_customer(identities: pa.Table, new: NewTraits) -> dict[int, _Told]:
    """What new customers have told; one who says nothing is there as well."""
    ids, customers = (identities[name].to_numpy() for name in ("identifier_id", "customer_id"))
    known: dict[int, _Told] = dict.fromkeys(customers[customers > new.top].tolist(), _NOTHING)
    owners = customers[np.searchsorted(ids, new.identifier_ids)]
    columns = (owners.tolist(), *(column.to_pylist() for column in (new.countries, new.languages, new.texts)))
    known.update(
        (owner, (country, language, text))
        for owner, country, language, text in zip(*columns, strict=True)
        if owner > new.top
    )
    return known


def _profiles(tx: Transaction, ids: list[int], batch_no: int, known: Mapping[int, _Told]) -> pa.Table:
    first_seen: dict[int, int] = dict(tx.tuples("profile.first_seen", customer_ids=ids))
    objected = {customer for (customer,) in tx.tuples("profile.objected", customer_ids=ids)}
    stored = traits_of(tx, [customer for customer in ids if customer not in known])
    told: Mapping[int, _Told] = {
        **known,
        **{who: (one.get("country"), one.get("language"), _object(one)) for who, one in stored.items() if one},
    }
    found = [told.get(customer, _NOTHING) for customer in ids]
    return pa.table(
        [
            pa.array(ids, pa.int64()),
            pa.array([first_seen.get(customer, 0) for customer in ids], pa.int64()),
            pa.array([_short(country) for country, _, _ in found], pa.string()),
            pa.array([_short(language) for _, language, _ in found], pa.string()),
            pa.array([customer not in first_seen for customer in ids], pa.bool_()),
            pa.array([customer in objected for customer in ids], pa.bool_()),
            pa.array([text for _, _, text in found], pa.string()),
            pa.array([batch_no] * len(ids), pa.int64()),
        ],
        schema=_PROFILES,
    )


def traits_of(tx: Transaction, customer_ids: list[int]) -> dict[int, dict[str, str]]:
    """Per customer its traits: name → JSON of the latest observation, by name. Who has told nothing is left out.

    By the order of `unify.trait.latest`, on plain tuples: a large batch brings a million observations.
    """
    seen: dict[int, dict[str, tuple[int, str, int, str]]] = {}
    for customer, identifier_id, name, source, value, observed_at in tx.tuples(
        "profile.of_customers", customer_ids=customer_ids
    ):
        told, mine = (observed_at, source, identifier_id, value), seen.setdefault(customer, {})
        known = mine.get(name)
        if known is None or known < told:
            mine[name] = told
    return {
        customer: {name: mine[name][3] for name in sorted(mine) if mine[name][3] != "null"}
        for customer, mine in seen.items()
    }


def _object(values: Mapping[str, str]) -> str:
    return "{" + ", ".join([f"{_name(name)}: {value}" for name, value in values.items()]) + "}"


@lru_cache(4_096)
def _name(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


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


@lru_cache(4_096)
def _short(text: str | None) -> str | None:
    value = json.loads(text) if text else None
    return str(value)[:100] if value else None
