"""Consents and own customers from a file: what has no proof is kept and shown, and cannot be written to."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from schwung.act import legality
from schwung.app import audit
from schwung.app.consent_texts import ConsentText, newest_texts, texts
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant, to_instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify.consent import CHANNELS, PURPOSES, STATES
from schwung.unify.identifier import normalize

_Line: TypeAlias = Mapping[str, str]
_CONSENT = ("email", "purpose", "channel", "state", "given_at", "source", "proof", "text", "expires_at")
_OWN = ("email", "order_id", "sold_at", "goods", "notice", "notice_at")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLICE = 5_000
_MOST_WRONG = 100


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that was left out. line: as an editor counts."""

    line: int
    why: Text


@dataclass(slots=True)
class ConsentImport:
    """read: lines; kept: new statements, those that were there already not counted; unproved: kept, but nobody may be written to
    by them; unknown: addresses of nobody here."""

    read: int = 0
    kept: int = 0
    unproved: int = 0
    unknown: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    more_wrong: int = 0

    def to_json(self) -> dict[str, Any]:
        wrong = [{"line": one.line, "why": {"en": one.why.en, "de": one.why.de}} for one in self.wrong]
        return {**asdict(self), "wrong": wrong}

    def note(self, line: int, why: Text) -> None:
        if len(self.wrong) < _MOST_WRONG:
            self.wrong.append(Wrong(line, why))
        else:
            self.more_wrong += 1


