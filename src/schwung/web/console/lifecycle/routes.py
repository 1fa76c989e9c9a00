"""Lifecycle: kinds and phases with the moves between them, the acquisition funnel, the rules of the phases with preview."""

import json
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

import yaml
from fastapi import Form
from fastapi.responses import Response

from schwung.app.analyses.lifecycle import (
    ACQUISITION_DAYS,
    cached_acquisition,
    cached_lifecycle,
    list_from_phase,
    list_from_stage,
    preview,
)
from schwung.app.phase_rules import RuleVersion, phase_rules, restore_phase_rules, rule_versions, save_phase_rules
from schwung.app.settings_file import save_settings
from schwung.core.clock import SECOND
from schwung.core.errors import InputError, SetupError
from schwung.measure.acquisition import CUTS, LEAST, NO_CAMPAIGN, QUIET_DAYS, STAGES
from schwung.measure.lifecycle import KINDS
from schwung.measure.moves import HISTORY_DAYS, Moves
from schwung.measure.phase import EXPLAINED, MOST_RULES, PHASES, WHEEL_OF, Rules
from schwung.measure.phases.facts import FACTS
from schwung.measure.phases.presets import PRESETS
from schwung.renderers.lasting import lasting
from schwung.web.console.area import Area
from schwung.web.console.lifecycle import form
from schwung.web.console.page import Editor, Owner, Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("lifecycle", path="/lifecycle", group="measure", icon="arrows-split-2", router=router)
WINDOWS = (7, 28, 90, 365)
DAYS = 28


@router.get("/lifecycle")
def lifecycle(page: Viewer, days: int = DAYS) -> Response:
    days = _days(days, DAYS)
    known = data_state(page.workspace).published_at is not None
    part = inline(partial(_moves, page, days)) if known else None
    return page.render("lifecycle/lifecycle.html", tab="lifecycle", known=known, part=part, days=days, windows=WINDOWS)


@router.get("/lifecycle/moves")
def moves(page: Viewer, days: int = DAYS) -> Response:
    """Both matrices, for those who wait for them."""
    return page.fragment(_moves(page, _days(days, DAYS)))


@router.get("/lifecycle/acquisition")
def acquisition(page: Viewer, days: int = ACQUISITION_DAYS) -> Response:
    days = _days(days, ACQUISITION_DAYS)
    known = data_state(page.workspace).published_at is not None
    part = inline(partial(_stages, page, days)) if known else None
    return page.render("lifecycle/acquisition.html", tab="acquisition", known=known, part=part, days=days, windows=WINDOWS)  # fmt: skip


@router.get("/lifecycle/acquisition/stages")
def stages(page: Viewer, days: int = ACQUISITION_DAYS) -> Response:
    """The stages, for those who wait for them."""
    return page.fragment(_stages(page, _days(days, ACQUISITION_DAYS)))


@router.get("/lifecycle/rules")
def rules(page: Viewer) -> Response:
    """The editor. A button of the form comes with `act`: what it asks for is done, and the address says what is left."""
    held = phase_rules(page.workspace)
    fields = page.request.query_params.multi_items()
    act = page.request.query_params.get("act", "")
    given = form.rules_of(fields) if any(name.startswith("r0.") for name, _ in fields) else held.rules.to_json()
    if act:
        return page.go(f"/lifecycle/rules?{urlencode(form.fields_of(form.acted(given, act)))}")
    wrong, asked = "", None
    try:
        asked = form.named(Rules.read(given))
    except InputError as error:
        wrong = page.sentence(error)
    settings = page.workspace.settings.lifecycle
    is_other = asked is not None and (asked.rules, asked.otherwise) != (held.rules.rules, held.rules.otherwise)
    return page.render(
        "lifecycle/rules.html", tab="rules", given=given, held=held, asked=asked, wrong=wrong, is_other=is_other,
        phases=PHASES, facts=FACTS, presets=PRESETS, most=MOST_RULES, address=urlencode(form.fields_of(given)),
        definition=json.dumps(asked.to_json(), ensure_ascii=False) if asked else "", settings=settings,
        file=yaml.safe_dump(asked.to_json(), allow_unicode=True, sort_keys=False).strip() if asked else "",
        versions=[(one, _who(page, one)) for one in rule_versions(page.workspace)], known=data_state(page.workspace).published_at,
    )  # fmt: skip


@router.get("/lifecycle/rules/preview")
def preview_rules(page: Viewer) -> Response:
    """How many would be in which phase by the rules in the address."""
    given = form.rules_of(page.request.query_params.multi_items())
    try:
        found = preview(page.workspace, given).phases
    except InputError as error:
        return page.render("lifecycle/preview.html", wrong=page.sentence(error), counts={}, names=PHASES)
    return page.render("lifecycle/preview.html", wrong="", counts=found, names=PHASES)


