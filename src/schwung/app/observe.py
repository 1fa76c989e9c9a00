"""Traits that events carry become observations of identifiers, in sets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from schwung.app.ports import Transaction
from schwung.unify.claims import Numbers
from schwung.unify.trait import Observation, TraitProblem, read_traits

_SLICE = 20_000
_COLUMNS = ("identifier_id", "name", "source", "value", "observed_at")
_NEVER_SAID: tuple[str | None, int] = (None, -1)
_Key = tuple[int, str, str]  # identifier, trait, source


@dataclass(frozen=True, slots=True)
class Observed:
    """Latest observation per (identifier, trait, source) of a batch; what the store holds for the same keys.

    fresh: columns of observations of identifiers that are new in this batch, each key once.
    """

    fresh: Sequence[Sequence[Any]] = ()
    latest: Mapping[_Key, Observation] = field(default_factory=dict)
    stored: Mapping[_Key, tuple[str, int]] = field(default_factory=dict)
    problems: Mapping[TraitProblem, int] = field(default_factory=dict)


def read_columns(tx: Transaction, told: pa.Table, identifier_of: Numbers, top: int) -> Observed:
    """Traits that are known to be well-formed: event_index, happened_at, source, and a column of JSON texts for each trait.

    An identifier tells them once in a batch. top: identifiers above it are new.
    """
    ids = identifier_of[told["event_index"].to_numpy()]
    is_new = ids > top
    names = told.column_names[3:]
    fresh = told.filter(pa.array(is_new))
    whose, sources, instants = ids[is_new].tolist(), fresh["source"].to_pylist(), fresh["happened_at"].to_pylist()
    columns = [
        whose * len(names),
        [name for name in names for _ in whose],
        sources * len(names),
        [value for name in names for value in fresh[name].to_pylist()],
        instants * len(names),
    ]
    known = told.filter(pa.array(~is_new & (ids > 0)))
    found = {
        (one, name, source): Observation(one, name, value, at, source)
        for name in names
        for one, value, at, source in zip(
            ids[~is_new & (ids > 0)].tolist(),
            known[name].to_pylist(),
            known["happened_at"].to_pylist(),
            known["source"].to_pylist(),
            strict=True,
        )
    }
    return Observed(columns, found, _stored(tx, found))


def read_observations(tx: Transaction, traits: pa.Table | None, identifier_of: Numbers, top: int) -> Observed:
    """traits: event_index, traits (JSON object), happened_at, source; or as `read_columns` takes them. What guests say about
    themselves is left out. top: identifiers above it are new.
    """
    if traits is None or not traits.num_rows:
        return Observed()
    if "traits" not in traits.column_names:
        return read_columns(tx, traits, identifier_of, top)
    found: dict[_Key, Observation] = {}
    problems: Counter[TraitProblem] = Counter()
    columns = (traits[name].to_pylist() for name in ("event_index", "traits", "happened_at", "source"))
    decode = msgspec.json.Decoder(dict).decode
    ids = identifier_of.tolist()
    for event, text, happened_at, source in zip(*columns, strict=True):
        identifier_id = ids[event] if event < len(ids) else 0
        if not identifier_id or not text:
            continue
        kept, wrong = read_traits(decode(text), source)
        if wrong:
            problems.update(wrong)
        for name, value in kept.items():
            key = (identifier_id, name, source)
            before = found.get(key)
            if before is None or before[3] <= happened_at:
                found[key] = Observation(identifier_id, name, value, happened_at, source)
    return Observed((), found, _stored(tx, found), problems)


def _stored(tx: Transaction, found: Iterable[_Key]) -> dict[_Key, tuple[str, int]]:
    asked = sorted({key[0] for key in found})
    return {
        (identifier_id, name, said): (value, observed_at)
        for at in range(0, len(asked), _SLICE)
        for identifier_id, name, said, value, observed_at in tx.tuples(
            "profile.known_traits", identifier_ids=asked[at : at + _SLICE]
        )
    }


def write_observations(tx: Transaction, observed: Observed, top: int, now: int) -> Sequence[int]:
    """Store what is newer; the identifiers whose traits changed, but for `fresh`. top: identifiers above it are new in this batch."""
    fresh, newer, changed = [], [], set()
    stored = observed.stored
    for key, seen in observed.latest.items():
        value, observed_at = stored.get(key, _NEVER_SAID) if stored else _NEVER_SAID
        if observed_at > seen.observed_at or (observed_at, value) == (seen.observed_at, seen.value):
            continue
        if value != seen.value:
            changed.add(seen.identifier_id)
        if value is None and seen.identifier_id > top:
            fresh.append((seen.identifier_id, seen.name, seen.source, seen.value, seen.observed_at))
        else:
            newer.append(seen._asdict())
    tx.load("trait", _COLUMNS, fresh)
    if observed.fresh:  # in the order of the table's key, so that its pages are written one after another
        tx.load("trait", _COLUMNS, sorted(zip(*observed.fresh, strict=True)))
    tx.run_many("profile.observe", newer)
    tx.run_many(
        "profile.problem",
        [{**problem._asdict(), "seen_count": number, "last_at": now} for problem, number in observed.problems.items()],
    )
    return sorted(changed)
