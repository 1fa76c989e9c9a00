"""The fact rows of a batch of the simulated shop: drawn with it, their numbers put in when it is known whose they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schwung.app.resolve import Resolution
from schwung.core.stable_hash import bucket_of
from schwung.simulation.block import Block
from schwung.simulation.claims import Sightings
from schwung.simulation.draws import Ints
from schwung.simulation.event_rows import event_rows
from schwung.simulation.facts import OrderTexts, Owned, line_rows, order_rows, return_rows
from schwung.simulation.laws import Laws
from schwung.simulation.people import People
from schwung.simulation.relationship_rows import keyed, relationship_rows
from schwung.simulation.stream import NAME, SIGHT, SIGHTS


@dataclass(frozen=True, slots=True)
class Part:
    """One block on its way: its texts, its order numbers, and where its sightings stand within the batch."""

    block: Block
    people: People
    texts: OrderTexts
    seen: Sightings


def drafts(laws: Laws, parts: Sequence[Part]) -> dict[str, pa.Table]:
    """Rows of all facts of a batch. In the place of an identifier stands 1 + the sighting's number, null for a guest; events
    are counted from 0."""
    rows: dict[str, list[pa.Table]] = {}
    first = 0
    for part in parts:
        for name, table in _drafts_of(laws, part, first).items():
            rows.setdefault(name, []).append(table)
        first += len(part.block.stream)
    return {name: pa.concat_tables(tables) for name, tables in rows.items()}


def settled(
    drawn: Mapping[str, pa.Table], resolution: Resolution, first_event_no: int, batch_no: int
) -> dict[str, pa.Table]:
    """The drafts with identifiers, their buckets (−1: a guest) and the numbers of events and batch."""
    owners = np.concatenate([[0], resolution.identifier_of])
    known, place = np.unique(owners, return_inverse=True)
    buckets = np.array([bucket_of(one) if one else -1 for one in known.tolist()])[place]
    return {
        name: keyed(name, _settled(rows, owners, buckets, first_event_no, batch_no), first_event_no)
        for name, rows in drawn.items()
    }


def sighted(part: Part, owner: Ints, sight: Ints) -> Ints:
    """1 + number of the sighting of each event; 0 for a guest."""
    index = part.seen.index_of[owner * len(SIGHTS) + sight]
    return np.where((sight != SIGHT["nobody"]) & (index >= 0), index + 1, 0).astype(np.int64)


def identifiers_at(part: Part, resolution: Resolution, rows: Ints) -> Ints:
    """Identifiers of some events of the stream; 0 for a guest."""
    stream = part.block.stream
    return np.concatenate([[0], resolution.identifier_of])[sighted(part, stream.owner[rows], stream.sight[rows])]


def _drafts_of(laws: Laws, part: Part, first_event_no: int) -> dict[str, pa.Table]:
    block, people, texts = part.block, part.people, part.texts
    of_events = sighted(part, block.stream.owner, block.stream.sight)
    ordered = block.stream.name == NAME["order_completed"]
    of_orders = np.zeros(len(block.orders), dtype=np.int64)
    of_orders[block.stream.order[ordered]] = of_events[ordered]
    of_returns = of_orders[block.lines.order[block.told.returns.line]]
    owned = Owned(of_orders, np.zeros_like(of_orders), of_returns, np.zeros_like(of_returns))
    no_buckets = np.zeros_like(of_events)
    return {
        "events": event_rows(laws, block, texts, of_events, no_buckets, first_event_no, 0),
        "orders": order_rows(laws, block, people, texts, owned, 0),
        "order_lines": line_rows(laws, block, texts, owned, 0),
        "returns": return_rows(laws, block, people, texts, owned, 0),
        **relationship_rows(laws, block, texts, of_events, no_buckets, first_event_no, 0),
    }


def _settled(rows: pa.Table, owners: Ints, buckets: Ints, first_event_no: int, batch_no: int) -> pa.Table:
    place = rows["identifier_id"].fill_null(0).to_numpy()
    whose = owners[place]
    columns: dict[str, Callable[[], pa.Array]] = {
        "identifier_id": lambda: pa.array(whose, mask=whose == 0),
        "bucket": lambda: pa.array(buckets[place]),
        "event_no": lambda: pa.array(rows["event_no"].to_numpy() + first_event_no),
        "batch_no": lambda: pa.array(np.full(len(rows), batch_no)),
        "version": lambda: pa.array(np.full(len(rows), batch_no)),
    }
    for name, column in columns.items():
        if name in rows.column_names:
            nth = rows.schema.get_field_index(name)
            field = rows.schema.field(nth)
            rows = rows.set_column(nth, field, column().cast(field.type))
    return rows
