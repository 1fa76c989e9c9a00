"""Playbooks: segments, templates and a journey that work together, ready to be taken over in the workspace's language."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from schwung.app import definitions
from schwung.app.definitions import Change
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import LANGUAGES, Language, Text

NAMES = ("lead_nurturing", "abandoned_cart", "welcome", "win_back")


@dataclass(frozen=True, slots=True)
class Playbook:
    """text: what it does; law: by what right its messages go; before: what is to be done first, if anything."""

    name: str
    title: Text
    text: Text
    law: Text
    before: Text | None
    definitions: tuple[Mapping[str, Any], ...]

    def in_language(self, language: Language) -> list[Mapping[str, Any]]:
        """Its definitions as files say them. Templates keep both languages: each person reads the own one."""
        return [one if "template" in one else _said(one, language) for one in self.definitions]

    def journey(self, language: Language) -> str:
        return next(str(one["journey"]) for one in self.in_language(language) if "journey" in one)

    def to_json(self) -> dict[str, Any]:
        told = {"title": self.title, "text": self.text, "law": self.law, "before": self.before}
        return {"name": self.name} | {key: {"en": one.en, "de": one.de} for key, one in told.items() if one}


def playbooks() -> list[Playbook]:
    return [_read(name) for name in NAMES]


def find_playbook(name: str) -> Playbook:
    """InputError when there is none."""
    if name not in NAMES:
        raise InputError(
            "unknown_playbook",
            Text("There is no playbook “{name}”.", "Ein Playbook „{name}“ gibt es nicht.").fill(name=name[:100]),
            Text("There are: {names}.", "Es gibt: {names}.").fill(names=", ".join(NAMES)),
        )
    return _read(name)


def plan_playbook(workspace: Workspace, name: str, language: Language | None = None) -> list[Change]:
    """What taking it over would change. Its journey comes as a draft."""
    with tempfile.TemporaryDirectory(prefix="schwung-playbook-") as folder:
        changes = definitions.plan(workspace, _written(workspace, name, language, Path(folder)))
    return [one for one in changes if one.state != "elsewhere"]


def take_playbook(
    workspace: Workspace, name: str, language: Language | None = None, *, actor: str, over: bool = False
) -> list[Change]:
    """Its segments, templates and journey into the workspace; what is so already is left alone.

    InputError where something of the same name says something else, unless it may be written over.
    """
    refuse_unready(workspace)
    changed = [one.name for one in plan_playbook(workspace, name, language) if one.state == "changed"]
    if changed and not over:
        raise InputError(
            "playbook_changed",
            Text("These are there already and say something else: {names}.", "Diese gibt es schon, und sie sagen etwas anderes: {names}.").fill(names=", ".join(changed)),
            Text("Rename them, or take the playbook over them with --over.", "Sie umbenennen oder das Playbook mit --over darüberlegen."),
        )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="schwung-playbook-") as folder:
        changes = definitions.apply(workspace, _written(workspace, name, language, Path(folder)), actor=actor)
    return [one for one in changes if one.state != "elsewhere"]


def file_of(playbook: Playbook, language: Language) -> str:
    """As `schwung apply` reads it, to be changed and kept as a file."""
    text: str = yaml.safe_dump_all(playbook.in_language(language), allow_unicode=True, sort_keys=False, width=140)
    return text


def _written(workspace: Workspace, name: str, language: Language | None, folder: Path) -> Path:
    spoken = language or workspace.settings.workspace.language
    (folder / f"{name}.yaml").write_text(file_of(find_playbook(name), spoken), encoding="utf-8")
    return folder


def is_ready(workspace: Workspace) -> bool:
    """Whether what the templates need is filled in."""
    return not _missing(workspace)


def _missing(workspace: Workspace) -> list[str]:
    email = workspace.settings.email
    given = {"email.sender": email.sender, "email.imprint": email.imprint, "email.shop_domains": email.shop_domains}
    return [name for name, value in given.items() if not value]


def refuse_unready(workspace: Workspace) -> None:
    """InputError where e-mail is not set up."""
    if missing := _missing(workspace):
        raise InputError(
            "email_not_set_up",
            Text("E-mail is not set up: {names} is missing.", "E-Mail ist nicht eingerichtet: {names} fehlt.").fill(names=", ".join(missing)),
            Text("Fill it in under Settings, E-mail; the playbook's templates need it.", "Unter Einstellungen, E-Mail ausfüllen; die Vorlagen des Playbooks brauchen es."),
        )  # fmt: skip


@cache
def _read(name: str) -> Playbook:
    written, shared = _loaded(name), _loaded("shared")
    texts = {key: Text(**written[key]) for key in ("title", "text", "law", "before") if key in written}
    return Playbook(
        name,
        texts["title"],
        texts["text"],
        texts["law"],
        texts.get("before"),
        (*shared["definitions"], *written["definitions"]),
    )


def _loaded(name: str) -> Any:
    return yaml.safe_load(files("schwung.act.playbooks").joinpath(f"{name}.yaml").read_text(encoding="utf-8"))


def _said(value: Any, language: Language) -> Any:
    """The same with each {en, de} in one language."""
    if isinstance(value, Mapping):
        if set(value) == set(LANGUAGES):
            return value[language]
        return {key: _said(one, language) for key, one in value.items()}
    return [_said(one, language) for one in value] if isinstance(value, list) else value
