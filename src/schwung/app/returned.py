"""Takes in what came back: the address is suppressed where it is at fault, and the person's record says what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schwung.act.bounce import FORMATS, Returned, read_mail
from schwung.app.log import log
from schwung.app.message_close import count_returned, without_address
from schwung.app.message_close import suppress as suppress_address
from schwung.app.message_events import Fate, tell
from schwung.app.wiring import Workspace
from schwung.channels.mailbox import open_mailbox
from schwung.core.clock import MINUTE, Instant
from schwung.core.errors import InputError, SetupError
from schwung.core.text import Text

_PATIENCE = 15 * MINUTE


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
        told: set[tuple[int, str]] = set()
        for one in reports:
            number = next(
                (found for each in one.ids if (found := tx.value("messages.by_provider", provider_id=each))), None
            )
            rows = [] if number is None else tx.rows("messages.sent_like", numbers=[number])
            if number is None or not rows:
                continue
            known += 1
            message = rows[0]
            if one.state == "later":
                continue
            sent_at = message["called_at"] or message["closed_at"] or now
            at = now if one.happened_at is None else max(sent_at, min(one.happened_at, now))
            is_new = (number, one.state) not in told and not tx.value(
                "messages.has_fate", message_no=number, state=one.state
            )
            told.add((number, one.state))
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


class Mailbox:
    """The mailbox of the settings, for the worker.

    A server that refuses the password is asked again only after a quarter of an hour, or when the settings name another
    one: who asks too often is locked out.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._refused: tuple[str, Instant, SetupError] | None = None

    def take(self) -> Taken:
        """SetupError where it cannot be read."""
        place, now = self._workspace.settings.deliver.mailbox, self._workspace.clock()
        if self._refused and self._refused[0] == place and now < self._refused[1]:
            raise self._refused[2]
        try:
            found = take_mailbox(self._workspace)
        except SetupError as error:
            is_refusal = error.code == "mailbox_sign_in_refused"
            self._refused = (place, now + _PATIENCE, error) if is_refusal else None
            raise
        self._refused = None
        return found


def take_mailbox(workspace: Workspace) -> Taken:
    """Read the mailbox of the settings: what is a report is taken in and removed; what is none stays, marked as seen.

    Reports count first and are removed then: who dies between finds them again, and each counts once. SetupError where
    the mailbox cannot be read.
    """
    place = workspace.settings.deliver.mailbox
    reports = known = 0
    if not place:
        return Taken(0, 0)
    with open_mailbox(place, workspace.folder) as box:
        for letters in box.unseen():
            read = {key: _reports(raw) for key, raw in letters}
            taken = take(workspace, [report for found in read.values() for report in found])
            box.put_by([key for key, found in read.items() if found], [key for key, found in read.items() if not found])
            reports, known = reports + taken.reports, known + taken.known
    return Taken(reports, known)


def waiting_in_mailbox(workspace: Workspace) -> int | None:
    """Letters that nobody has looked at; None without a mailbox. SetupError where it cannot be opened."""
    place = workspace.settings.deliver.mailbox
    if not place:
        return None
    with open_mailbox(place, workspace.folder) as box:
        return box.count()


def _reports(raw: bytes) -> list[Returned]:
    """A letter bomb must not stop the post."""
    try:
        return read_mail(raw)
    except Exception as error:
        log("report_unreadable", level="warning", kind=type(error).__name__)
        return []
