"""Versions of models in the store: asked for, running, done, failed; which one holds at a snapshot."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from schwung.app.ports import Row, Transaction
from schwung.app.publish import newest_snapshot
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError, SchwungError
from schwung.core.text import Text
from schwung.predict.as_json import trained_of
from schwung.predict.drift import Drift
from schwung.predict.model import Options, TimeUnit, Trained

State = Literal["asked", "running", "done", "failed"]
Step = Literal["read", "fit", "predict", "write"]
STATES: tuple[State, ...] = get_args(State)
STEPS: Mapping[Step, Text] = {
    "read": Text("reads the facts", "liest die Fakten"),
    "fit": Text("is fitted and tested", "wird angepasst und geprüft"),
    "predict": Text("predicts", "sagt vorher"),
    "write": Text("writes the predictions", "schreibt die Vorhersagen"),
}
MOST = 50
DEFECT = Text("The model failed by a defect ({kind}).", "Das Modell scheiterte an einem Fehler im Programm ({kind}).")
INTERRUPTED = Text("The training was interrupted.", "Das Training wurde unterbrochen.")
_AGAIN = Text("Train it again.", "Erneut trainieren.")


@dataclass(frozen=True, slots=True)
class Asked:
    """How a training was asked: ISO days, or None where it takes all."""

    since: str | None = None
    until: str | None = None
    time_unit: TimeUnit = "day"
    horizon_days: int = 365
    covariates: bool = True

    @property
    def options(self) -> Options:
        return Options(horizon_days=self.horizon_days, time_unit=self.time_unit, covariates=self.covariates)

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a training failed: code, sentence, next step."""

    code: str
    message: Text
    step: Text

    def to_json(self) -> dict[str, Any]:
        texts = {"message": self.message, "step": self.step}
        return {"code": self.code} | {name: {"en": text.en, "de": text.de} for name, text in texts.items()}

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """Of an error of ours its own words; of a defect only its kind, since its words may quote data."""
        if isinstance(error, SchwungError):
            return cls(error.code, error.message, error.step)
        return cls("defect", DEFECT.fill(kind=type(error).__name__), _AGAIN)


INTERRUPTION = Failure("interrupted", INTERRUPTED, _AGAIN)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model. window: ISO days of the first and the last fact that it saw. trained: None before it is done;
    without pictures and state where it came from a list. predicted: number of predictions."""

    version: int
    model: str
    state: State
    step: Step | None
    asked: Asked
    asked_by: str
    asked_at: Instant
    started_at: Instant | None = None
    trained_at: Instant | None = None
    as_of: Instant | None = None
    trained: Trained | None = None
    window: Mapping[str, str | None] = field(default_factory=dict)
    predicted: int = 0
    drift: Drift | None = None
    failure: Failure | None = None

    def to_json(self) -> dict[str, Any]:
        """For scripts: what fitting gave."""
        given = self.trained
        if given is None:
            failure = None if self.failure is None else self.failure.to_json()
            return {"model": self.model, "version": self.version, "state": self.state, "error": failure}
        return {
            "model": self.model,
            "version": self.version,
            "parameters": dict(given.parameters),
            "standard_errors": dict(given.standard_errors),
            "log_likelihood": given.log_likelihood,
            "customers": given.customers,
            "window": dict(self.window),
            "warnings": [{"en": one.en, "de": one.de} for one in given.warnings],
        }

    def details(self) -> dict[str, Any]:
        """All that is known of it, but for what `predict` needs."""
        from schwung.app.customer_json import when
        from schwung.predict.as_json import finite

        given = self.trained
        known = {
            "state": self.state,
            "step": self.step,
            "asked": self.asked.to_json(),
            "asked_by": self.asked_by,
            **{
                name: None if (moment := getattr(self, name)) is None else when(moment)
                for name in ("asked_at", "started_at", "trained_at", "as_of")
            },
            "predictions": self.predicted,
            "drift": None if self.drift is None else self.drift.to_json(),
            "error": None if self.failure is None else self.failure.to_json(),
        }
        if given is None:
            return {"model": self.model, "version": self.version, **known}
        more = {name: finite(getattr(given, name)) for name in ("quality", "remarks", "checks")}
        return {**self.to_json(), **known, **more}


def read_version(row: Row) -> Version:
    """A version from its row in the store."""
    result = json.loads(row["result"]) if row["result"] else None
    drifted = result and result["drift"]
    error = json.loads(row["error"]) if row["error"] else None
    return Version(
        row["version"],
        row["model"],
        row["state"],
        row["step"],
        Asked(**json.loads(row["asked"])),
        row["asked_by"],
        row["asked_at"],
        row["started_at"],
        row["trained_at"],
        row["as_of"],
        None if result is None else trained_of(result, _loaded(row["checks"]), _loaded(row["model_state"])),
        result["window"] if result else {},
        result["predicted"] if result else 0,
        Drift(**drifted) if drifted else None,
        None if error is None else Failure(error["code"], Text(**error["message"]), Text(**error["step"])),
    )


def versions(workspace: Workspace, model: str) -> list[Version]:
    """Of one model, newest first, without rows of pictures."""
    with workspace.store.read() as tx:
        return [read_version(row) for row in tx.rows("models.some", model=model, most=MOST)]


def latest_versions(workspace: Workspace) -> dict[str, Version]:
    """The newest row of each model, whatever became of it: asked, running, done or failed."""
    with workspace.store.read() as tx:
        return {row["model"]: read_version(row) for row in tx.rows("models.latest")}


def holding(tx: Transaction, model: str, batch_no: int | None = None) -> Version | None:
    """The version of a model that holds at a snapshot (the newest). batch_no: of the snapshot."""
    if batch_no is None:
        snapshot = newest_snapshot(tx)
        batch_no = 0 if snapshot is None else snapshot.batch_no
    row = tx.row("models.newest", model=model, batch_no=batch_no)
    return None if row is None else read_version(row)


_NEVER_TRAINED = Text("The model {name} was not trained yet.", "Das Modell {name} wurde noch nicht trainiert.")
_NOT_TRAINABLE = Text("The model {name} is not trained: {why}", "Das Modell {name} ist nicht trainiert: {why}")


def newest_version(workspace: Workspace, model: str) -> Version:
    """The version that holds now. InputError where the model was never trained."""
    with workspace.store.read() as tx:
        found = holding(tx, model)
        tried = [read_version(row) for row in tx.rows("models.latest") if row["model"] == model and found is None]
    if found is not None:
        return found
    why = _NEVER_TRAINED.fill(name=model)
    step = Text("Train it with: schwung train {name}", "Trainieren mit: schwung train {name}").fill(name=model)
    if tried and tried[0].failure is not None:
        failure = tried[0].failure
        why, step = _NOT_TRAINABLE.fill(name=model, why=failure.message), failure.step
    raise InputError("model_not_trained", why, step)


def _loaded(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}
