"""The claims of a batch as arrays: whose is each event, and which pairs of identifiers met in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schwung.unify.identifier import KINDS

Numbers = npt.NDArray[np.int64]
KIND_NAMES = tuple(KINDS)
_PAIR = 32  # bits of the higher identifier in a pair's key


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims in the order of (event, place), every value once.

    event, value_no: one entry per claim. kinds, values: one entry per distinct value; first: its first claim.
    """

    event: Numbers
    value_no: Numbers
    kinds: npt.NDArray[np.int8]
    values: Sequence[str]
    first: Numbers

    def texts(self) -> list[str]:
        """Kind and value in one text, for maps."""
        return [f"{kind}{value}" for kind, value in zip(self.kinds.tolist(), self.values, strict=True)]

    def without(self, dropped: npt.NDArray[np.bool_]) -> "Claims":
        """The same without some claims (mask per claim); values that no claim is left for are gone too."""
        return _distinct(self.event[~dropped], self.value_no[~dropped], self.kinds, self.values)


def read_claims(table: pa.Table) -> tuple[Claims, Numbers]:
    """Claims of a table (event_index, place, kind, value) and, per claim, its row there."""
    event = table["event_index"].to_numpy().astype(np.int64, copy=False)
    place = table["place"].to_numpy()
    order = np.lexsort((place, event))
    kind = _flat(pc.index_in(table["kind"].cast(pa.string()), pa.array(KIND_NAMES)), pa.int32())
    if kind.null_count:
        raise ValueError(f"unknown kind of identifier; known are {', '.join(KIND_NAMES)}")
    coded = _flat(table["value"].cast(pa.string()), pa.string()).dictionary_encode()
    code = coded.indices.to_numpy().astype(np.int64) * len(KIND_NAMES) + kind.to_numpy(zero_copy_only=False)
    distinct, value_no = np.unique(code[order], return_inverse=True)
    texts = coded.dictionary.to_pylist()
    values = [texts[at] for at in (distinct // len(KIND_NAMES)).tolist()]
    kinds = (distinct % len(KIND_NAMES)).astype(np.int8)
    return _distinct(event[order], value_no.reshape(-1), kinds, values), order


def _flat(column: pa.ChunkedArray, type_: pa.DataType) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], type_)


def _distinct(event: Numbers, value_no: Numbers, kinds: npt.NDArray[np.int8], values: Sequence[str]) -> Claims:
    """Values numbered anew by their first claim."""
    used, first, inverse = np.unique(value_no, return_index=True, return_inverse=True)
    by_age = np.argsort(first, kind="stable")
    rank = np.empty(len(used), np.int64)
    rank[by_age] = np.arange(len(used))
    kept = used[by_age]
    return Claims(
        event,
        rank[inverse.reshape(-1)],
        kinds[kept],
        [values[at] for at in kept.tolist()],
        first[by_age].astype(np.int64),
    )


def strongest(claims: Claims, identifier_ids: Numbers, event_count: int) -> Numbers:
    """Per event the identifier of its first claim; 0 for a guest. identifier_ids: one per distinct value."""
    found = np.zeros(event_count, np.int64)
    heads = _heads(claims)
    found[claims.event[heads]] = identifier_ids[claims.value_no[heads]]
    return found


def pairs(claims: Claims, identifier_ids: Numbers, identifier_of: Numbers) -> tuple[Numbers, Numbers]:
    """Star pairs of the events in their order, each once: (key of the pair, claim that brought it)."""
    others = np.flatnonzero(~_heads(claims))
    hub, other = identifier_of[claims.event[others]], identifier_ids[claims.value_no[others]]
    key = (np.minimum(hub, other) << _PAIR) | np.maximum(hub, other)
    key, others = key[hub != other], others[hub != other]
    distinct, first = np.unique(key, return_index=True)
    by_age = np.argsort(first, kind="stable")
    return distinct[by_age], others[first[by_age]]


def ends(pair_keys: Numbers) -> tuple[Numbers, Numbers]:
    """Lower and higher identifier of pairs."""
    return pair_keys >> _PAIR, pair_keys & ((1 << _PAIR) - 1)


def _heads(claims: Claims) -> npt.NDArray[np.bool_]:
    heads = np.ones(len(claims.event), np.bool_)
    heads[1:] = claims.event[1:] != claims.event[:-1]
    return heads
