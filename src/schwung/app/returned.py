"""Takes in what came back: the address is suppressed where it is at fault, and the person's record says what happened."""

import imaplib
import mailbox
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from schwung.act.bounce import FORMATS, Returned, read_mail
from schwung.app.log import log
from schwung.app.message_close import count_returned, without_address
from schwung.app.message_close import suppress as suppress_address
from schwung.app.message_events import Fate, tell
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError, SetupError
from schwung.core.text import Text

_MOST = 500
_SECONDS = 30.0
_BOX = "INBOX"


@dataclass(frozen=True, slots=True)
class Taken:
    """reports: what was reported; known: how many of them are about messages of ours."""

    reports: int
    known: int


def take_posted(workspace: Workspace, provider: str, body: Mapping[str, Any]) -> Taken:
    """What a provider posts. InputError for a provider that nobody knows and for a body of another form."""
    form = FORMATS.get(provider)
    if form is None:
        raise InputError(
            "provider_unknown",
            Text("The provider “{name}” is unknown.", "Den Anbieter „{name}“ kennt schwung nicht.").fill(
                name=provider[:60]
            ),
            Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(FORMATS)),
        )
    try:
        found = form.read(body)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            "report_unreadable",
            Text("This is no report of {name}.", "Das ist keine Meldung von {name}.").fill(name=form.title),
            Text(
                "Compare it with the page on messages in the docs.",
                "Mit der Seite über Nachrichten in der Dokumentation vergleichen.",
            ),
        ) from error
    return take(workspace, found)


def take(workspace: Workspace, reports: Sequence[Returned]) -> Taken:
    """Each report once, however often it comes."""
    known = 0
    with workspace.store.write() as tx:
        now = workspace.clock()
        fates = []
        for one in reports:
            number = next(
                (found for each in one.ids if (found := tx.value("messages.by_provider", provider_id=each))), None
            )
            rows = [] if number is None else tx.rows("messages.sent_like", numbers=[number])
            if not rows:
                continue
            known += 1
            message = rows[0]
            if one.state == "later":
                continue
            sent_at = message["called_at"] or message["closed_at"] or now
            at = now if one.happened_at is None else max(sent_at, min(one.happened_at, now))
            is_new = not tx.value("messages.has_fate", message_no=number, state=one.state)
            fates.append(Fate(message, one.state, at, without_address(one.detail, message["address"])))
            if message["state"] == "unknown":
                # Whatever came back: it had been taken.
                tx.run("messages.mark_sent", message_no=number, now=now)
                fates.append(Fate(message, "sent", sent_at))
            if is_new and one.is_address and message["identifier_id"] is not None:
                suppress_address(tx, message["identifier_id"], message["channel"], one.state, now)
            if is_new and one.state in ("bounced", "complained"):
                count_returned(workspace, tx, message["channel"], sent_at, **{one.state: 1})
        tell(workspace, tx, fates)
    return Taken(len(reports), known)


class _Box(Protocol):
    def read(self) -> Iterator[tuple[Any, bytes]]: ...

    def done(self, key: Any) -> None: ...


def take_mailbox(workspace: Workspace) -> Taken:
    """Read the mailbox of the settings: what is a report is taken in and removed; what is none stays, marked as seen.

    SetupError where it cannot be opened.
    """
    place = workspace.settings.deliver.mailbox
    reports = known = 0
    if not place:
        return Taken(0, 0)
    with _opened(place, workspace.folder) as box:
        for key, raw in box.read():
            found = _reports(raw)
            if found:
                taken = take(workspace, found)
                reports, known = reports + taken.reports, known + taken.known
                box.done(key)
    return Taken(reports, known)


def _reports(raw: bytes) -> list[Returned]:
    """A letter bomb must not stop the post."""
    try:
        return read_mail(raw)
    except Exception as error:
        log("report_unreadable", level="warning", kind=type(error).__name__)
        return []


@contextmanager
def _opened(place: str, folder: Path) -> Iterator[_Box]:
    try:
        if place.startswith(("imaps://", "imap://")):
            with _imap(place) as box:
                yield box
        else:
            yield _Maildir(folder / place)
    except (OSError, imaplib.IMAP4.error, mailbox.Error) as error:
        raise SetupError(
            "mailbox_unreachable",
            Text("The mailbox of bounces cannot be read.", "Das Postfach der Rückläufer ist nicht lesbar."),
            Text("Check [deliver] mailbox in the settings.", "[deliver] mailbox in den Einstellungen prüfen."),
        ) from error


class _Maildir:
    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=False)

    def read(self) -> Iterator[tuple[Any, bytes]]:
        for key in list(self._box.keys())[:_MOST]:
            with suppress(KeyError):
                message = self._box[key]
                if message.get_subdir() == "new" or "S" not in message.get_flags():
                    raw = self._box.get_bytes(key)
                    message.set_subdir("cur")
                    message.add_flag("S")
                    yield key, raw
                    if key in self._box:
                        self._box[key] = message

    def done(self, key: Any) -> None:
        self._box.remove(key)


class _Imap:
    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def read(self) -> Iterator[tuple[Any, bytes]]:
        _, found = self._connection.uid("SEARCH", "UNSEEN")
        for uid in (found[0] or b"").split()[:_MOST]:
            _, parts = self._connection.uid("FETCH", uid.decode(), "(RFC822)")
            raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if raw is not None:
                yield uid.decode(), raw

    def done(self, key: Any) -> None:
        self._connection.uid("STORE", key, "+FLAGS", r"(\Deleted)")


@contextmanager
def _imap(place: str) -> Iterator[_Imap]:
    at = urlsplit(place)
    secure = at.scheme == "imaps"
    opened = imaplib.IMAP4_SSL if secure else imaplib.IMAP4
    with opened(at.hostname or "", at.port or (993 if secure else 143), timeout=_SECONDS) as connection:
        connection.login(unquote(at.username or ""), unquote(at.password or ""))
        connection.select(unquote(at.path.strip("/")) or _BOX)
        yield _Imap(connection)
        connection.expunge()
