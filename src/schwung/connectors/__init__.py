"""Edges through which data comes in: one file per kind of file, later per shop."""

from pathlib import Path

from schwung.collect.connector import Connector
from schwung.core.errors import InputError
from schwung.core.registry import Registry
from schwung.core.text import Text

CONNECTORS: Registry[Connector] = Registry(
    Text("file format", "Dateiformat"), "schwung.connectors", "CONNECTOR", ("csv", "parquet", "jsonl", "excel")
)


def connector_for(path: Path, name: str | None = None) -> Connector:
    """The connector of that name, else the one for the file's ending. InputError where there is none."""
    if name:
        return CONNECTORS.find(name)
    if not path.is_file():
        raise InputError(
            "file_missing",
            Text("There is no file {path}.", "Die Datei {path} gibt es nicht.").fill(path=path),
            Text("Check the path.", "Den Pfad prüfen."),
        )
    found = next((one for one in CONNECTORS.values() if path.name.lower().endswith(one.endings)), None)
    if found is None:
        known = ", ".join(ending for one in CONNECTORS.values() for ending in one.endings)
        raise InputError(
            "file_format_unknown",
            Text("{name} is of no known format.", "{name} hat kein bekanntes Format.").fill(name=path.name),
            Text("Known endings: {known}.", "Bekannte Endungen: {known}.").fill(known=known),
        )
    return found


def unreadable(path: Path, why: object) -> InputError:
    """The file is not what its ending says."""
    return InputError(
        "file_unreadable",
        Text("{name} cannot be read: {why}.", "{name} ist nicht lesbar: {why}.").fill(name=path.name, why=why),
        Text("Save the file again or name its format in the mapping.", "Die Datei neu speichern oder ihr Format in der Zuordnung nennen."),
    )  # fmt: skip
