"""Does the work flow: is a worker alive, does it keep up, what is held back?"""

from schwung.app.checks.check import Check, Look, listed, ok
from schwung.app.process import forget_the_dead, processes
from schwung.app.wiring import Workspace
from schwung.core.clock import MINUTE, SECOND
from schwung.core.text import Text

LATE = 60 * SECOND
_START = Text("Start it: schwung serve, or schwung worker.", "Starten: schwung serve oder schwung worker.")


def _worker(workspace: Workspace) -> Look:
    workers = [process for process in processes(workspace) if process.kind == "worker"]
    alive = [process for process in workers if process.is_alive]
    if not alive:
        return Look("note", Text("No worker is running.", "Kein Worker läuft."), _START)
    for process in alive:
        for work, error in process.status.get("errors", {}).items():
            message, step = error.get("message"), error.get("step")
            return Look(
                "error",
                Text("The worker fails at “{work}”: {why}", "Der Worker scheitert bei „{work}“: {why}").fill(
                    work=work, why=Text(**message) if message else error.get("kind", "?")
                ),
                Text(**step) if step else Text("See the worker's log.", "Ins Protokoll des Workers sehen."),
            )
    return ok(
        Text("{count} running (process {pids}).", "{count} läuft (Prozess {pids}).").fill(
            count=len(alive), pids=", ".join(str(process.pid) for process in alive)
        )
    )


def _lag(workspace: Workspace) -> Look:
    with workspace.store.read() as tx:
        lag = tx.row("mirror.lag") or {}
    waiting, oldest = lag.get("events") or 0, lag.get("oldest_at")
    if not waiting or oldest is None:
        return ok(Text("Every received event is in the lake.", "Jedes empfangene Ereignis ist im Datensee."))
    seconds = max(0, workspace.clock() - oldest) // SECOND
    detail = Text(
        "{waiting} events wait, the oldest for {seconds} s.",
        "{waiting} Ereignisse warten, das älteste seit {seconds} s.",
    ).fill(waiting=waiting, seconds=seconds)
    if seconds * SECOND <= LATE:
        return ok(detail)
    alive = any(process.is_alive for process in processes(workspace) if process.kind == "worker")
    step = Text(
        "The worker does not keep up, or something holds the lane; see Leases.",
        "Der Worker kommt nicht nach, oder ein anderer Prozess hält das Arbeitsrecht; siehe „Arbeitsrechte“.",
    )
    return Look("error", detail, step if alive else _START)


def _quarantine(workspace: Workspace) -> Look:
    with workspace.store.read() as tx:
        held = tx.value("intake.held_count")
    if not held:
        return ok(Text("Empty.", "Leer."))
    return Look(
        "note",
        Text(
            "{held} events did not fit and are held.", "{held} Ereignisse passten nicht und sind zurückgehalten."
        ).fill(held=held),
        Text("See why: schwung quarantine, or the console.", "Gründe ansehen: schwung quarantine oder die Konsole."),
    )


def _clock(workspace: Workspace) -> Look:
    """The clock of this machine against what this workspace has seen already."""
    with workspace.store.read() as tx:
        latest = tx.value("work.latest_moment") or 0
    ahead = latest - workspace.clock()
    if ahead > 5 * MINUTE:
        return Look(
            "error",
            Text(
                "The clock is {minutes} minutes behind what was already recorded.",
                "Die Uhr geht {minutes} Minuten gegenüber schon Aufgezeichnetem nach.",
            ).fill(minutes=ahead // MINUTE),
            Text("Set the clock of this machine (NTP).", "Die Uhr dieses Rechners stellen (NTP)."),
        )
    return ok(Text("Runs forward.", "Läuft vorwärts."))


def _rules(workspace: Workspace) -> Look:
    from schwung.app.segments import held_rules

    held = held_rules(workspace)
    if not held:
        return ok(Text("All can be worked out.", "Alle lassen sich ermitteln."))
    return Look(
        "error",
        Text(
            "{count} cannot be worked out and stay as they were: {names}. {why}",
            "{count} lassen sich nicht mehr ermitteln und bleiben, wie sie waren: {names}. {why}",
        ).fill(count=len(held), names=listed([one.name for one in held]), why=held[0].rule.words),
        Text("Change the rule of each: something that it names is gone.", "Die Regel jeweils ändern: Etwas, das sie nennt, gibt es nicht mehr."),
    )  # fmt: skip


def _journeys(workspace: Workspace) -> Look:
    from schwung.app.journeys import journeys

    resting = [one for one in journeys(workspace) if one.state in ("live", "paused") and one.journey.lapsed]
    if not resting:
        return ok(Text("All can be walked.", "Alle lassen sich gehen."))
    return Look(
        "error",
        Text(
            "{count} rest, nobody enters or moves: {names}. {why}",
            "{count} ruhen, niemand tritt ein oder geht weiter: {names}. {why}",
        ).fill(count=len(resting), names=listed([one.name for one in resting]), why=resting[0].journey.lapsed_words),
        Text("Change each: something that it names is gone.", "Jeweils ändern: Etwas, das sie nennt, gibt es nicht mehr."),
    )  # fmt: skip


def _mailbox(workspace: Workspace) -> Look:
    from schwung.app.returned import waiting_in_mailbox

    waiting = waiting_in_mailbox(workspace)
    if waiting is None:
        return ok(Text("None is set up.", "Keines eingerichtet."))
    return ok(Text("Readable, {waiting} unread.", "Lesbar, {waiting} ungelesen.").fill(waiting=waiting))


WORK_CHECKS = (
    Check("worker", Text("Worker", "Worker"), _worker, forget_the_dead),
    Check("lag", Text("Lag", "Rückstand"), _lag),
    Check("quarantine", Text("Quarantine", "Quarantäne"), _quarantine),
    Check("segments", Text("Rules of segments", "Regeln der Segmente"), _rules),
    Check("journeys", Text("Journeys", "Strecken"), _journeys),
    Check("mailbox", Text("Mailbox of bounces", "Postfach für Rückläufer"), _mailbox, thorough=True),
    Check("clock", Text("Clock", "Uhr"), _clock),
)
