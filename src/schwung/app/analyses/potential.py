"""The potential analysis of a workspace, and its fields as saved customer lists."""

from dataclasses import dataclass, replace

import pyarrow as pa
from ibis import _

from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import SLOW_AGE, Cached, cached
from schwung.app.lists import SavedList, create_list
from schwung.app.ports import EngineName
from schwung.app.predictions import predictions
from schwung.app.reading import Prepared
from schwung.app.report import question_of
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.valuation import Basis, Valuation
from schwung.predict.potential.portfolio import STANCES
from schwung.predict.potential.potential import Foreseen
from schwung.predict.potential.potential import potential as analysed
from schwung.predict.potential.views import Potential

BASES: tuple[Basis, ...] = ("revenue", "margin")
_YEAR_DAYS = (364, 365, 366)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no analysis, and what to do."""

    message: Text
    step: Text


def potential(workspace: Workspace, *, basis: str | None = None, engine: EngineName | None = None) -> Potential:
    """basis: revenue or margin; None: margin where it is known. InputError where hardly anybody ordered within a year."""
    asked = _checked(basis)
    with open_facts(workspace, engine) as facts:
        return _of_facts(facts, asked)


def cached_potential(workspace: Workspace, basis: str | None = None) -> Cached:
    """For pages; its value is a Potential without its customers, or a Refusal that says why there is none."""
    asked = _checked(basis)

    def compute(facts: Facts) -> Potential | Refusal:
        try:
            return replace(_of_facts(facts.unkept(), asked), customers=None)
        except InputError as error:
            return Refusal(error.message, error.step)

    return cached(workspace, ("potential", asked), compute, SLOW_AGE)


def list_from_field(
    workspace: Workspace, field: str, name: str, *, basis: str | None = None, note: str = "", actor: str
) -> SavedList:  # fmt: skip
    """The customers of a field of the portfolio, such as high-low (value first), as they are now. InputError for an unknown
    field, an empty one, a name that is taken."""
    if field not in {f"{value}-{potential}" for value, potential in STANCES}:
        raise InputError(
            "unknown_field",
            Text("There is no field “{name}”.", "Ein Feld „{name}“ gibt es nicht.").fill(name=field[:40]),
            Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(f"{a}-{b}" for a, b in STANCES)),
        )
    found = potential(workspace, basis=basis)
    rows = found.rows.filter(pa.compute.equal(found.rows["field"], field))
    kept = {"field": field, "basis": found.basis}
    return create_list(
        workspace, name, rows["customer_id"].to_pylist(), note=note, origin="potential", basis=kept, actor=actor
    )


def _checked(basis: str | None) -> Basis | None:
    for known in (None, *BASES):
        if basis == known:
            return known
    raise InputError(
        "unknown_basis",
        Text("“{name}” is no basis of value.", "„{name}“ ist keine Grundlage des Werts.").fill(name=str(basis)[:40]),
        Text("Possible: revenue, margin.", "Möglich: revenue (Umsatz), margin (Marge)."),
    )


def _of_facts(facts: Facts, basis: Basis | None) -> Potential:
    first_at = question_of(facts, ("month",), None, None).first_at
    question = replace(question_of(facts, (), None, None), first_at=first_at)
    reading = Prepared(facts, question, ("potential",))
    return analysed(reading, basis=basis, foreseen=_foreseen(facts, question.value))


def _foreseen(facts: Facts, value: Valuation) -> Foreseen:
    """What the newest versions of trained models say of everybody; of CLV only what is of a year and counted as the settings say now."""
    rows = predictions(facts).select("customer_id", "target", "value", "horizon_days")
    of_year = rows.filter(rows.target == "clv", rows.horizon_days.isin(_YEAR_DAYS) & value.is_predicted)
    clv = facts.run(of_year.group_by("customer_id").agg(clv=_.value.max()))
    offers = facts.run(rows.filter(rows.target == "next_offer").group_by("customer_id").agg(offers=_.value.sum()))
    return Foreseen(clv if clv.num_rows else None, offers if offers.num_rows else None, value.basis)
