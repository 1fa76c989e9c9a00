"""Mappings from files, their joined files found beside them."""

from dataclasses import replace
from pathlib import Path

from schwung.app.wiring import Workspace
from schwung.collect.mapping import FileMapping
from schwung.collect.mapping_file import read_mapping
from schwung.core.errors import InputError
from schwung.core.text import Text

SOURCE = "import"
"""Source of files for which none is named."""


def load_mapping(workspace: Workspace, path: Path, kind: str | None = None) -> FileMapping:
    """The mapping in `path`. kind: what it holds when the file does not say; InputError where the two differ."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "mapping_unreadable",
            Text("The mapping {path} cannot be read: {why}.", "Die Zuordnung {path} ist nicht lesbar: {why}.").fill(path=path, why=error),
            Text("Check the path.", "Den Pfad prüfen."),
        ) from error  # fmt: skip
    settings = workspace.settings.workspace
    found = read_mapping(text, FileMapping(kind or "order_lines", SOURCE, settings.zone, settings.currency))
    if kind is not None and found.kind != kind:
        raise InputError(
            "mapping_of_other_kind",
            Text("The mapping is for {found}, not for {kind}.", "Die Zuordnung ist für {found}, nicht für {kind}.").fill(found=found.kind, kind=kind),
            Text("Name another mapping or another --kind.", "Eine andere Zuordnung oder eine andere Art nennen."),
        )  # fmt: skip
    joins = tuple(replace(join, file=str((path.parent / join.file).resolve())) for join in found.join)
    return replace(found, join=joins)
