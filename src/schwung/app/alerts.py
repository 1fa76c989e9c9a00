"""Alerts: a metric beyond a bound, checked every night; and annotations, what happened on a day."""

from dataclasses import dataclass
from typing import Any, Literal

from schwung.app.boards import one_number
from schwung.app.facts import open_facts
from schwung.app.own_event import add_own_event
from schwung.app.report import PAGE_DAYS, measure_with, read_day
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.period import day_of, last_days
from schwung.core.text import Language, Text
from schwung.measure.metrics import METRICS
from schwung.measure.phase import PHASES

Direction = Literal["above", "below"]


@dataclass(frozen=True, slots=True)
class Alert:
    """bound, value: in the metric's unit. value None: not checked yet, or nothing to tell. raised_at: when it last began."""

    alert_no: int
    metric: str
    days: int
    direction: Direction
    bound: float
    created_by: str
    created_at: Instant
    checked_at: Instant | None
    value: float | None
    is_raised: bool
    raised_at: Instant | None

    def to_json(self) -> dict[str, Any]:
        """Instants in ISO 8601, UTC."""
        from schwung.app.customer_json import when

        found = {name: getattr(self, name) for name in self.__slots__}
        return found | {name: when(found[name]) for name in found if name.endswith("_at")}


@dataclass(frozen=True, slots=True)
class Annotation:
    """noted_on: ISO day. phase: of the six, where it belongs to one."""

    annotation_no: int
    noted_on: str
    text_en: str
    text_de: str
    phase: str | None
    created_by: str
    created_at: Instant

    def to_json(self) -> dict[str, Any]:
        """The instant in ISO 8601, UTC."""
        from schwung.app.customer_json import when

        return {name: getattr(self, name) for name in self.__slots__} | {"created_at": when(self.created_at)}

    def in_(self, language: Language) -> str:
        return self.text_de if language == "de" else self.text_en


def alerts(workspace: Workspace) -> list[Alert]:
    """Raised ones first."""
    with workspace.store.read() as tx:
        return [
            Alert(**{name: row[name] for name in Alert.__slots__} | {"is_raised": bool(row["is_raised"])})
            for row in tx.rows("boards.alerts")
        ]


def read_alert(workspace: Workspace, alert_no: int) -> Alert:
    """InputError when there is none."""
    for one in alerts(workspace):
        if one.alert_no == alert_no:
            return one
    raise InputError(
        "unknown_alert",
        Text("There is no alert {no}.", "Einen Alarm {no} gibt es nicht.").fill(no=alert_no),
        Text("See them with: schwung alert ls", "Sie zeigt: schwung alert ls"),
    )


def raised_count(workspace: Workspace) -> int:
    """How many alerts stand, for the navigation."""
    return sum(one.is_raised for one in alerts(workspace))


def add_alert(
    workspace: Workspace, metric: str, direction: str, bound: float, *, days: int = PAGE_DAYS, actor: str
) -> Alert:
    """InputError for an unknown metric, or one that is no single number. It is checked in the next night, or by hand."""
    one_number(metric)
    way = "below" if direction == "below" else "above"
    with workspace.store.write() as tx:
        number = tx.value(
            "boards.add_alert", metric=metric, days=days, direction=way, bound=bound, created_by=actor, now=workspace.clock()
        )  # fmt: skip
    return read_alert(workspace, int(number))


def mark_alert(workspace: Workspace, alert_no: int, *, deleted: bool) -> None:
    with workspace.store.write() as tx:
        tx.run("boards.set_alert_deleted", alert_no=alert_no, deleted_at=workspace.clock() if deleted else None)


def check_alerts(workspace: Workspace) -> int:
    """Look at every alert once; how many stand. What newly stands becomes an event `alert_raised`."""
    known = alerts(workspace)
    if not known:
        return 0
    raised = 0
    with open_facts(workspace, frugal=True) as facts:
        for one in known:
            metric = METRICS.find(one.metric)
            period = last_days(metric.window_days or one.days, facts.as_of, facts.zone)
            row = measure_with(facts, one.metric, since=period.since_on, until=period.until_on).row
            value = None if row is None or row.too_few else row.estimate.value
            stands = value is not None and (value > one.bound if one.direction == "above" else value < one.bound)
            raised += stands
            _note(workspace, one, value, period.days, facts.as_of, stands=stands)
    return raised


def _note(workspace: Workspace, one: Alert, value: float | None, days: int, as_of: Instant, *, stands: bool) -> None:
    """In one commit, so that it is raised once however many look."""
    now = workspace.clock()
    with workspace.store.write() as tx:
        tx.run("boards.check_alert", alert_no=one.alert_no, now=now, value=value)
        if not stands:
            tx.run("boards.lower_alert", alert_no=one.alert_no)
        elif tx.run("boards.raise_alert", alert_no=one.alert_no, now=now):
            told = {"alert_no": one.alert_no, "metric": one.metric, "direction": one.direction, "bound": one.bound}
            told |= {"value": value, "days": days}
            add_own_event(tx, now, "alert_raised", f"alert-{one.alert_no}-{now}", told, as_of=as_of)


def annotations(workspace: Workspace) -> list[Annotation]:
    """The newest first."""
    with workspace.store.read() as tx:
        return [
            Annotation(**{name: row[name] for name in Annotation.__slots__}) for row in tx.rows("boards.annotations")
        ]


def read_annotation(workspace: Workspace, annotation_no: int) -> Annotation:
    """InputError when there is none."""
    for one in annotations(workspace):
        if one.annotation_no == annotation_no:
            return one
    raise InputError(
        "unknown_annotation",
        Text("There is no annotation {no}.", "Eine Anmerkung {no} gibt es nicht.").fill(no=annotation_no),
        Text("See them with: schwung annotation ls", "Sie zeigt: schwung annotation ls"),
    )


def annotate(
    workspace: Workspace, noted_on: str, text_en: str, text_de: str = "", *, phase: str | None = None, actor: str
) -> Annotation:
    """One text stands for both languages where only one is given. InputError for a date or phase that is none, or no text."""
    if phase and phase not in PHASES:
        raise InputError(
            "unknown_phase",
            Text("There is no phase “{name}”.", "Eine Phase „{name}“ gibt es nicht.").fill(name=phase[:40]),
            Text("Possible: {names}.", "Möglich: {names}.").fill(names=", ".join(PHASES)),
        )
    day = read_day(noted_on, "date") or day_of(workspace.clock(), workspace.settings.workspace.zone)
    english, german = (" ".join(text.split())[:80] for text in (text_en, text_de))
    if not english and not german:
        raise InputError(
            "no_text",
            Text("The annotation has no text.", "Die Anmerkung hat keinen Text."),
            Text("Write a few words.", "Ein paar Worte schreiben."),
        )
    with workspace.store.write() as tx:
        number = tx.value(
            "boards.add_annotation", noted_on=day.isoformat(), text_en=english or german, text_de=german or english,
            phase=phase or None,
            created_by=actor, now=workspace.clock(),
        )  # fmt: skip
    return read_annotation(workspace, int(number))


def mark_annotation(workspace: Workspace, annotation_no: int, *, deleted: bool) -> None:
    """Delete, or take the deletion back."""
    with workspace.store.write() as tx:
        tx.run(
            "boards.set_annotation_deleted", annotation_no=annotation_no, deleted_at=workspace.clock() if deleted else None
        )  # fmt: skip
