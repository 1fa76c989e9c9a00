"""Customer potential: the six steps on one page, and the fields of the portfolio as saved lists."""

import csv
import io
from functools import partial
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from schwung.app.analyses.potential import BASES, Refusal, cached_potential, list_from_field
from schwung.core.errors import InputError
from schwung.predict.potential.concentration import CLASSES
from schwung.predict.potential.portfolio import LEVEL_WORDS, LEVELS, STANCES
from schwung.predict.potential.views import STEPS, Potential
from schwung.web.console.area import Area
from schwung.web.console.marks import share_bar
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.potential import cards
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("potential", path="/potential", group="customers", icon="target", router=router)


@router.get("/potential")
def potential(page: Viewer, basis: str = "") -> Response:
    known = data_state(page.workspace).has_orders
    chosen = _basis(basis)
    part = inline(partial(_steps, page, chosen)) if known else None
    return page.render("potential/potential.html", known=known, part=part, basis=chosen)


@router.get("/potential/steps")
def steps(page: Viewer, basis: str = "") -> Response:
    """The six steps, for those who wait for them."""
    return page.fragment(_steps(page, _basis(basis)))


@router.get("/potential/fields.csv")
def fields_csv(page: Viewer, basis: str = "") -> Response:
    """The nine fields, amounts in minor units."""
    found = cached_potential(page.workspace, _basis(basis) or None).value
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("field", "stance", "customers", "value_minor", "expected_minor", "potential_minor", "low", "high", "target_minor", "priority"))  # fmt: skip
    for one in found.fields if isinstance(found, Potential) else ():
        gap = one.potential
        writer.writerow((one.name, one.stance.name, one.customers, one.minor, one.expected, round(gap.value or 0), _whole(gap.low), _whole(gap.high), one.target, one.priority))  # fmt: skip
    head = {"Content-Disposition": 'attachment; filename="potential.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=head)


@router.post("/potential/lists")
def save(
    page: Editor,
    field: Annotated[str, Form(max_length=40)],
    name: Annotated[str, Form(max_length=300)],
    basis: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    chosen = _basis(basis)
    try:
        found = list_from_field(page.workspace, field, name, basis=chosen or None, actor=page.actor)
    except InputError as error:
        back = f"/potential?basis={chosen}" if chosen else "/potential"
        return page.go(back, toast=page.sentence(error), bad=True)
    return page.go(
        f"/lists/{found.list_no}",
        toast=page.text("saved", name=found.name, n=found.size),
        undo=f"/lists/{found.list_no}/delete",
    )


def _basis(text: str) -> str:
    return text if text in BASES else ""


def _whole(amount: float | None) -> int | None:
    return None if amount is None else round(amount)


def _steps(page: Page, basis: str) -> str:
    found = cached_potential(page.workspace, basis or None).value
    if isinstance(found, Refusal):
        said = f"{found.message.in_(page.language)} {found.step.in_(page.language)}"
        return page.html("potential/steps.html", found=None, error=said)
    return page.html(
        "potential/steps.html",
        found=found,
        steps=STEPS,
        levels=LEVELS,
        level_words=LEVEL_WORDS,
        stances=STANCES,
        classes=CLASSES,
        bar=share_bar,
        basis=basis,
        by_name={one.name: one for one in found.fields},
        **cards.cards(page, found),
    )
