"""Personas: groups of customers who buy alike, what sets each apart, how many there are over time."""

from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from schwung.app.personas import Persona, ask_for_personas, personas, rename_persona, trait_text
from schwung.core.errors import InputError
from schwung.measure.persona.describe import Trait
from schwung.web.console import marks
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state

router = console_router()
AREA = Area("personas", path="/personas", group="customers", icon="users-group", router=router)
_WIDEST = 2.0
"""Deviations from the mean that fill one side of a bar."""


@router.get("/personas")
def show(page: Viewer) -> Response:
    found = personas(page.workspace)
    return page.render(
        "personas/personas.html",
        found=found,
        known=data_state(page.workspace).has_orders,
        cards=[_card(page, persona) for persona in found.personas],
        best=found.stability.get(len(found.personas)),
    )


@router.post("/personas/find")
def find(page: Editor) -> Response:
    ask_for_personas(page.workspace, actor=page.actor)
    return page.go("/personas", toast=page.text("asked"))


@router.post("/personas/{list_no}")
def rename(
    page: Editor,
    list_no: int,
    name: Annotated[str, Form(max_length=300)],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    try:
        found = rename_persona(page.workspace, list_no, name, note, actor=page.actor)
    except InputError as error:
        return page.go("/personas", toast=page.sentence(error), bad=True)
    return page.go("/personas", toast=page.text("renamed", name=found.name))


def _card(page: Page, persona: Persona) -> dict[str, Any]:
    currency = page.workspace.settings.workspace.currency

    def row(trait: Trait) -> dict[str, Any]:
        return {
            "title": trait.title,
            "value": trait_text(trait, trait.value, currency),
            "overall": trait_text(trait, trait.overall, currency),
            "bar": marks.change_bar(trait.apart, _WIDEST, "c1" if abs(trait.apart) >= 0.4 else "flat"),
        }

    ranked = sorted(persona.traits, key=lambda trait: -abs(trait.apart))
    first = persona.sizes[0] if len(persona.sizes) > 1 else None
    return {"persona": persona, "traits": [row(trait) for trait in ranked], "first": first}
