"""Housekeeping beside the mirror: folding the lake while it grows, and what is done once a night."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from schwung.app.lane import REFRESH, lease
from schwung.app.log import log
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant, to_datetime, to_instant
from schwung.core.text import Text

NIGHT_HOUR = 3


@dataclass(frozen=True, slots=True)
class Chore:
    """Done once a night in the workspace's zone, or as soon after as a worker runs."""

    name: str
    title: Text
    do: Callable[[Workspace], object]


def _retain(workspace: Workspace) -> None:
    from schwung.app.retain import retain

    retain(workspace, dry_run=False)


def _refresh(workspace: Workspace) -> None:
    from schwung.app.refresh import refresh_all

    with lease(workspace, REFRESH, "nightly"):
        refresh_all(workspace)


def _segments(workspace: Workspace) -> None:
    from schwung.app.segment_tick import work_out_all

    work_out_all(workspace)


def _alerts(workspace: Workspace) -> None:
    from schwung.app.alerts import check_alerts

    check_alerts(workspace)


def _unconfirmed(workspace: Workspace) -> None:
    from schwung.app.double_opt_in import drop_unconfirmed

    drop_unconfirmed(workspace)


def _lasting(workspace: Workspace) -> None:
    from schwung.app.home_figures import ask_home
    from schwung.app.lasting import make_due

    if make_due(workspace):
        ask_home(workspace)


def _clean(workspace: Workspace) -> None:
    from schwung.app.compact import clean_lake
    from schwung.app.relationship import forget_carts

    clean_lake(workspace)
    forget_carts(workspace)


CHORES = (
    Chore("retention", Text("Apply the retention periods", "Aufbewahrungsfristen anwenden"), _retain),
    Chore("refresh", Text("Rebuild the customer list", "Kundenliste neu aufbauen"), _refresh),
    Chore("segments", Text("Work out all segments", "Alle Segmente bestimmen"), _segments),
    Chore("alerts", Text("Check alerts", "Alarme prüfen"), _alerts),
    Chore("unconfirmed", Text("Delete addresses that nobody confirmed", "Unbestätigte Adressen löschen"), _unconfirmed),
    Chore("figures", Text("Work out what figures share", "Gemeinsames der Zahlen bestimmen"), _lasting),
    Chore("clean", Text("Drop files that no reader needs", "Dateien entfernen, die niemand mehr liest"), _clean),
)


def last_night(workspace: Workspace) -> Instant:
    """The most recent three o'clock in the workspace's zone."""
    zone = ZoneInfo(workspace.settings.workspace.zone)
    now = to_datetime(workspace.clock()).astimezone(zone)
    day = now.date() if now.hour >= NIGHT_HOUR else now.date() - timedelta(days=1)
    return to_instant(datetime(day.year, day.month, day.day, NIGHT_HOUR, tzinfo=zone))


def do_due_chores(workspace: Workspace, stop: threading.Event) -> bool:
    """Fold what pays, then the nightly chores that are due. True when something was done."""
    from schwung.app.compact import compact_lake
    from schwung.app.home_figures import ask_missing
    from schwung.app.lasting import make_due

    folded = compact_lake(workspace)
    done = make_due(workspace, only_missing=True) or bool(folded)
    done = ask_missing(workspace) or done
    for chore in _due(workspace):
        if stop.is_set():
            break
        chore.do(workspace)
        _note(workspace, chore)
        log("chore_done", chore=chore.name)
        done = True
    return done


def _due(workspace: Workspace) -> list[Chore]:
    """A new workspace begins with the next night."""
    with workspace.store.read() as tx:
        done_at = {row["name"]: row["done_at"] for row in tx.rows("work.chores")}
    for chore in CHORES:
        if chore.name not in done_at:
            _note(workspace, chore)
    night = last_night(workspace)
    return [chore for chore in CHORES if done_at.get(chore.name, night) < night]


def _note(workspace: Workspace, chore: Chore) -> None:
    with workspace.store.write() as tx:
        tx.run("work.chore_done", name=chore.name, now=workspace.clock())
