"""The mailbox in which bounces and complaints arrive: on an IMAP server (RFC 9051, 3501), or a Maildir."""

import base64
import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from schwung.core.errors import SetupError
from schwung.core.text import Text

_AT_ONCE = 50
_WINDOW = 2_000
_MOST_BYTES = 256 * 1024
"""Of a letter: a report and the headers of what came back stand before that."""
_SECONDS = 30.0
_PORTS = {"imaps": 993, "imap": 143}
_HERE = ("localhost", "127.0.0.1", "::1")


class Box(Protocol):
    """unseen: letters that nobody has looked at, some at a time; looking changes nothing, so whoever dies loses none.

    put_by: those that were taken in are removed, the others marked as seen.
    """

    def unseen(self) -> Iterator[Sequence[tuple[str, bytes]]]: ...

    def count(self) -> int: ...

    def put_by(self, taken: Sequence[str], others: Sequence[str]) -> None: ...


@contextmanager
def open_mailbox(place: str, folder: Path) -> Iterator[Box]:
    """SetupError that says who must do what where it cannot be opened, or is lost meanwhile."""
    if not place.startswith(("imaps://", "imap://")):
        try:
            yield _Maildir(folder / place)
        except OSError as error:
            raise _unreachable(str(folder / place), error) from error
        return
    at = _parsed(place)
    try:
        with _connected(at) as connection:
            _sign_in(connection, at)
            total = _select(connection, at.box)
            yield _Imap(connection, total)
    except (OSError, imaplib.IMAP4.error, UnicodeError) as error:
        raise _unreachable(at.host, error) from error


