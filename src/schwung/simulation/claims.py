"""Who the events of a block say that they belong to: claims for unify, traits that customers tell."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.simulation.block import Block
from schwung.simulation.draws import BLOCK, Floats, Ints
from schwung.simulation.laws import Laws
from schwung.simulation.people import People
from schwung.simulation.stream import SIGHT, SIGHTS

SOURCES = ("kaffeehaus", "kasse")
"""The web shop and the till."""
_TILL = (SIGHT["card"], SIGHT["card_signup"], SIGHT["nobody"])
_WIDTH = len(SIGHTS)


@dataclass(frozen=True, slots=True)
class Sightings:
    """Distinct (customer, sight) pairs of a block; the number of each is its event_index for unify.

    claims: event_index, place, kind, value, source, happened_at. traits: event_index, happened_at, source, and a column for
    each trait with its JSON text, by name.
    index_of: number of each pair by row of the customer × sights, −1 where the block has none.
    """

    claims: pa.Table
    traits: pa.Table
    index_of: Ints

    def __len__(self) -> int:
        return int((self.index_of >= 0).sum())


def sightings(laws: Laws, block: Block, people: People, first_index: int = 0) -> Sightings:
    """first_index: where this block's numbers start, when several blocks make one batch."""
    stream = block.stream
    pair = stream.owner * _WIDTH + stream.sight
    pairs, first = np.unique(pair[stream.sight != SIGHT["nobody"]], return_index=True)
    happened = stream.happened[np.flatnonzero(stream.sight != SIGHT["nobody"])[first]]
    in_time = np.lexsort((pairs, happened))
    pairs, happened = pairs[in_time], happened[in_time]
    index_of = np.full(BLOCK * _WIDTH, -1, dtype=np.int64)
    index_of[pairs] = first_index + np.arange(len(pairs))
    owner, sight = pairs // _WIDTH, pairs % _WIDTH
    at = laws.start_at + (happened * 86_400e6).astype(np.int64)
    index = index_of[pairs]
    return Sightings(
        _claims(block, people, owner, sight, index, at), _traits(block, people, owner, sight, index, at), index_of
    )


def _claims(block: Block, people: People, owner: Ints, sight: Ints, index: Ints, at: Ints) -> pa.Table:
    carried: list[tuple[str, pa.Array, tuple[str, ...]]] = [
        ("user_id", people.user_id, ("user_0", "user_1")),
        ("email", people.email, ("user_0", "user_1", "signup", "card_signup")),
        ("phone", people.phone, ("user_0", "card_signup")),
        ("card", people.card, ("card", "card_signup")),
        ("anonymous_id", people.devices[0], ("device_0", "user_0", "signup")),
        ("anonymous_id", people.devices[1], ("device_1", "user_1")),
    ]
    parts = []
    for place, (kind, values, sights) in enumerate(carried):
        rows = np.flatnonzero(np.isin(sight, [SIGHT[name] for name in sights]))
        if kind == "card":
            rows = rows[block.people.has_card[owner[rows]]]
        parts.append(
            pa.table(
                {
                    "event_index": index[rows],
                    "place": np.full(len(rows), place, dtype=np.int8),
                    "kind": pa.array([kind]).take(pa.array(np.zeros(len(rows), dtype=np.int64))),
                    "value": values.take(pa.array(owner[rows])),
                    "source": pa.array(SOURCES).take(pa.array(np.isin(sight[rows], _TILL).astype(np.int64))),
                    "happened_at": at[rows],
                }
            )
        )
    claims = pa.concat_tables(parts)
    claims = claims.filter(pc.is_valid(claims["value"]))
    return claims.sort_by([("event_index", "ascending"), ("place", "ascending")]).combine_chunks()


def _traits(block: Block, people: People, owner: Ints, sight: Ints, index: Ints, at: Ints) -> pa.Table:
    """What customers tell of themselves at sign-up and at their first order."""
    told = np.isin(sight, [SIGHT[name] for name in ("signup", "card_signup", "user_0", "user_1")])
    # One sighting a customer is enough: the latest, which is the strongest as well.
    rows = np.flatnonzero(told)
    last = np.full(BLOCK, -1, dtype=np.int64)
    last[owner[rows]] = rows
    rows = np.sort(last[last >= 0])
    who = pa.array(owner[rows])
    names = ("city", "country", "email", "first_name", "last_name", "postal_code")
    german = pa.array(['"de"']).take(pa.array(np.zeros(len(rows), dtype=np.int64)))
    values = {name: pc.binary_join_element_wise('"', getattr(people, name).take(who), '"', "") for name in names}
    values |= {"language": german, "newsletter": pa.array(np.where(block.people.agreed[owner[rows]], "true", "false"))}
    return pa.table(
        {
            "event_index": index[rows],
            "happened_at": at[rows],
            "source": pa.array(SOURCES).take(pa.array(np.isin(sight[rows], _TILL).astype(np.int64))),
            **{name: values[name] for name in sorted(values)},
        }
    )


def to_instants(laws: Laws, days: Floats) -> Ints:
    """Microseconds of days from the start."""
    return laws.start_at + (days * 86_400e6).astype(np.int64)