class _Unfit(Exception):
    """A line that cannot be taken, and why."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def import_consents(workspace: Workspace, content: bytes, actor: str) -> ConsentImport:
    """A CSV with a head: columns of consents, or of own customers (`order_id`). The same file once more changes nothing.

    InputError for a file that is neither.
    """
    columns, lines = _lines(content)
    is_own = "order_id" in columns
    lacking = [one for one in (("email", "order_id") if is_own else ("email", "purpose")) if one not in columns]
    if lacking or set(columns) - set(_OWN if is_own else _CONSENT):
        raise InputError(
            "consent_file_invalid",
            Text("The columns of the file are not those expected.", "Die Spalten der Datei sind nicht die erwarteten."),
            Text("Consents: {one}. Own customers: {other}.", "Einwilligungen: {one}. Bestandskunden: {other}.").fill(
                one=", ".join(_CONSENT), other=", ".join(_OWN)
            ),
        )
    read = _own_reader(workspace) if is_own else _consent_reader(workspace)
    done = ConsentImport()
    with workspace.store.write() as tx:
        waiting: list[dict[str, Any]] = []
        for number, line in lines:
            done.read += 1
            try:
                waiting.append(read(line))
            except _Unfit as unfit:
                done.note(number, unfit.why)
            if len(waiting) == _SLICE:
                _keep(tx, waiting, is_own, done)
                waiting = []
        _keep(tx, waiting, is_own, done)
        act = "own_customer_recorded" if is_own else "consent_recorded"
        audit.add(tx, workspace.clock(), actor, act, None, found=done.kept)
    return done


def _keep(tx: Transaction, rows: list[dict[str, Any]], is_own: bool, done: ConsentImport) -> None:
    found = {row["value"]: row["identifier_id"] for row in tx.rows("identity.find", kind="email", values=[row["email"] for row in rows])}  # fmt: skip
    known = [{**row, "identifier_id": found[row["email"]]} for row in rows if row["email"] in found]
    done.unknown += len(rows) - len(known)
    statement = "law.import_own" if is_own else "law.import_consent"
    for row in known:
        del row["email"]
        kept = tx.run(statement, **row)
        done.kept += kept
        if kept:
            done.unproved += not _is_complete(row) if is_own else _lacks_proof(row)


def _consent_reader(workspace: Workspace) -> Callable[[_Line], dict[str, Any]]:
    known = {f"{one.name}/{one.version}": one for one in texts(workspace)} | {
        one.name: one for one in newest_texts(workspace)
    }
    now, when = workspace.clock(), _when(workspace)

    def read(line: _Line) -> dict[str, Any]:
        given_at = when(line.get("given_at") or "") or now
        expires_at = when(line.get("expires_at") or "")
        if given_at > now or (expires_at is not None and expires_at <= given_at):
            raise _Unfit(Text("the times do not fit together", "die Zeitangaben passen nicht zusammen"))
        return {
            "email": _email(workspace, line),
            "purpose": _word(line.get("purpose"), "", PURPOSES),
            "channel": _word(line.get("channel"), "email", CHANNELS),
            "state": _word(line.get("state"), "granted", STATES),
            "source": (line.get("source") or "import")[:200],
            "proof": (line.get("proof") or "").strip()[:4_000] or None,
            "text_no": _text_no(line.get("text"), known),
            "given_at": given_at,
            "expires_at": expires_at,
            "now": now,
        }

    return read


def _own_reader(workspace: Workspace) -> Callable[[_Line], dict[str, Any]]:
    known = {f"{one.name}/{one.version}": one for one in texts(workspace)} | {
        one.name: one for one in newest_texts(workspace)
    }
    notices = {name: one for name, one in known.items() if one.kind == "notice"}
    now, when = workspace.clock(), _when(workspace)

    def read(line: _Line) -> dict[str, Any]:
        return {
            "email": _email(workspace, line),
            "order_id": (line.get("order_id") or "").strip()[:200] or None,
            "sold_at": when(line.get("sold_at") or ""),
            "goods": (line.get("goods") or "").strip()[:500] or None,
            "notice_no": _text_no(line.get("notice"), notices),
            "notice_at": when(line.get("notice_at") or ""),
            "source": "import",
            "now": now,
        }

    return read


def _lacks_proof(row: Mapping[str, Any]) -> bool:
    return row["state"] == "granted" and not row["proof"]


def _is_complete(row: Mapping[str, Any]) -> bool:
    names = ("identifier_id", "order_id", "sold_at", "goods", "notice_no", "notice_at")
    return legality.OwnCustomer(**{name: row[name] for name in names}).is_complete(row["now"])


def _lines(content: bytes) -> tuple[list[str], Iterator[tuple[int, _Line]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter)
    columns = [one.strip().lower() for one in next(reader, [])]

    def lines() -> Iterator[tuple[int, _Line]]:
        for values in reader:
            if any(value.strip() for value in values):
                yield reader.line_num, dict(zip(columns, values, strict=False))

    return columns, lines()


def _email(workspace: Workspace, line: _Line) -> str:
    found = normalize("email", line.get("email") or "", workspace.settings.workspace.country)
    if found is None:
        raise _Unfit(Text("this is no e-mail address", "das ist keine E-Mail-Adresse"))
    return found


def _word(written: str | None, fallback: str, known: Mapping[str, Text]) -> str:
    found = (written or "").strip().lower() or fallback
    if found not in known:
        raise _Unfit(Text("“{word}” is unknown", "„{word}“ ist unbekannt").fill(word=found[:40]))
    return found


def _text_no(written: str | None, known: Mapping[str, ConsentText]) -> int | None:
    found = (written or "").strip()
    if found and found not in known:
        raise _Unfit(Text("there is no text “{name}”", "einen Text „{name}“ gibt es nicht").fill(name=found[:40]))
    return known[found].text_no if found else None


def _when(workspace: Workspace) -> Callable[[str], Instant | None]:
    """ISO 8601, or a German date; without an offset in the workspace's zone."""
    zone = ZoneInfo(workspace.settings.workspace.zone)

    def read(written: str) -> Instant | None:
        found = written.strip()
        if not found:
            return None
        try:
            german = _GERMAN_DAY.fullmatch(found)
            if german:
                return to_instant(datetime(int(german[3]), int(german[2]), int(german[1]), tzinfo=zone))
            moment = datetime.fromisoformat(found)
            return to_instant(moment if moment.tzinfo else moment.replace(tzinfo=zone))
        except ValueError:
            pass
        raise _Unfit(Text("“{when}” is no time", "„{when}“ ist keine Zeitangabe").fill(when=found[:40]))

    return read
