"""The file of settings while it is in use: read again when it changes, changed without losing its comments."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from pydantic import BaseModel

from schwung.app.settings import FILE_NAME, Settings, check_settings, read_settings
from schwung.core.errors import SetupError

if TYPE_CHECKING:
    from schwung.app.wiring import Workspace

NEEDS_RESTART = frozenset({"store", "lake", "serve"})
"""Sections that server and worker read at their start; all others hold at once."""


class SettingsFile:
    """The settings in a folder. A file that is broken meanwhile leaves the last good ones; doctor tells of it."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self._stamp = self._look()

    @property
    def settings(self) -> Settings:
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            with suppress(SetupError):
                self._settings = read_settings(self._folder)
        return self._settings

    def _look(self) -> tuple[int, int]:
        try:
            state = (self._folder / FILE_NAME).stat()
        except OSError:
            return (0, 0)
        return (state.st_mtime_ns, state.st_ino)


def change_settings(folder: Path, section: str, values: Mapping[str, Any]) -> Settings:
    """Write the values of one section; comments and all else stay. What equals the default and was not there stays away;
    None takes a value out.

    SetupError that names the wrong value; the file is then as it was.
    """
    path = folder / FILE_NAME
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    table = document.get(section)
    if table is None:
        table = tomlkit.table()
        document[section] = table
    fields = section_of(section).model_fields
    for name, value in values.items():
        plain = list(value) if isinstance(value, tuple) else value
        if plain is None:
            table.pop(name, None)
        elif name in table or plain != _plain_default(fields[name].get_default(call_default_factory=True)):
            table[name] = plain
    settings = check_settings(document.unwrap(), path)
    fresh = path.with_suffix(".toml.new")
    fresh.write_text(tomlkit.dumps(document), encoding="utf-8")
    fresh.replace(path)
    return settings


def save_settings(workspace: "Workspace", section: str, values: Mapping[str, Any], actor: str) -> None:
    """As `change_settings`, with a row in the audit log: the names, not the values, since one may hold a password."""
    from schwung.app import audit

    change_settings(workspace.folder, section, values)
    with workspace.store.write() as tx:
        audit.add(tx, workspace.clock(), actor, "settings_changed", section=section, names=sorted(values))


def section_of(name: str) -> type[BaseModel]:
    """The class of a section. KeyError when there is none."""
    section = Settings.model_fields[name].annotation
    assert isinstance(section, type) and issubclass(section, BaseModel)
    return section


def set_from_outside(section: str, name: str) -> bool:
    """Whether the environment overrides the file."""
    return any(key.upper() == f"SCHWUNG_{section}__{name}".upper() for key in os.environ)


def _plain_default(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
