"""What a database's failure means for the person who must act."""

from schwung.core.errors import SetupError
from schwung.core.text import Text

_TEXTS: dict[str, tuple[Text, Text]] = {
    "store_unreachable": (
        Text(
            en="The operational store cannot be reached: {why}.",
            de="Der operative Speicher ist nicht erreichbar: {why}.",
        ),
        Text(
            en="Check that it runs and that [store] url is right; schwung goes on by itself once it is back.",
            de="Prüfen, ob er läuft und ob [store] url stimmt; schwung arbeitet von selbst weiter, sobald er wieder da ist.",
        ),
    ),
    "store_busy": (
        Text(
            en="The operational store is held by another writer: {why}.",
            de="Ein anderer Schreiber hält den operativen Speicher: {why}.",
        ),
        Text(en="Try again; if it stays, run: schwung doctor", de="Erneut versuchen; bleibt es so: schwung doctor"),
    ),
    "disk_full": (
        Text(
            en="The disk of the operational store is full: {why}.",
            de="Die Platte des operativen Speichers ist voll: {why}.",
        ),
        Text(
            en="Free some space; nothing that was acknowledged is lost.",
            de="Platz schaffen; nichts Bestätigtes ist verloren.",
        ),
    ),
    "store_read_only": (
        Text(
            en="The operational store cannot be written: {why}.",
            de="Der operative Speicher ist nicht beschreibbar: {why}.",
        ),
        Text(
            en="Give this user the right to write to the workspace's folder or database.",
            de="Diesem Benutzer das Recht geben, in den Ordner oder die Datenbank des Arbeitsbereichs zu schreiben.",
        ),
    ),
    "store_damaged": (
        Text(en="The operational store is damaged: {why}.", de="Der operative Speicher ist beschädigt: {why}."),
        Text(en="Restore it from a backup.", de="Aus einer Sicherung wiederherstellen."),
    ),
}


def store_error(code: str, why: object) -> SetupError:
    """SetupError of one of the codes above; `why` is the database's own word, its first line."""
    message, step = _TEXTS[code]
    first = (str(why).strip().splitlines() or ["?"])[0].rstrip(".")
    return SetupError(code, message.fill(why=first), step)