@router.get("/lifecycle/kinds/preview")
def preview_kinds(page: Viewer, dormant: int = 0, lost: int = 0) -> Response:
    """How many would be of which kind with other days."""
    if not 1 <= dormant < lost <= 3_650:
        return page.render("lifecycle/preview.html", wrong=page.words("days_wrong"), counts={}, names=KINDS)
    found = preview(page.workspace, dormant_after_days=dormant, lost_after_days=lost).kinds
    return page.render("lifecycle/preview.html", wrong="", counts=found, names=KINDS)


@router.post("/lifecycle/rules")
def save_rules(page: Editor, definition: Annotated[str, Form(max_length=100_000)]) -> Response:
    before = phase_rules(page.workspace).version_no
    try:
        save_phase_rules(page.workspace, form.read(definition), actor=page.actor)
    except InputError as error:
        return page.go("/lifecycle/rules", toast=page.sentence(error), bad=True)
    return page.go("/lifecycle", toast=page.text("saved"), undo=f"/lifecycle/rules/{before}/restore")


@router.post("/lifecycle/rules/{version_no}/restore")
def restore_rules(page: Editor, version_no: int) -> Response:
    """An earlier version; also the undo of saving."""
    before = phase_rules(page.workspace).version_no
    try:
        restore_phase_rules(page.workspace, version_no, actor=page.actor)
    except InputError as error:
        return page.go("/lifecycle/rules", toast=page.sentence(error), bad=True)
    return page.go("/lifecycle/rules", toast=page.text("restored"), undo=f"/lifecycle/rules/{before}/restore")


@router.post("/lifecycle/kinds")
def save_kinds(page: Owner, dormant: Annotated[int, Form()], lost: Annotated[int, Form()]) -> Response:
    if not 1 <= dormant < lost <= 3_650:
        return page.go("/lifecycle/rules", toast=page.words("days_wrong"), bad=True)
    try:
        save_settings(page.workspace, "lifecycle", {"dormant_after_days": dormant, "lost_after_days": lost}, page.actor)
    except SetupError as error:
        return page.go("/lifecycle/rules", toast=page.sentence(error), bad=True)
    return page.go("/lifecycle", toast=page.text("kinds_saved"))


@router.post("/lifecycle/lists")
def save_list(
    page: Editor,
    name: Annotated[str, Form(max_length=300)],
    stage: Annotated[str, Form(max_length=40)] = "",
    phase: Annotated[str, Form(max_length=40)] = "",
    days: Annotated[int, Form()] = ACQUISITION_DAYS,
) -> Response:
    """Those who left at a stage, or who are in a phase now."""
    try:
        if phase:
            found = list_from_phase(page.workspace, phase, name, actor=page.actor)
        else:
            found = list_from_stage(page.workspace, stage, name, days=_days(days, ACQUISITION_DAYS), actor=page.actor)
    except InputError as error:
        back = "/lifecycle" if phase else "/lifecycle/acquisition"
        return page.go(back, toast=page.sentence(error), bad=True)
    return page.go(f"/lists/{found.list_no}", toast=page.text("list_saved", name=found.name, n=found.size))


def _moves(page: Page, days: int) -> str:
    found = cached_lifecycle(page.workspace, days=days).value
    values: dict[str, Any] = {
        "found": found, "days": days, "explained": EXPLAINED, "wheel": WHEEL_OF, "history": HISTORY_DAYS,
        "parts": [("phases", found.phases, _finding(page, found.phases)), ("kinds", found.kinds, _finding(page, found.kinds))],
    }  # fmt: skip
    return page.html("lifecycle/moves.html", **values)


def _finding(page: Page, moves: Moves) -> str:
    """The largest move in a sentence."""
    crossed = [one for one in moves.moves if one.origin in moves.names and one.origin != one.target]
    if not crossed:
        return page.words("nobody_moved")
    most = max(crossed, key=lambda one: one.customers)
    names = {
        "origin": moves.names[most.origin].in_(page.language),
        "target": moves.names[most.target].in_(page.language),
    }
    if most.days is None:
        return page.words("most_moved", n=most.customers, **names)
    return page.words("most_moved_days", n=most.customers, days=round(most.days), **names)


def _stages(page: Page, days: int) -> str:
    found = cached_acquisition(page.workspace, days=days).value
    losing = [one for one in found.stages[:-1] if one.left]
    worst = max(losing, key=lambda one: one.left, default=None)
    values: dict[str, Any] = {
        "found": found, "days": days, "titles": STAGES, "cuts": CUTS, "least": LEAST, "quiet": QUIET_DAYS, "no_campaign": NO_CAMPAIGN,
        "lasting": lambda seconds: lasting(None if seconds is None else int(seconds * SECOND), page.language),
        "worst": worst,
    }  # fmt: skip
    return page.html("lifecycle/stages.html", **values)


def _days(days: int, default: int) -> int:
    return days if days in WINDOWS else default


def _who(page: Page, version: RuleVersion) -> str:
    """The preset that a version is, else how many rules it has."""
    known = form.named(version.rules).preset
    if known:
        return PRESETS[known].title.in_(page.language)
    return page.words("rules_n", n=len(version.rules.rules))
