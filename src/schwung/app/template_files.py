"""Templates as files: a YAML file, and beside it one MJML file per language; their difference in words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from schwung.act.liquid import MOST_LETTERS, template_wrong
from schwung.act.template import CHANNELS, Template
from schwung.act.template import read_template as read
from schwung.app.definitions import DefinitionKind
from schwung.app.templates import check, refuse_errors, save_template, snippets_of, templates
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import LANGUAGES, Text

_BODIES = (".mjml", ".html")
_LANGUAGE_NAMES = {"en": Text("English", "Englisch"), "de": Text("German", "Deutsch")}


def read_file(path: Path) -> tuple[str, dict[str, Any]]:
    """Name and definition of the template of a file. InputError for what is none."""
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise template_wrong(Text("the file is no YAML", "die Datei ist kein YAML")) from error
    if not isinstance(written, Mapping) or not isinstance(written.get("template"), str):
        raise template_wrong(Text("template: NAME is expected", "erwartet wird template: NAME"))
    return written["template"], with_bodies(
        path, {name: value for name, value in written.items() if name != "template"}
    )


def with_bodies(path: Path, definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with the bodies that stand in files of their own: welcome.yaml, welcome.de.mjml, welcome.en.mjml."""
    found = dict(definition)
    for language in LANGUAGES:
        words = found.get(language)
        if words is None or (isinstance(words, Mapping) and "body" not in words):
            for ending in _BODIES:
                file = path.with_name(f"{path.stem}.{language}{ending}")
                if file.is_file():
                    found[language] = {**(words or {}), "body": _text(file)}
                    break
    return found


def _text(file: Path) -> str:
    if file.stat().st_size > MOST_LETTERS:
        raise template_wrong(Text("{file} is too large", "{file} ist zu groß").fill(file=file.name))
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise template_wrong(Text("{file} is no text", "{file} ist kein Text").fill(file=file.name)) from error


def _definitions(workspace: Workspace) -> dict[str, dict[str, Any]]:
    return {one.name: one.template.to_json() for one in templates(workspace)}


def _checked(
    workspace: Workspace, name: str, definition: Mapping[str, Any], beside: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    template, others = read(name, definition), _readable(beside)
    refuse_errors(check(workspace, template, others))
    return template.to_json()


def _readable(beside: Mapping[str, Mapping[str, Any]]) -> dict[str, Template]:
    """Those that are told of their own file are left out."""
    found = {}
    for name, written in beside.items():
        try:
            found[name] = read(name, written)
        except InputError:
            continue
    return found


def _told(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Text, ...]:
    if before is None:
        channel = CHANNELS[after["channel"]]
        spoken = [_LANGUAGE_NAMES[one] for one in LANGUAGES if one in after]
        languages = Text(", ".join(one.en for one in spoken) or "–", ", ".join(one.de for one in spoken) or "–")
        return (Text("new: {channel} ({languages})", "neu: {channel} ({languages})").fill(channel=channel, languages=languages),)  # fmt: skip
    found = []
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if name not in LANGUAGES:
            found.append(Text("{name}: {now} (was: {was})", "{name}: {now} (bisher: {was})").fill(name=name, now=_short(now), was=_short(was)))  # fmt: skip
        elif was is None or now is None:
            state = Text("added", "hinzugefügt") if was is None else Text("removed", "entfernt")
            found.append(Text("{language} {state}", "{language} {state}").fill(language=_LANGUAGE_NAMES[name], state=state))  # fmt: skip
        else:
            parts = [part for part in sorted({*was, *now}) if was.get(part) != now.get(part)]
            found += [_part_told(name, part, was.get(part, ""), now.get(part, "")) for part in parts]
    return tuple(found)


def _part_told(language: str, part: str, was: str, now: str) -> Text:
    place = Text("{language}, {part}", "{language}, {part}").fill(language=_LANGUAGE_NAMES[language], part=part)
    if part in ("subject", "preheader"):
        return Text("{place}: “{now}” (was: “{was}”)", "{place}: „{now}“ (bisher: „{was}“)").fill(
            place=place, now=_short(now), was=_short(was)
        )
    lines = len(set(now.splitlines()) ^ set(was.splitlines()))
    return Text("{place}: {n} lines differ", "{place}: {n} Zeilen anders").fill(place=place, n=lines)


def _short(value: Any) -> str:
    text = "–" if value in (None, "") else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _ordered(workspace: Workspace, clean: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Snippets first, each after those that it holds."""
    read_ones = {name: read(name, one) for name, one in clean.items()}
    done: list[str] = []

    def add(name: str, within: tuple[str, ...] = ()) -> None:
        if name in read_ones and name not in done and name not in within:
            for held in sorted(snippets_of(read_ones[name])):
                add(held, (*within, name))
            done.append(name)

    for name in read_ones:
        add(name)
    return done


def _save(workspace: Workspace, name: str, definition: Mapping[str, Any], actor: str) -> object:
    return save_template(workspace, name, definition, actor=actor)


DEFINITION = DefinitionKind(
    "template", Text("template", "Vorlage"), _definitions, _checked, _told, _save, _ordered, with_bodies
)
