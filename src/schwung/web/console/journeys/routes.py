"""Journeys: all of them, one with its path and counts, the editor."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import Response

from schwung.act.change import edits
from schwung.act.experiment.words import sentence
from schwung.act.journey import Journey, read_journey
from schwung.act.message import STATES as MESSAGE_STATES
from schwung.act.path import Item
from schwung.act.steps import STEPS
from schwung.act.trigger import KINDS, Called
from schwung.app import journeys as app
from schwung.app.analyses.experiment import cached_result
from schwung.app.customers import find_customer
from schwung.app.experiments import experiments
from schwung.app.journey_dry_run import DryRun, dry_run
from schwung.app.journey_hooks import close_hook, hook_of, open_hook
from schwung.app.journey_status import Standing, sizes, standing
from schwung.app.journey_why import REFUSED, why
from schwung.app.journeys import SavedJourney, find_journey
from schwung.app.lists import lists
from schwung.app.playbooks import file_of, find_playbook, is_ready, playbooks, take_playbook
from schwung.app.templates import templates
from schwung.core.errors import InputError
from schwung.core.text import Language, Text
from schwung.measure.step import OPS
from schwung.segment.leaves import LEAVES
from schwung.segment.rule import read_rule
from schwung.segment.words import OPS as OP_TEXTS
from schwung.web.console.area import Area
from schwung.web.console.funnels.form import choices, properties
from schwung.web.console.journeys import draft as drafts
from schwung.web.console.journeys import form
from schwung.web.console.journeys.form import Editing
from schwung.web.console.page import Editor, Page, Viewer, sent_fields
from schwung.web.console.shell import console_router

router = console_router()
TONES = {"draft": "", "live": " s-good", "paused": " s-warn", "stopped": " s-bad"}
_ANYBODY = {"share": {"of": 0.5, "salt": "anybody"}}
"""Stands for the entry rule that a schedule still lacks."""
AREA = Area("journeys", path="/journeys", group="act", icon="route", router=router)


@router.get("/journeys")
def all_journeys(page: Viewer) -> Response:
    with page.workspace.store.read() as tx:
        all_stopped = app.is_everything_stopped(tx)
    values: dict[str, Any] = {"found": app.journeys(page.workspace), "sizes": sizes(page.workspace)}
    return page.render("journeys/list.html", **values, states=app.STATES, tones=TONES, all_stopped=all_stopped)


@router.get("/journeys/new")
def new(page: Editor) -> Response:
    return _editor(page, Editing(drafts.new()), None)


@router.get("/journeys-playbooks")
def gallery(page: Viewer) -> Response:
    """Journeys that are ready to be taken over."""
    numbers = {one.name: one.journey_no for one in app.journeys(page.workspace)}
    found, spoken = playbooks(), page.workspace.settings.workspace.language
    values: dict[str, Any] = {
        "found": found,
        "files": {one.name: file_of(one, spoken) for one in found},
        "known": {one.name: numbers.get(one.journey(spoken)) for one in found},
        "is_ready": is_ready(page.workspace),
    }
    return page.render("journeys/playbooks.html", **values)


@router.post("/journeys-playbooks/{name}")
def take(page: Editor, name: str) -> Response:
    try:
        take_playbook(page.workspace, name, actor=page.actor)
    except InputError as error:
        return page.go("/journeys-playbooks", toast=page.sentence(error), bad=True)
    found = find_playbook(name)
    number = find_journey(page.workspace, found.journey(page.workspace.settings.workspace.language)).journey_no
    return page.go(f"/journeys/{number}", toast=page.text("taken", name=found.title.in_(page.language)))


@router.get("/journeys/{journey_no}")
def one(page: Viewer, journey_no: int, who: str = "") -> Response:
    saved = find_journey(page.workspace, journey_no)
    stands = standing(page.workspace, journey_no)
    answer, wrong = None, ""
    if who.strip():
        try:
            answer = why(page.workspace, journey_no, find_customer(page.workspace, who))
        except InputError as error:
            wrong = page.sentence(error)
    with page.workspace.store.read() as tx:
        versions = [
            row | {"edits": json.loads(row["edits"])} for row in tx.rows("journeys.versions", journey_no=journey_no)
        ]
        all_stopped = app.is_everything_stopped(tx)
        sent = {row["state"]: row["customers"] for row in tx.rows("journeys.message_states", journey_no=journey_no)}
    values: dict[str, Any] = {
        "one": saved, "states": app.STATES, "tones": TONES, "head": head_of(saved.journey, page.language), "steps": shown_of(saved.journey.steps),
        "counts": {one.step_id: {"came": one.came, "waiting": one.waiting, "ways": one.left} for one in stands.steps}, "totals": _totals(stands),
        "refused": stands.refused, "reasons": REFUSED, "who": who, "answer": answer, "wrong": wrong, "all_stopped": all_stopped,
        "versions": versions[::-1], "messages": sent, "message_states": MESSAGE_STATES, "kinds": STEPS, "edit": False, "at": "",
        "file": form.file_of(saved.name, saved.journey.to_mapping()), "takes_hooks": isinstance(saved.journey.trigger, Called),
        "hook": hook_of(page.workspace, journey_no) if page.me.may("editor") else None,
    }  # fmt: skip
    return page.render("journeys/one.html", **values)


@router.post("/journeys/{journey_no}/hook")
def hook(
    page: Editor, journey_no: int, act: Annotated[str, Form()] = "", signed: Annotated[str, Form()] = ""
) -> Response:
    """A new address for webhooks without a key, or none any more."""
    if act == "close":
        close_hook(page.workspace, journey_no, actor=page.actor)
    else:
        open_hook(page.workspace, journey_no, is_signed=bool(signed), actor=page.actor)
    return page.go(f"/journeys/{journey_no}", toast=page.text("hook_closed" if act == "close" else "hook_opened"))


@router.get("/journeys/{journey_no}/result")
def result(page: Viewer, journey_no: int) -> Response:
    """What the journey brings, for those who wait for it."""
    name = find_journey(page.workspace, journey_no).name
    experiment = next((e for e in experiments(page.workspace) if e.kind == "journey" and e.subject == name), None)
    if experiment is None:
        return page.fragment(f'<p class="s-note">{page.text("no_result")}</p>')
    found = cached_result(page.workspace, experiment).value
    tone = {"gain": " s-good", "loss": " s-bad", "broken": " s-bad"}.get(found.state, "")
    return page.render(
        "journeys/result.html", found=found, words=sentence(found), tone=tone, number=experiment.experiment_no
    )


@router.get("/journeys/{journey_no}/edit")
def edit(page: Editor, journey_no: int) -> Response:
    found = find_journey(page.workspace, journey_no)
    return _editor(page, Editing(found.journey.to_mapping(), name=found.name), found)


@router.post("/journeys/build")
async def build(page: Editor, request: Request) -> Response:
    """The editor after a button of the form."""
    fields = await sent_fields(request)
    return _editor(page, form.editing_of(fields), _known(page, fields))


@router.post("/journeys/save")
async def save(page: Editor, request: Request) -> Response:
    fields = await sent_fields(request)
    state, known = form.editing_of(fields), _known(page, fields)
    try:
        found = app.save_journey(page.workspace, state.name, state.draft, actor=page.actor)
    except InputError as error:
        return _editor(page, state, known, wrong=page.sentence(error))
    return page.go(f"/journeys/{found.journey_no}", toast=page.text("saved", name=found.name, n=found.version_no))


@router.post("/journeys-stop")
def stop_all(page: Editor, lift: Annotated[str, Form()] = "") -> Response:
    """The switch for all journeys."""
    app.stop_everything(page.workspace, actor=page.actor, is_stopped=not lift)
    return page.go("/journeys", toast=page.text("lifted" if lift else "stopped_all"))


@router.post("/journeys/dry-run")
async def try_out(page: Editor, request: Request) -> Response:
    """The draft over the customers as they are; nothing is saved."""
    fields = await sent_fields(request)
    state, known = form.editing_of(fields), _known(page, fields)
    try:
        # With ids, so that the counts find their steps.
        journey = app.check_journey(page.workspace, state.name or page.words("new"), state.draft)
        dry = dry_run(page.workspace, journey)
    except InputError as error:
        return _editor(page, state, known, wrong=page.sentence(error))
    state.draft, state.at = journey.to_mapping(), ""
    return _editor(page, state, known, dry=dry)


@router.post("/journeys/{journey_no}/{act}")
def act(page: Editor, journey_no: int, act: str) -> Response:
    """start, pause, stop or delete."""
    acts = {"start": app.start, "pause": app.pause, "stop": app.stop, "delete": app.delete}
    name = find_journey(page.workspace, journey_no).name
    try:
        acts[act](page.workspace, journey_no, actor=page.actor)
    except InputError as error:
        return page.go(f"/journeys/{journey_no}", toast=page.sentence(error), bad=True)
    target = "/journeys" if act == "delete" else f"/journeys/{journey_no}"
    return page.go(target, toast=page.text(f"did_{act}", name=name))


def _editor(
    page: Page, state: Editing, known: SavedJourney | None, *, wrong: str = "", dry: DryRun | None = None
) -> Response:
    journey: Journey | None = None
    try:
        journey = app.check_journey(page.workspace, state.name or page.words("new"), state.draft)
    except InputError as error:
        wrong = wrong or page.sentence(error)
    fields, rule = form.panel_fields(state), form.rule_of(state)
    steps = drafts.shown(state.draft.get("steps", ()))
    step = next((one for one in _flat(steps) if one.place == state.at), None)
    listed: tuple[Any, ...] = ()
    if state.at == "trigger":
        listed = form.TRIGGER_FIELDS[fields["kind"]]
    elif state.at in ("goal", "terms"):
        listed = form.GOAL_FIELDS if state.at == "goal" else form.TERM_FIELDS
    elif step is not None:
        listed = form.plain_fields(step.kind.name)
    used = [value for key, value in fields.items() if key.endswith(".what")]
    values: dict[str, Any] = {
        "state": state, "known": known, "name": state.name or (known.name if known else ""), "steps": steps, "step": step, "listed": listed,
        "fields": defaultdict(str, fields), "rule": rule, "rule_words": _words(rule), "rule_of_step": form.rule_field(step.kind.name) if step else None,
        "panel": _panel(page, state, step), "head": _head(state.draft, page.language), "wrong": page.text(state.wrong) if state.wrong else wrong,
        "edits": edits(known.journey, journey) if known and journey else (), "is_changed": known is None or state.draft != known.journey.to_mapping(),
        "kinds": STEPS, "trigger_kinds": KINDS, "edit": True, "at": state.at, "counts": _dry_counts(dry) if dry else None, "totals": None, "seen": None, "dry": dry,
        "people": _names(page, list(dry.people)) if dry else {},
        "file": form.file_of(state.name, state.draft), "leaves": LEAVES, "ops": OPS, "op_texts": OP_TEXTS,
        "choices": choices(page.workspace, page.language, used), "properties": properties,
        "segments": [one.name for one in lists(page.workspace)], "templates": [one.name for one in templates(page.workspace)],
    }  # fmt: skip
    return page.render("journeys/edit.html", **values)


def _panel(page: Page, state: Editing, step: drafts.Shown | None) -> Any:
    if state.at in form.PANELS:
        return page.text(f"panel_{state.at}")
    return step.kind.title.in_(page.language) if step else ""


def _head(draft: Mapping[str, Any], language: Language) -> dict[str, str]:
    """What the path says of trigger, entry, terms and goal of a draft whose steps may be unfinished."""
    without = {name: value for name, value in draft.items() if name != "steps"} | {"steps": [{"exit": {}}]}
    try:
        found = head_of(read_journey("…", {"entry": _ANYBODY} | without), language)
    except InputError:
        return {
            "trigger": "…",
            "again": "",
            "entry": "",
            "holdout": _percent(draft.get("holdout")).in_(language),
            "goal": "",
            "exits": "",
        }
    return found | ({} if draft.get("entry") else {"entry": ""})


def head_of(journey: Journey, language: Language) -> dict[str, str]:
    ends = "; ".join(one.words.in_(language) for one in journey.exits)
    leaves = Text("leaves at once: {ends}", "verlässt sofort: {ends}").fill(ends=ends)
    return {
        "trigger": journey.trigger.words.in_(language),
        "again": journey.re_entry_words.in_(language),
        "entry": journey.entry.words.in_(language) if journey.entry else "",
        "holdout": _percent(journey.holdout).in_(language),
        "goal": journey.goal.words.in_(language) if journey.goal else "",
        "exits": leaves.in_(language) if ends else "",
    }


def _percent(share: Any) -> Text:
    shown = f"{share * 100:g}" if isinstance(share, int | float) else "?"
    return Text(f"{shown}%", f"{shown.replace('.', ',')} %")


def shown_of(items: tuple[Item, ...]) -> tuple[drafts.Shown, ...]:
    return drafts.shown([one.to_json() for one in items])


def _totals(stands: Standing) -> dict[str, int]:
    """Of the path: entered = held + on their way or gone, treated and control together."""
    states = stands.states
    return {
        "entered": sum(stands.entered.values()),
        "held": stands.entered.get("control", 0),
        "goal": states.get("goal", 0),
        "active": states.get("active", 0),
        "left": sum(states.values()) - states.get("goal", 0) - states.get("active", 0),
    }


def _dry_counts(dry: DryRun) -> dict[str, dict[str, Any]]:
    ways: dict[str, dict[str, int]] = defaultdict(dict)
    for (step, outcome), count in dry.ways.items():
        ways[step][outcome] = count
    return {step: {"came": came, "waiting": 0, "ways": ways[step]} for step, came in dry.visits.items()}


def _names(page: Page, ids: list[int]) -> dict[int, str]:
    with page.workspace.store.read() as tx:
        known = {row["customer_id"]: row for row in tx.rows("customer_list.existing", customer_ids=ids)}
    rows = {one: known.get(one, {}) for one in ids}
    return {
        one: row.get("full_name") or row.get("email") or row.get("user_id") or str(page.words("number", number=one))
        for one, row in rows.items()
    }


def _words(rule: Any) -> Text | None:
    try:
        return read_rule(rule).words if rule else None
    except InputError:
        return None


def _flat(steps: tuple[drafts.Shown, ...]) -> list[drafts.Shown]:
    found = []
    for one in steps:
        found.append(one)
        for _, inner in one.ways:
            found += _flat(inner)
    return found


def _known(page: Page, fields: Mapping[str, str]) -> SavedJourney | None:
    number = fields.get("no", "")
    return find_journey(page.workspace, int(number)) if number.isdecimal() else None
