"""Journeys as files: what a folder says of them, in words against what is there, and making it so."""

from collections.abc import Mapping, Sequence
from typing import Any

from schwung.act.change import edits, told
from schwung.act.journey import Journey, needed_segments, read_journey
from schwung.act.step import journey_wrong
from schwung.app.definitions import DefinitionKind
from schwung.app.journeys import SavedJourney, journeys, pause, read_beside, save_journey, start, stop
from schwung.app.lists import lists
from schwung.app.templates import templates
from schwung.app.wiring import Workspace
from schwung.core.text import Text

_STATES = ("draft", "live", "paused", "stopped")
_STATE_WORDS: Mapping[str, Text] = {
    "draft": Text("stays a draft", "bleibt Entwurf"),
    "live": Text("is started", "wird gestartet"),
    "paused": Text("is paused", "wird pausiert"),
    "stopped": Text("is stopped", "wird gestoppt"),
}


def _definitions(workspace: Workspace) -> dict[str, dict[str, Any]]:
    return {one.name: one.journey.to_mapping() | {"state": one.state} for one in journeys(workspace)}


def _checked(
    workspace: Workspace, name: str, definition: Mapping[str, Any], beside: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    written = {key: value for key, value in definition.items() if key != "state"}
    known = next((one for one in journeys(workspace) if one.name == name), None)
    state = definition.get("state", known.state if known else "draft")
    if state not in _STATES:
        raise journey_wrong(("state",), Text("one of {known}", "eines von {known}").fill(known=", ".join(_STATES)))
    return read_beside(workspace, name, written, known).to_mapping() | {"state": state}


def _needs(workspace: Workspace, definition: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    journey = _journey("", definition)
    have = {one.name for one in lists(workspace)}
    called = {one.name for one in journeys(workspace)}
    written = (
        {one.name for one in templates(workspace)} if definition.get("state") == "live" else set(journey.templates)
    )
    return [
        *(("segment", one) for one in needed_segments(journey) if one not in have),
        *(("template", one) for one in journey.templates if one not in written),
        *(("journey", one) for one in journey.calls if one not in called),
    ]


def _told(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Text, ...]:
    journey, state = _journey("", after), str(after["state"])
    found: list[Text] = []
    if before is None:
        found += [Text(f"{'  ' * depth}{words.en}", f"{'  ' * depth}{words.de}") for depth, words in told(journey)]
    else:
        for edit in edits(_journey("", before), journey):
            found.append(
                Text("{words} – {rule}", "{words} – {rule}").fill(words=edit.words, rule=edit.rule)
                if before["state"] in ("live", "paused")
                else edit.words
            )
    if before is None or before["state"] != state:
        found.append(_STATE_WORDS[state])
    return tuple(found)


def _ordered(workspace: Workspace, clean: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Those that others call first."""
    done: list[str] = []

    def add(name: str, within: tuple[str, ...]) -> None:
        if name in clean and name not in done and name not in within:
            for called in _journey(name, clean[name]).calls:
                add(called, (*within, name))
            done.append(name)

    for name in clean:
        add(name, ())
    return done


def _save(workspace: Workspace, name: str, definition: Mapping[str, Any], actor: str) -> SavedJourney:
    written = {key: value for key, value in definition.items() if key != "state"}
    saved = save_journey(workspace, name, written, actor=actor)
    wanted = definition["state"]
    if wanted == saved.state:
        return saved
    if wanted in ("live", "paused"):
        saved = start(workspace, name, actor=actor)
    if wanted == "paused":
        saved = pause(workspace, name, actor=actor)
    if wanted == "stopped" and saved.state != "draft":
        stop(workspace, name, actor=actor)
    return saved


def _journey(name: str, definition: Mapping[str, Any]) -> Journey:
    return read_journey(name, {key: value for key, value in definition.items() if key != "state"})


DEFINITION = DefinitionKind(
    "journey", Text("journey", "Strecke"), _definitions, _checked, _told, _save, _ordered, needs=_needs
)
