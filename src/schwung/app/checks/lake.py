"""Is every published fact there, and do lake and store say the same?"""

import json
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from schwung.app.checks.check import Check, Look, listed, ok
from schwung.app.compact import compact_lake
from schwung.app.facts import open_facts
from schwung.app.lane import lane
from schwung.app.publish import Snapshot, finish_open_batch, newest_snapshot, republish
from schwung.app.relationship import fill, is_filled
from schwung.app.retain import fact_periods
from schwung.app.wiring import Workspace
from schwung.core.text import Text

MANY_FILES = 400
_BATCHES = 200
_REPAIR = Text(
    "Point to the newest versions: schwung doctor --repair", "Auf die neuesten Stände zeigen: schwung doctor --repair"
)
_RESTORE = Text(
    "Restore the lake's folder from the backup that belongs to the store's.",
    "Den Ordner des Datensees aus der Sicherung einspielen, die zu der des Speichers gehört.",
)


def _snapshot(workspace: Workspace) -> Snapshot | None:
    with workspace.store.read() as tx:
        return newest_snapshot(tx)


def _present(workspace: Workspace) -> Look:
    """Every file of the published snapshot is there and is Parquet; only the footers are read."""
    snapshot = _snapshot(workspace)
    if snapshot is None:
        return ok(Text("Nothing has been published yet.", "Noch ist nichts veröffentlicht."))
    broken, count = _broken(workspace, snapshot.tables)
    if broken:
        return Look(
            "error",
            Text(
                "Published facts cannot be read: {broken}.", "Veröffentlichte Fakten sind nicht lesbar: {broken}."
            ).fill(broken=listed(broken)),
            _RESTORE if _broken(workspace, workspace.lake.versions())[0] else _REPAIR,
        )
    return ok(
        Text("{tables} tables, {count} files, all readable.", "{tables} Tabellen, {count} Dateien, alle lesbar.").fill(
            tables=len(snapshot.tables), count=count
        )
    )


def _broken(workspace: Workspace, versions: Mapping[str, int]) -> tuple[list[str], int]:
    """Tables that cannot be read, and how many files were looked at."""
    broken, count = [], 0
    for table, version in versions.items():
        try:
            files = workspace.lake.files(table, version)
            for path in (*files.base, *files.tail):
                count += 1
                pq.read_metadata(path)
        except (OSError, pa.ArrowException) as error:
            broken.append(f"{table} ({type(error).__name__})")
    return broken, count


def _point_anew(workspace: Workspace) -> None:
    """To the newest versions, where those can be read. First of all: to finish a batch, facts are read."""
    with lane(workspace, "doctor") as held:
        if not _broken(workspace, workspace.lake.versions())[0]:
            republish(workspace, held)
            finish_open_batch(workspace, held)


def _agree(workspace: Workspace) -> Look:
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
        batch = tx.row("mirror.unfinished")
        begun = tx.value("store.counter", name="batch") or 0
    newest = workspace.lake.versions()
    seen = workspace.lake.last_batch()
    if batch is not None:
        return Look(
            "note",
            Text("Batch {no} was begun and not finished.", "Stapel {no} ist begonnen und nicht beendet.").fill(
                no=batch["batch_no"]
            ),
            Text(
                "The next worker finishes it, or: schwung doctor --repair",
                "Der nächste Worker beendet ihn, oder: schwung doctor --repair",
            ),
        )
    published = dict(snapshot.tables) if snapshot else {}
    same_moment = Text(
        "Store and lake come from different backups: restore both from the same moment.",
        "Speicher und Datensee stammen aus verschiedenen Sicherungen: beide vom selben Zeitpunkt einspielen.",
    )
    if seen > begun:
        return Look(
            "error",
            Text(
                "The lake holds batch {seen}, the store only knows {begun}.",
                "Der Datensee enthält Stapel {seen}, der Speicher kennt nur {begun}.",
            ).fill(seen=seen, begun=begun),
            same_moment,
        )
    behind = [name for name, version in published.items() if version > newest.get(name, -1)]
    if behind:
        return Look(
            "error",
            Text(
                "The lake is older than the store says: {tables}.",
                "Der Datensee ist älter, als der Speicher sagt: {tables}.",
            ).fill(tables=listed(behind)),
            same_moment,
        )
    return ok(
        Text("The newest snapshot is batch {no}.", "Der neueste Stand ist Stapel {no}.").fill(
            no=snapshot.batch_no if snapshot else 0
        )
    )


