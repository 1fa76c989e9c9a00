"""Trains models when asked and by schedule: one process at a time; what one model cannot do stops no other."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from schwung.app import audit
from schwung.app.chores import last_night
from schwung.app.lane import lease, suppress_held
from schwung.app.model_fit import Watch, fit_version, silent
from schwung.app.model_versions import INTERRUPTION, Asked, Version
from schwung.app.ports import EngineName, Transaction
from schwung.app.report import read_day
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.model import TimeUnit
from schwung.predict.models import MODELS

Day = date | str | None
LEASE = "models"
_CHORE = "models"
_DAYS_BETWEEN = {"nightly": 0, "weekly": 6}


def train(
    workspace: Workspace,
    model: str,
    *,
    since: Day = None,
    until: Day = None,
    time_unit: TimeUnit = "day",
    horizon_days: int | None = None,
    engine: EngineName | None = None,
    actor: str,
    watch: Watch = silent,
    wait: float = 600.0,
) -> Version:
    """Fit a model now and publish what it predicts. InputError, in a sentence, for what cannot be fitted.

    since, until: first and last day that it sees. time_unit: clock of its parameters. wait: seconds for a training that is
    under way elsewhere, else SetupError.
    """
    asked = how_asked(workspace, since, until, time_unit, horizon_days)
    name = MODELS.find(model).name
    with _training(workspace, wait):
        version, error = fit_version(workspace, _ask(workspace, name, asked, actor), actor, engine, watch)
    if error is not None:
        raise error
    return version


def train_all(
    workspace: Workspace,
    *,
    since: Day = None,
    until: Day = None,
    time_unit: TimeUnit = "day",
    horizon_days: int | None = None,
    engine: EngineName | None = None,
    actor: str,
    watch: Watch = silent,
    wait: float = 600.0,
) -> list[Version]:
    """All models, one after the other; what one of them cannot do stands in its version."""
    asked = how_asked(workspace, since, until, time_unit, horizon_days)
    with _training(workspace, wait):
        return [fit_version(workspace, _ask(workspace, name, asked, actor), actor, engine, watch)[0] for name in MODELS]


def ask_training(workspace: Workspace, model: str | None = None, *, actor: str) -> tuple[str, ...]:
    """A worker trains the model, or all; asked twice is asked once. Names of what waits now."""
    names = tuple(MODELS) if model is None else (MODELS.find(model).name,)
    asked = how_asked(workspace)
    with workspace.store.write() as tx:
        waiting = {row["model"] for row in tx.rows("models.asked")}
        for name in names:
            if name not in waiting:
                _add(tx, workspace, name, asked, actor)
        audit.add(tx, workspace.clock(), actor, "training_asked", names=", ".join(names))
    return names


def train_due(workspace: Workspace) -> bool:
    """For the worker: what was asked for, or all models where the schedule says so; what a dead process left is closed.
    True when something was done."""
    with workspace.store.read() as tx:
        waiting = [(row["version"], row["asked_by"]) for row in tx.rows("models.asked")]
        is_left = bool(tx.value("models.is_running"))
    is_scheduled = not waiting and _is_scheduled(workspace)
    if not waiting and not is_scheduled and not is_left:
        return False
    with suppress_held(), _training(workspace, 0.0):
        asked = how_asked(workspace)
        if is_scheduled:
            waiting = [(_ask(workspace, name, asked, "worker"), "worker") for name in MODELS]
            _note(workspace)
        for version, actor in waiting:
            fit_version(workspace, version, actor, None, silent, frugal=True)
        return True
    return False


def how_asked(
    workspace: Workspace, since: Day = None, until: Day = None, time_unit: TimeUnit = "day", horizon_days: int | None = None
) -> Asked:  # fmt: skip
    """How a training is asked, checked. InputError for dates that are none and for a horizon that is too short or long."""
    first, last = read_day(since, "since"), read_day(until, "until")
    days = workspace.settings.predict.horizon_days if horizon_days is None else checked_horizon(horizon_days)
    covariates = workspace.settings.predict.covariates == "auto"
    return Asked(
        None if first is None else first.isoformat(),
        None if last is None else last.isoformat(),
        time_unit,
        days,
        covariates,
    )


def checked_horizon(days: int) -> int:
    """1 to 3,650, else InputError."""
    if 1 <= days <= 3_650:
        return days
    raise InputError(
        "horizon_wrong",
        Text("The horizon must lie between 1 and 3,650 days.", "Der Horizont muss zwischen 1 und 3.650 Tagen liegen."),
        Text("Choose another one.", "Einen anderen wählen."),
    )


@contextmanager
def _training(workspace: Workspace, wait: float) -> Iterator[None]:
    """The right to train; what a process that has died left running is closed."""
    with lease(workspace, LEASE, "training", wait):
        error = json.dumps(INTERRUPTION.to_json(), ensure_ascii=False)
        with workspace.store.write() as tx:
            tx.run("models.interrupted", now=workspace.clock(), error=error)
        yield


def _ask(workspace: Workspace, model: str, asked: Asked, actor: str) -> int:
    with workspace.store.write() as tx:
        return _add(tx, workspace, model, asked, actor)


def _add(tx: Transaction, workspace: Workspace, model: str, asked: Asked, actor: str) -> int:
    text = json.dumps(asked.to_json())
    return int(tx.value("models.ask", model=model, asked=text, asked_by=actor, now=workspace.clock()))


def _is_scheduled(workspace: Workspace) -> bool:
    """A new workspace begins with the next night."""
    schedule = workspace.settings.predict.schedule
    if schedule == "off":
        return False
    with workspace.store.read() as tx:
        done_at = {row["name"]: row["done_at"] for row in tx.rows("work.chores")}.get(_CHORE)
    if done_at is None:
        _note(workspace)
        return False
    return bool(done_at < last_night(workspace) - _DAYS_BETWEEN[schedule] * DAY)


def _note(workspace: Workspace) -> None:
    with workspace.store.write() as tx:
        tx.run("work.chore_done", name=_CHORE, now=workspace.clock())


def waiting_models(workspace: Workspace) -> Sequence[str]:
    """Models whose training was asked for and has not begun."""
    with workspace.store.read() as tx:
        return [row["model"] for row in tx.rows("models.asked")]