class _Maildir:
    """Files in `new`, and in `cur` with their flags at the end of the name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def count(self) -> int:
        return len(self._unseen())

    def unseen(self) -> Iterator[Sequence[tuple[str, bytes]]]:
        names = self._unseen()
        for start in range(0, len(names), _AT_ONCE):
            found = []
            for name in names[start : start + _AT_ONCE]:
                with suppress(FileNotFoundError), (self._folder / name).open("rb") as file:
                    found.append((name, file.read(_MOST_BYTES)))
            yield found

    def put_by(self, taken: Sequence[str], others: Sequence[str]) -> None:
        for name in taken:
            (self._folder / name).unlink(missing_ok=True)
        for name in others:
            key, _, flags = name.partition("/")[2].partition(":2,")
            with suppress(FileNotFoundError):
                (self._folder / name).rename(self._folder / "cur" / f"{key}:2,{''.join(sorted({*flags, 'S'}))}")

    def _unseen(self) -> list[str]:
        new = [f"new/{path.name}" for path in (self._folder / "new").iterdir()]
        cur = [f"cur/{path.name}" for path in (self._folder / "cur").iterdir()]
        return sorted(new) + sorted(name for name in cur if "S" not in name.partition(":2,")[2])


@dataclass(frozen=True, slots=True)
class _Place:
    host: str
    port: int
    is_secure: bool
    user: str
    password: str
    box: str


def _parsed(place: str) -> _Place:
    try:
        at = urlsplit(place)
        port, host = at.port or _PORTS[at.scheme], at.hostname
        if not host or at.username is None:
            raise ValueError(place)
    except ValueError as error:
        raise SetupError(
            "mailbox_address_wrong",
            Text("The address of the mailbox of bounces is incomplete.", "Die Adresse des Postfachs für Rückläufer ist unvollständig."),
            Text("Write [deliver] mailbox as imaps://USER:PASSWORD@HOST/FOLDER, with @, :, / and % in user and password as %40, %3A, %2F, %25.", "[deliver] mailbox als imaps://BENUTZER:PASSWORT@HOST/ORDNER schreiben; @, :, / und % in Benutzer und Passwort als %40, %3A, %2F, %25."),
        ) from error  # fmt: skip
    box = unquote(at.path.strip("/")) or "INBOX"
    return _Place(host, port, at.scheme == "imaps", unquote(at.username), unquote(at.password or ""), box)


@contextmanager
def _connected(at: _Place) -> Iterator[imaplib.IMAP4]:
    """Protected, and the server proved: the password goes to nobody else. Unprotected only within this machine."""
    context = ssl.create_default_context()
    if at.is_secure:
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(at.host, at.port, timeout=_SECONDS, ssl_context=context)
    else:
        connection = imaplib.IMAP4(at.host, at.port, timeout=_SECONDS)
    try:
        if not at.is_secure and "STARTTLS" in connection.capabilities:
            connection.starttls(context)
        elif not at.is_secure and at.host not in _HERE:
            raise SetupError(
                "mailbox_unprotected",
                Text("{host} offers no protected connection; the password was not sent.", "{host} bietet keine geschützte Verbindung; das Passwort wurde nicht gesendet.").fill(host=at.host),
                Text("Write the mailbox as imaps://…, or have TLS switched on there.", "Das Postfach als imaps://… angeben, oder dort TLS einschalten lassen."),
            )  # fmt: skip
        yield connection
        with suppress(OSError, imaplib.IMAP4.error):
            connection.logout()
    finally:
        with suppress(OSError):
            connection.shutdown()


def _sign_in(connection: imaplib.IMAP4, at: _Place) -> None:
    try:
        if "AUTH=PLAIN" in connection.capabilities:  # LOGIN knows ASCII only
            connection.authenticate("PLAIN", lambda _: b"\0" + at.user.encode() + b"\0" + at.password.encode())
        else:
            connection.login(at.user, at.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise SetupError(
            "mailbox_sign_in_refused",
            Text("{host} refuses user or password of the mailbox of bounces: {why}", "{host} weist Benutzer oder Passwort des Postfachs für Rückläufer ab: {why}").fill(host=at.host, why=_words(error)),
            Text("Correct [deliver] mailbox in the settings. No report is lost; they wait in the mailbox.", "[deliver] mailbox in den Einstellungen berichtigen. Keine Meldung geht verloren; sie warten im Postfach."),
        ) from error  # fmt: skip


def _select(connection: imaplib.IMAP4, box: str) -> int:
    said, answer = connection.select(_quoted(box))
    if said != "OK":
        raise SetupError(
            "mailbox_folder_missing",
            Text("The mail server knows no folder “{box}”.", "Der Mailserver kennt keinen Ordner „{box}“.").fill(box=box),
            Text("Correct the folder at the end of [deliver] mailbox, or create it.", "Den Ordner am Ende von [deliver] mailbox berichtigen oder ihn anlegen."),
        )  # fmt: skip
    return int(answer[0] or 0)


class _Imap:
    def __init__(self, connection: imaplib.IMAP4, total: int) -> None:
        self._connection = connection
        self._total = total
        self._gone = 0

    def count(self) -> int:
        return sum(len(self._search(start)) for start in range(1, self._total + 1, _WINDOW))

    def unseen(self) -> Iterator[Sequence[tuple[str, bytes]]]:
        """Window by window of sequence numbers, since an answer has bounds; what was removed moves the next one up."""
        start, self._gone = 1, 0
        while start <= self._total - self._gone:
            before, uids = self._gone, self._search(start)
            for first in range(0, len(uids), _AT_ONCE):
                yield self._fetch(uids[first : first + _AT_ONCE])
            start += _WINDOW - (self._gone - before)

    def put_by(self, taken: Sequence[str], others: Sequence[str]) -> None:
        if others:
            self._ask("STORE", ",".join(others), "+FLAGS.SILENT", r"(\Seen)")
        if taken:
            self._ask("STORE", ",".join(taken), "+FLAGS.SILENT", r"(\Seen \Deleted)")
            if "UIDPLUS" in self._connection.capabilities:  # only what is ours
                self._ask("EXPUNGE", ",".join(taken))
            else:
                self._connection.expunge()
            self._gone += len(taken)

    def _search(self, start: int) -> list[str]:
        found = self._ask("SEARCH", f"{start}:{min(start + _WINDOW - 1, self._total - self._gone)}", "UNSEEN UNDELETED")
        return (found[0] or b"").decode().split()

    def _fetch(self, uids: Sequence[str]) -> list[tuple[str, bytes]]:
        parts = self._ask("FETCH", ",".join(uids), f"(UID BODY.PEEK[]<0.{_MOST_BYTES}>)")
        found = {}
        for part, after in zip(parts, [*parts[1:], b""], strict=True):
            if isinstance(part, tuple):
                # The number stands before the letter with most servers, with some behind it.
                words = part[0].split() + (after.split() if isinstance(after, bytes) else [])
                uid = words[words.index(b"UID") + 1 if b"UID" in words else words.index(b"(UID") + 1]
                found[uid.decode().strip("()")] = part[1]
        return list(found.items())

    def _ask(self, command: str, *words: str) -> list[Any]:
        said, answer = self._connection.uid(command, *words)
        if said != "OK":
            raise imaplib.IMAP4.error(f"{command}: {answer!r}"[:200])
        return list(answer)


def _quoted(box: str) -> str:
    """A folder's name as IMAP writes it: beyond ASCII in its own UTF-7."""
    parts: list[str] = []
    beyond = ""
    for sign in [*box, ""]:
        if sign and not " " <= sign <= "~":
            beyond += sign
            continue
        if beyond:
            packed = base64.b64encode(beyond.encode("utf-16-be")).decode()
            parts.append("&" + packed.rstrip("=").replace("/", ",") + "-")
            beyond = ""
        parts.append("&-" if sign == "&" else sign)
    return '"' + "".join(parts).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(error: BaseException) -> str:
    words = error.args[0] if len(error.args) == 1 else str(error)
    return (words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words))[:200] or type(error).__name__


def _unreachable(where: str, error: BaseException) -> SetupError:
    return SetupError(
        "mailbox_unreachable",
        Text("The mailbox of bounces at {where} cannot be read: {why}", "Das Postfach der Rückläufer bei {where} ist nicht lesbar: {why}").fill(where=where, why=_words(error)),
        Text("Check [deliver] mailbox in the settings and the mail server.", "[deliver] mailbox in den Einstellungen und den Mailserver prüfen."),
    )  # fmt: skip
