"""Writes a part of events, and of rows that become events: each once, its person from its own identifiers or from its order."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.import_batch import Part, write_batch
from schwung.app.import_existing import existing
from schwung.app.import_people import claims_of, move_first_seen
from schwung.app.import_runs import Counts
from schwung.app.import_waiting import park
from schwung.app.publish import newest_snapshot
from schwung.app.resolve import resolve
from schwung.collect.arrow import arrow_schema
from schwung.collect.import_kind import PERSON_NAMES
from schwung.connectors.import_stage import literal, statements

SQL = "import_rows"
_MARK = '{"import_key":"'
_ALL = (0, (1 << 62) - 1)


def write_events(part: Part) -> Counts:
    stage, mapping = part.stage, part.run.mapping
    take(part)
    stage.run(SQL, "event_keys")
    stage.connection.register("known_events", _known(part))
    orders = existing(part.workspace, "orders", "order_key", stage.table(SQL, "order_keys"), mapping.source, *_ALL)
    stage.connection.register("existing_orders", orders)
    waits = mapping.kind in ("events", "answers")  # one event a row
    by_order = {"by_order": waits and "order_id" in mapping.fields and not mapping.fields.intersection(PERSON_NAMES)}
    imported, known, updated = stage.row(SQL, "event_counts")
    counts = Counts(imported, known, updated)
    waiting = stage.table(SQL, "waiting_events", by_order)
    if waiting.num_rows:
        fresh = park(part, waiting)
        counts = Counts(imported - waiting.num_rows + fresh, known + waiting.num_rows - fresh, updated, fresh)
    stage.run(SQL, "fresh_events", by_order)
    people = stage.table(SQL, "people")
    write_batch(part, counts, partial(_build, part, people) if people.num_rows else None)
    return counts


def take(part: Part) -> None:
    """The part's rows as events: a row of answers, cases and the like becomes one for each state that it tells of."""
    part.take()
    kind, stage = part.run.mapping.kind, part.stage
    if kind == "events" or "event_id" in stage.table("import_orders", "one_of_part").column_names:
        return
    unfolded = statements("import_relationship")[f"unfold_{kind}"]
    stage.run("import_relationship", "unfold", source=literal(part.run.mapping.source), unfolded=unfolded)


def _build(part: Part, people: pa.Table, batch_no: int) -> Mapping[str, pa.Table]:
    mapping, workspace = part.run.mapping, part.workspace
    claims = claims_of(people, mapping.source, mapping.country, "happened_at")
    found = resolve(workspace, batch_no, claims, event_count=people.num_rows)
    move_first_seen(workspace, batch_no, found.identifier_of[people["place"].to_numpy()], people["happened_at"])
    who = {
        "place": pa.array(np.arange(people.num_rows)),
        "identifier_id": pa.array(found.identifier_of),
        "is_erased": pa.array(found.is_erased),
    }
    part.stage.connection.register("who", pa.table(who))
    values = {"source": mapping.source, "batch_no": batch_no, "now": workspace.clock()}
    rows = part.stage.table(SQL, "events", values)
    return {"events": rows.cast(arrow_schema(workspace.lake.tables["events"]))}


def _known(part: Part) -> pa.Table:
    """Keys of the source's imported events in the time that the part spans."""
    first, last = part.stage.row(SQL, "event_span")
    workspace = part.workspace
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    version = None if snapshot is None else snapshot.tables.get("events")
    if version is None or first is None:
        return pa.table({"event_key": pa.array([], pa.int64())})
    engine = workspace.engine("duckdb")
    try:
        rows = engine.table(workspace.lake.files("events", version), workspace.lake.tables["events"])
        rows = rows.filter(rows["happened_at"].between(first, last), rows["source"] == part.run.mapping.source)
        rows = rows.filter(rows["context"].startswith(_MARK))
        found = engine.run(rows.select("context"))["context"]
    finally:
        engine.close()
    keys = pc.utf8_slice_codeunits(found, len(_MARK), -2)
    return pa.table({"event_key": keys.cast(pa.int64())})
