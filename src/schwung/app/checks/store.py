"""Is the operational store whole, and set as it must be?"""

from typing import Any

from schwung.app.checks.check import Check, Look, ok
from schwung.app.lane import LANE, is_gone, lease
from schwung.app.wiring import Workspace
from schwung.core.text import Text

OLDEST_POSTGRES = 130_000
_WANTED = {
    "sqlite": {"journal_mode": "wal"},
    "postgres": {"server_encoding": "UTF8", "fsync": "on", "full_page_writes": "on"},
}


def _schema(workspace: Workspace) -> Look:
    with workspace.store.read() as tx:
        names = [row["name"] for row in tx.rows("store.migrations")]
    return ok(Text("At {name}.", "Stand {name}.").fill(name=names[-1] if names else "–"))


def _integrity(workspace: Workspace) -> Look:
    wrong = workspace.store.integrity()
    if wrong is None:
        return ok(Text("Its pages and indexes are whole.", "Seiten und Indizes sind heil."))
    return Look(
        "error",
        Text("It is damaged: {wrong}.", "Er ist beschädigt: {wrong}.").fill(wrong=wrong),
        Text(
            "Stop schwung, keep a copy of the file, restore it from a backup.",
            "schwung anhalten, eine Kopie der Datei behalten, eine Sicherung einspielen.",
        ),
    )


def _server(workspace: Workspace) -> Look:
    with workspace.store.read() as tx:
        found = {row["name"]: row["value"] for row in tx.rows("store.settings")}
    wanted = _WANTED[workspace.store.dialect]
    wrong = {name: found.get(name) for name, value in wanted.items() if found.get(name) != value}
    old = workspace.store.dialect == "postgres" and int(found["server_version_num"]) < OLDEST_POSTGRES
    version = found.get("version") or found.get("server_version")
    if old:
        return Look(
            "error",
            Text("PostgreSQL {version} is too old.", "PostgreSQL {version} ist zu alt.").fill(version=version),
            Text("Upgrade it to 13 or newer.", "Auf 13 oder neuer umstellen."),
        )
    if wrong:
        told = ", ".join(f"{name} = {value}" for name, value in wrong.items())
        return Look(
            "error",
            Text(
                "Set so that data could be lost: {told}.", "So eingestellt, dass Daten verloren gehen können: {told}."
            ).fill(told=told),
            Text("Set {wanted}.", "Einstellen: {wanted}.").fill(
                wanted=", ".join(f"{name} = {value}" for name, value in wanted.items())
            ),
        )
    return ok(
        Text("Version {version}, set as it must be.", "Version {version}, richtig eingestellt.").fill(version=version)
    )


def _lease(workspace: Workspace) -> Look:
    with workspace.store.read() as tx:
        held: list[dict[str, Any]] = [row for row in tx.rows("work.leases") if row["holder"]]
    stuck = [row for row in held if is_gone(row["place"], row["pid"])]
    if stuck:
        return Look(
            "note",
            Text("{names} is held by a process that has ended.", "{names} gehört einem beendeten Prozess.").fill(
                names=", ".join(row["name"] for row in stuck)
            ),
            Text("The next worker takes it over by itself.", "Der nächste Worker übernimmt von selbst."),
        )
    told = ", ".join(f"{row['name']}: {row['purpose']} ({row['pid']})" for row in held)
    return ok(
        Text("Held: {told}.", "Vergeben: {told}.").fill(told=told)
        if held
        else Text("None is held.", "Keines ist vergeben.")
    )


def _take_over(workspace: Workspace) -> None:
    with workspace.store.read() as tx:
        stuck = [row["name"] for row in tx.rows("work.leases") if row["holder"] and is_gone(row["place"], row["pid"])]
    for name in stuck or [LANE]:
        with lease(workspace, name, "doctor", wait=15):
            pass


STORE_CHECKS = (
    Check("schema", Text("Schema of the store", "Schema des Speichers"), _schema),
    Check("integrity", Text("Store is whole", "Speicher ist heil"), _integrity, thorough=True),
    Check("server", Text("Settings of the store", "Einstellungen des Speichers"), _server),
    Check("lease", Text("Leases", "Arbeitsrechte"), _lease, _take_over),
)
