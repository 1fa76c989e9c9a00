"""Predictions as people, pages and scripts read them: of one customer, of some, of all; fresh ones for any horizon."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from schwung.app.customer_facts import customer_rows
from schwung.app.facts import Facts, open_facts
from schwung.app.model_fit import check_packages, sight_as_asked
from schwung.app.model_versions import newest_version
from schwung.app.ports import EngineName
from schwung.app.train import checked_horizon
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.predict.model import PREDICTED, Model, Prediction, Wording
from schwung.predict.models import MODELS
from schwung.predict.reasons import read_reasons

NOT_TRUE = Text(
    "{title}: nothing is said here; judged on what came later the model is no truer than a rule of thumb.",
    "{title}: hier steht nichts; am späteren Geschehen gemessen ist das Modell nicht treffender als eine Faustregel.",
)
_READ = ("model", "target", "rank", "value", "low", "high", "label", "reasons", "horizon_days", "predicted_at")


@dataclass(frozen=True, slots=True)
class Told:
    """What one model says of a customer. sentences: for people."""

    model: Model
    version: int
    predicted_at: Instant
    horizon_days: int
    predictions: tuple[Prediction, ...]
    sentences: tuple[Text, ...]

    def to_json(self) -> dict[str, Any]:
        """Money in minor units, moments as UTC instants in microseconds where a target is a date."""
        from schwung.app.customer_json import when

        return {
            "model": self.model.name,
            "version": self.version,
            "predicted_at": when(self.predicted_at),
            "horizon_days": self.horizon_days,
            "predictions": [
                {name: getattr(one, name) for name in Prediction.__slots__} for one in self.predictions
            ],
            "sentences": [{"en": one.en, "de": one.de} for one in self.sentences],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Predicted:
    """Fresh predictions of a model. rows: as models predict, in the order of customers and targets. totals: sums over all
    customers with their intervals, of the targets that have them."""

    model: Model
    version: int
    as_of: Instant
    horizon_days: int
    rows: pa.Table
    level: float = 0.8
    totals: Mapping[str, Estimate] = field(default_factory=dict)

    def slice(self, first: int, count: int) -> "Predicted":
        """Some of the rows."""
        return replace(self, rows=self.rows.slice(first, count))

    def for_csv(self) -> pa.Table:
        """The rows with dates as ISO 8601, UTC; numbers as they are."""
        dates = [target.name for target in self.model.targets if target.unit == "date"]
        rows = self.rows
        is_date = pc.is_in(rows["target"], pa.array(dates, pa.string()))
        for name in ("value", "low", "high"):
            moments = pc.if_else(is_date, pc.round(rows[name]), None).cast(pa.int64()).cast(pa.timestamp("us"))
            days = pc.strftime(moments.cast(pa.timestamp("s"), safe=False), "%Y-%m-%dT%H:%M:%SZ")
            column = pc.if_else(is_date, days, rows[name].cast(pa.string()))
            rows = rows.set_column(rows.column_names.index(name), name, column)
        return rows

    def to_pandas(self) -> Any:
        """One row per customer, target and rank."""
        return self.rows.to_pandas()

    def to_json(self) -> dict[str, Any]:
        from schwung.app.customer_json import when

        return {
            "model": self.model.name,
            "version": self.version,
            "as_of": when(self.as_of),
            "horizon_days": self.horizon_days,
            "level": self.level,
            "totals": {
                name: {"value": one.value, "low": one.low, "high": one.high, "customers": one.n}
                for name, one in self.totals.items()
            },
            "predictions": [{**row, "reasons": read_reasons(row["reasons"])} for row in self.rows.to_pylist()],
        }


def predictions(facts: Facts) -> ir.Table:
    """All that holds at the snapshot: customer_id and the columns of the fact table; nobody who objected since."""
    rows = facts.table("predictions", customer=True)
    objected = facts.table("profiles").filter(_.has_objected).select("customer_id")
    return rows.filter(rows.customer_id == rows.identifier_id).anti_join(objected, "customer_id")


def predict(
    workspace: Workspace, model: str, *, horizon_days: int | None = None, level: float = 0.8,
    discount_rate: float | None = None, engine: EngineName | None = None,
) -> Predicted:  # fmt: skip
    """What the newest version says of every customer now, for any horizon. InputError where it was never trained, and for a
    horizon or level that cannot be.

    A version that was trained up to a day speaks as of that day; others as of now. level: of the intervals.
    discount_rate: a year, instead of that of the settings, for models of value.
    """
    found = MODELS.find(model)
    version = newest_version(workspace, found.name)
    assert version.trained is not None
    check_packages(found)
    days = version.asked.horizon_days if horizon_days is None else checked_horizon(horizon_days)
    if not 0 < level < 1:
        raise InputError(
            "level_wrong",
            Text("The level of intervals must lie between 0 and 1.", "Das Niveau der Intervalle muss zwischen 0 und 1 liegen."),
            Text("Choose another one.", "Ein anderes wählen."),
        )  # fmt: skip
    if discount_rate is not None and not 0 <= discount_rate <= 1:
        raise InputError(
            "discount_wrong",
            Text("The discount rate must lie between 0 and 1.", "Die Abzinsung muss zwischen 0 und 1 liegen."),
            Text("Give a share a year, such as 0.1.", "Einen Anteil je Jahr angeben, etwa 0.1."),
        )
    options = replace(version.asked.options, horizon_days=days, level=level, discount_rate=discount_rate)
    with open_facts(workspace, engine) as facts, sight_as_asked(facts, version.asked) as sight:
        rows = found.predict(sight, version.trained, options).cast(PREDICTED)
        totals = {} if found.totals is None else found.totals(sight, version.trained, options)
    order = [("customer_id", "ascending"), ("target", "ascending"), ("rank", "ascending")]
    return Predicted(found, version.version, sight.as_of, days, rows.sort_by(order), level, totals)


def of_customer(workspace: Workspace, customer_id: int) -> list[Told]:
    """What all models say of one customer, in the order of the registry; nothing of who objected (Art. 21 GDPR)."""
    with workspace.store.read() as tx:
        if tx.rows("profile.objected", customer_ids=[customer_id]):
            return []
    with open_facts(workspace) as facts:
        found = customer_rows(
            facts, "predictions", lambda tables: tables["predictions"].select(*_READ, "model_version"),
            ("predictions",), [customer_id],
        )  # fmt: skip
        names = _product_names(facts, found)
    wording = wording_of(workspace, names)
    said: dict[str, list[dict[str, Any]]] = {}
    for row in found.to_pylist():
        said.setdefault(row["model"], []).append(row)
    told = [_told(model, said[name], wording) for name, model in MODELS.items() if name in said]
    return [one if _is_true(workspace, one.model) else _silent(one) for one in told]


def _is_true(workspace: Workspace, model: Model) -> bool:
    """Whether a model that was judged beside a naive rule came nearer to what happened (log-loss)."""
    trained = newest_version(workspace, model.name).trained
    quality = {} if trained is None else trained.quality
    naive = quality.get("log_loss_naive")
    return naive is None or quality.get("log_loss", naive) < naive


def _silent(told: Told) -> Told:
    return replace(told, sentences=(NOT_TRUE.fill(title=told.model.title),))


def of_customers(
    workspace: Workspace, customer_ids: Sequence[int], model: str, target: str
) -> Mapping[int, Prediction]:
    """One target of one model for the customers of a page, by number."""
    with open_facts(workspace) as facts:
        rows = predictions(facts)
        rows = rows.filter(rows.customer_id.isin(list(customer_ids)), rows.model == model, rows.target == target)
        found = facts.run(rows.filter(rows["rank"] == 0).select("customer_id", *_READ)).to_pylist()
    return {row["customer_id"]: _prediction(row) for row in found}


def wording_of(workspace: Workspace, product_names: Mapping[str, str] | None = None) -> Wording:
    """What sentences about a customer need."""
    about = workspace.settings.workspace
    return Wording(about.currency, 10 ** exponent_of(about.currency), about.zone, product_names or {})


def _told(model: Model, rows: Sequence[Mapping[str, Any]], wording: Wording) -> Told:
    order = {target.name: place for place, target in enumerate(model.targets)}
    ordered = sorted(rows, key=lambda row: (order.get(row["target"], len(order)), row["rank"]))
    said = [_prediction(row) for row in ordered]
    first = ordered[0]
    return Told(
        model, first["model_version"], first["predicted_at"], first["horizon_days"], tuple(said),
        model.words(said, replace(wording, horizon_days=first["horizon_days"])),
    )  # fmt: skip


def _prediction(row: Mapping[str, Any]) -> Prediction:
    names = ("target", "rank", "value", "low", "high", "label")
    return Prediction(**{name: row[name] for name in names}, reasons=read_reasons(row["reasons"]))


def _product_names(facts: Facts, found: pa.Table) -> dict[str, str]:
    """Names of the products that predictions or their reasons speak of."""
    wanted = {label for label in found["label"].to_pylist() if label is not None}
    for text in found["reasons"].to_pylist():
        wanted |= {one["product"] for one in read_reasons(text) if isinstance(one.get("product"), str)}
    if not wanted:
        return {}
    rows = facts.table("products")
    rows = rows.filter(rows.product_id.isin(sorted(wanted)))
    return {
        row["product_id"]: row["name"]
        for row in facts.run(rows.select("product_id", "name")).to_pylist()
        if row["name"]
    }
