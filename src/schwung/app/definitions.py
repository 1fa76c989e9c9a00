"""Configuration as code: definitions in a folder of YAML files, the difference to the workspace in words, and making it so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from schwung.app.wiring import Workspace
from schwung.core.errors import InputError, SchwungError
from schwung.core.text import Text

MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class DefinitionKind:
    """One kind of thing that is defined in files. name: its key in a file, whose value is the thing's name.

    current: what the workspace has, by name, as a file would say it. check: InputError for what is wrong. words: the
    difference between two definitions. save: makes it so. order: names, those that others name first. complete: a
    definition with what stands beside its file. needs: (kind, name) that the workspace does not have and other files must define.
    """

    name: str
    title: Text
    current: Callable[[Workspace], Mapping[str, Mapping[str, Any]]]
    check: Callable[[Workspace, str, Mapping[str, Any], Mapping[str, Mapping[str, Any]]], Mapping[str, Any]]
    words: Callable[[Mapping[str, Any] | None, Mapping[str, Any]], tuple[Text, ...]]
    save: Callable[[Workspace, str, Mapping[str, Any], str], object]
    order: Callable[[Workspace, Mapping[str, Mapping[str, Any]]], Sequence[str]]
    complete: Callable[[Path, Mapping[str, Any]], Mapping[str, Any]] | None = None
    needs: Callable[[Workspace, Mapping[str, Any]], Sequence[tuple[str, str]]] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What applying would do to one thing. state: new, changed, same, elsewhere (in the workspace and in no file)."""

    kind: str
    name: str
    state: Literal["new", "changed", "same", "elsewhere"]
    words: tuple[Text, ...]
    definition: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        words = [{"en": one.en, "de": one.de} for one in self.words]
        return {"kind": self.kind, "name": self.name, "state": self.state, "words": words}


def plan(workspace: Workspace, folder: Path) -> list[Change]:
    """What applying a folder would change, in the order in which it would be applied. InputError that names the file at fault."""
    written = _read(folder)
    changes: list[Change] = []
    for kind in _kinds():
        wanted = {name: definition for (which, name), (_, definition) in written.items() if which == kind.name}
        have = kind.current(workspace)
        clean: dict[str, Mapping[str, Any]] = {}
        for name, definition in wanted.items():
            try:
                clean[name] = kind.check(workspace, name, definition, wanted)
                _refuse_missing(kind.needs(workspace, clean[name]) if kind.needs else (), written)
            except SchwungError as error:
                raise _at(written[kind.name, name][0], error) from error
        for name in kind.order(workspace, clean):
            before = have.get(name)
            state: Literal["new", "changed", "same"] = (
                "new" if before is None else "same" if before == clean[name] else "changed"
            )
            words = () if state == "same" else kind.words(before, clean[name])
            changes.append(Change(kind.name, name, state, words, clean[name]))
        changes += [Change(kind.name, name, "elsewhere", (), have[name]) for name in have if name not in wanted]
    return changes


def apply(workspace: Workspace, folder: Path, *, actor: str) -> list[Change]:
    """Make it so; what is so already is left alone, and what is in no file stays. Twice is once."""
    changes = plan(workspace, folder)
    kinds = {kind.name: kind for kind in _kinds()}
    for one in changes:
        if one.state in ("new", "changed"):
            kinds[one.kind].save(workspace, one.name, one.definition, actor)
    return changes


def _kinds() -> tuple[DefinitionKind, ...]:
    """What is named by others comes first. One line per kind."""
    from schwung.app.experiments import DEFINITION as EXPERIMENT
    from schwung.app.journey_files import DEFINITION as JOURNEY
    from schwung.app.lead_points import DEFINITION as SCORE
    from schwung.app.segments import DEFINITION as SEGMENT
    from schwung.app.template_files import DEFINITION as TEMPLATE

    return (SEGMENT, SCORE, TEMPLATE, EXPERIMENT, JOURNEY)


def _refuse_missing(needed: Sequence[tuple[str, str]], written: Mapping[tuple[str, str], Any]) -> None:
    for kind, name in needed:
        if (kind, name) not in written:
            raise InputError(
                "definition_wrong",
                Text("there is no {kind} “{name}”", "„{name}“ gibt es nicht ({kind})").fill(kind=kind, name=name),
                Text("Define it in another file, or correct the name.", "In einer anderen Datei festlegen oder den Namen berichtigen."),
            )  # fmt: skip


def _read(folder: Path) -> dict[tuple[str, str], tuple[Path, Mapping[str, Any]]]:
    """(kind, name) → its file and the rest of its definition."""
    if not folder.is_dir():
        raise InputError(
            "folder_unknown",
            Text("{folder} is no folder.", "{folder} ist kein Ordner.").fill(folder=folder),
            Text("Name the folder with the definitions.", "Den Ordner mit den Definitionen nennen."),
        )
    known = {kind.name: kind for kind in _kinds()}
    names = list(known)
    found: dict[tuple[str, str], tuple[Path, Mapping[str, Any]]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file()):
        for document in _documents(path):
            kinds = [name for name in names if isinstance(document, Mapping) and name in document]
            if len(kinds) != 1 or not isinstance(document[kinds[0]], str):
                raise _wrong(
                    path,
                    Text(
                        "one of {names} with a name is expected", "erwartet wird eines von {names} mit einem Namen"
                    ).fill(names=", ".join(names)),
                )
            name = " ".join(document[kinds[0]].split())
            if (kinds[0], name) in found:
                raise _wrong(path, Text("“{name}” is defined twice", "„{name}“ ist zweimal definiert").fill(name=name))
            found[kinds[0], name] = (path, _completed(known[kinds[0]], path, document))
    return found


def _completed(kind: DefinitionKind, path: Path, document: Mapping[str, Any]) -> Mapping[str, Any]:
    written = {key: value for key, value in document.items() if key != kind.name}
    try:
        return kind.complete(path, written) if kind.complete else written
    except SchwungError as error:
        raise _at(path, error) from error


def _documents(path: Path) -> list[Any]:
    if path.stat().st_size > MOST_BYTES:
        raise _wrong(path, Text("it is too large", "sie ist zu groß"))
    try:
        return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one is not None]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _wrong(path, Text("it is no YAML", "sie ist kein YAML")) from error


def _wrong(path: Path, why: Text) -> InputError:
    return InputError(
        "definition_wrong",
        Text("{file} cannot be used: {why}.", "{file} ist nicht brauchbar: {why}.").fill(file=path.name, why=why),
        Text("Correct the file; nothing was changed.", "Die Datei berichtigen; geändert wurde nichts."),
    )


def _at(path: Path, error: SchwungError) -> InputError:
    """The same error with the file in which it is."""
    message = Text("{file}: {message}", "{file}: {message}").fill(file=path.name, message=error.message)
    return InputError("definition_wrong", message, error.step)