def _finish(workspace: Workspace) -> None:
    with lane(workspace, "doctor") as held:
        finish_open_batch(workspace, held)


def _counted(workspace: Workspace) -> Look:
    """Events of the latest batches: as many in the lake as the store gave it, less those held back."""
    with workspace.store.read() as tx:
        given = {row["batch_no"]: row["events"] for row in tx.rows("work.event_batches", most=_BATCHES)}
        erased = tx.value("work.last_erasure") or 0
    if not given:
        return ok(Text("No batch to count yet.", "Noch kein Stapel zu zählen."))
    with open_facts(workspace) as facts:
        events = facts.everything("events")
        latest = events.filter(events["batch_no"] >= min(given))
        counted = facts.run(latest.group_by("batch_no").aggregate(events=latest.count())).to_pylist()
    found = {row["batch_no"]: row["events"] for row in counted}
    # Erasure and retention take events away again; nothing may ever add some.
    untouched = {} if "events" in fact_periods(workspace) else given
    wrong = [no for no, count in given.items() if found.get(no, 0) > count]
    wrong += [no for no, count in untouched.items() if found.get(no, 0) < count and no > erased]
    if wrong:
        return Look(
            "error",
            Text(
                "Batches whose events do not add up: {batches}.", "Stapel, deren Ereignisse nicht aufgehen: {batches}."
            ).fill(batches=listed(sorted(wrong))),
            Text(
                "Keep copies of store and lake, and report this.",
                "Kopien von Speicher und Datensee behalten und dies melden.",
            ),
        )
    return ok(
        Text(
            "{events} events in {batches} batches add up.", "{events} Ereignisse in {batches} Stapeln gehen auf."
        ).fill(events=sum(given.values()), batches=len(given))
    )


def _small_files(workspace: Workspace) -> Look:
    snapshot = _snapshot(workspace)
    many = {}
    for table, version in (snapshot.tables if snapshot else {}).items():
        tail = len(workspace.lake.files(table, version).tail)
        if tail > MANY_FILES:
            many[table] = tail
    if many:
        return Look(
            "note",
            Text("Many small files slow queries down: {many}.", "Viele kleine Dateien bremsen Abfragen: {many}.").fill(
                many=json.dumps(many)
            ),
            Text(
                "Let a worker run, or: schwung doctor --repair",
                "Einen Worker laufen lassen, oder: schwung doctor --repair",
            ),
        )
    return ok(Text("Few enough.", "Wenige genug."))


def _filled(workspace: Workspace) -> Look:
    """Events from before a table existed are in it only after a repair."""
    if is_filled(workspace):
        return ok(Text("All events are in the tables that read them.", "Alle Ereignisse sind in ihren Tabellen."))
    return Look(
        "note",
        Text(
            "Older events are not yet in the tables of answers, messages, cases, carts and the like.",
            "Ältere Ereignisse sind noch nicht in den Tabellen der Antworten, Nachrichten, Vorgänge, Warenkörbe und dergleichen.",
        ),
        Text("Fill them in: schwung doctor --repair", "Nachtragen: schwung doctor --repair"),
    )


LAKE_CHECKS = (
    Check("facts", Text("Published facts", "Veröffentlichte Fakten"), _present, _point_anew, thorough=True),
    Check("agreement", Text("Store and lake agree", "Speicher und Datensee stimmen überein"), _agree, _finish),
    Check("filled", Text("Facts of older events", "Fakten älterer Ereignisse"), _filled, fill),
    Check("counts", Text("Events add up", "Ereignisse gehen auf"), _counted, thorough=True),
    Check(
        "small_files",
        Text("Small files", "Kleine Dateien"),
        _small_files,
        lambda workspace: compact_lake(workspace, always=True),
    ),
)
