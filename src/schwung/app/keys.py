"""Keys of sources and readers: created, rotated, revoked; kept as hashes; checked from memory for a few seconds."""

import contextlib
import hashlib
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args
from weakref import WeakKeyDictionary

from schwung.app import audit
from schwung.app.ports import Store, Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import HOUR, Instant
from schwung.core.errors import InputError, SchwungError
from schwung.core.text import Text

Scope = Literal["write", "read", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
GRACE_HOURS = 24
REMEMBERED_SECONDS = 3.0
_now = time.monotonic
_MOST_REMEMBERED = 4_096
_MOST_KEY_CHARACTERS = 200
_MOST_NAME_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. prefix: its first part, by which people name it. source: whose events it brings."""

    key_id: int
    prefix: str
    scopes: tuple[Scope, ...]
    source: str | None
    label: str | None
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_at: Instant | None

    def state(self, now: Instant) -> Literal["valid", "expiring", "expired", "revoked"]:
        """expiring: rotated, and still within its grace."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is None:
            return "valid"
        return "expired" if self.expires_at <= now else "expiring"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a valid key belongs to."""

    key_id: int
    prefix: str
    scopes: frozenset[str]
    source: str
    requires_consent: bool
    consent_categories: frozenset[str]

    @property
    def actor(self) -> str:
        """As the audit names it."""
        return f"key:{self.key_id}"


@dataclass(frozen=True, slots=True)
class Source:
    """Where events come from."""

    name: str
    kind: str
    requires_consent: bool
    consent_categories: tuple[str, ...]
    created_at: Instant
    revoked_at: Instant | None


def create_key(
    workspace: Workspace,
    source: str,
    scope: Scope = "write",
    *,
    label: str | None = None,
    requires_consent: bool | None = None,
    consent_categories: Sequence[str] = (),
    actor: str = "system",
) -> str:
    """A new key as text; it is shown this once. The source is made where it does not exist.

    requires_consent, consent_categories: set on the source where given.
    """
    if scope not in SCOPES:
        raise InputError(
            "unknown_scope",
            Text(en="There is no scope “{scope}”.", de="Den Bereich „{scope}“ gibt es nicht.").fill(scope=scope),
            Text(en="Known: {names}.", de="Bekannt: {names}.").fill(names=", ".join(SCOPES)),
        )
    source_name = _source_name(source)
    now = workspace.clock()
    with workspace.store.write() as tx:
        _ensure_source(tx, source_name, now, requires_consent, consent_categories)
        row = tx.row("key.source", name=source_name)
        assert row is not None
        if row["revoked_at"] is not None:
            raise InputError(
                "source_revoked",
                Text(en="The source “{name}” is closed.", de="Die Quelle „{name}“ ist geschlossen.").fill(
                    name=source_name
                ),
                Text(en="Choose another name.", de="Einen anderen Namen wählen."),
            )
        key = _add(tx, scope, label, row["source_id"], now)
        audit.add(tx, now, actor, "key_created", key=_prefix_of(key), source=source_name, scope=scope)
    return key


def keys(workspace: Workspace) -> list[Key]:
    """Every key, newest first."""
    with workspace.store.read() as tx:
        rows = tx.rows("key.all")
    return [
        Key(
            row["key_id"],
            row["prefix"],
            tuple(json.loads(row["scopes"])),
            row["source"],
            row["label"],
            row["created_at"],
            row["expires_at"],
            row["revoked_at"],
            row["last_used_at"],
        )
        for row in rows
    ]


def sources(workspace: Workspace) -> list[Source]:
    """Every source by name."""
    with workspace.store.read() as tx:
        rows = tx.rows("key.sources")
    return [
        Source(
            row["name"],
            row["kind"],
            bool(row["requires_consent"]),
            tuple(json.loads(row["consent_categories"])),
            row["created_at"],
            row["revoked_at"],
        )
        for row in rows
    ]


def set_consent(
    workspace: Workspace,
    source: str,
    *,
    requires_consent: bool,
    categories: Sequence[str] = (),
    actor: str = "system",
) -> None:
    """Whether a source's events need consent for the anonymous id and device data. InputError for an unknown source."""
    with workspace.store.write() as tx:
        changed = tx.run(
            "key.change_source",
            name=source,
            requires_consent=int(requires_consent),
            consent_categories=json.dumps(sorted(set(categories)), ensure_ascii=False),
        )
        if not changed:
            raise _unknown("source", source)
        details = {"source": source, "requires_consent": requires_consent, "categories": sorted(set(categories))}
        audit.add(tx, workspace.clock(), actor, "source_changed", **details)


def rotate_key(workspace: Workspace, prefix: str, *, grace_hours: float = GRACE_HOURS, actor: str = "system") -> str:
    """A new key of the same source and scopes; the old one works for `grace_hours` more. InputError for an unknown key."""
    now = workspace.clock()
    with workspace.store.write() as tx:
        row = tx.row("key.by_prefix", prefix=_prefix_of(prefix))
        if row is None or row["revoked_at"] is not None:
            raise _unknown("key", prefix)
        tx.run("key.expire", prefix=row["prefix"], expires_at=now + int(grace_hours * HOUR))
        key = _add(tx, json.loads(row["scopes"])[0], row["label"], row["source_id"], now)
        audit.add(tx, now, actor, "key_rotated", key=row["prefix"], successor=_prefix_of(key), grace_hours=grace_hours)
    return key


def revoke_key(workspace: Workspace, prefix: str, *, actor: str = "system") -> None:
    """The key works no more, in this server at once, in others within three seconds. InputError for an unknown key."""
    with workspace.store.write() as tx:
        now = workspace.clock()
        if not tx.run("key.revoke", prefix=_prefix_of(prefix), now=now):
            raise _unknown("key", prefix)
        audit.add(tx, now, actor, "key_revoked", key=_prefix_of(prefix))
    _by_store.pop(workspace.store, None)


def authenticate(workspace: Workspace, key: str | None, scope: Scope) -> Caller | None:
    """Who sends this key, or None where it is wrong, revoked, expired, or lacks the scope. `admin` has every scope."""
    if not key or len(key) > _MOST_KEY_CHARACTERS:
        return None
    hashed = _hash(key)
    try:
        caller = _answers(workspace).get(hashed)
    except KeyError:
        caller = _look_up(workspace, hashed)
    return caller if caller is not None and (scope in caller.scopes or "admin" in caller.scopes) else None


def is_remembered(workspace: Workspace, key: str) -> bool:
    """Whether `authenticate` would answer from memory, so that an event loop need not wait for the store."""
    return len(key) > _MOST_KEY_CHARACTERS or _hash(key) in _answers(workspace)


class _Answers:
    """Answers of the last seconds, bounded."""

    def __init__(self) -> None:
        self._held: OrderedDict[bytes, tuple[float, Caller | None]] = OrderedDict()

    def __contains__(self, hashed: bytes) -> bool:
        found = self._held.get(hashed)
        return found is not None and found[0] >= _now()

    def get(self, hashed: bytes) -> Caller | None:
        """KeyError where nothing is held, or for too long."""
        until, caller = self._held[hashed]
        if until < _now():
            raise KeyError
        return caller

    def put(self, hashed: bytes, caller: Caller | None) -> None:
        self._held[hashed] = (_now() + REMEMBERED_SECONDS, caller)
        while len(self._held) > _MOST_REMEMBERED:
            self._held.popitem(last=False)


_by_store: WeakKeyDictionary[Store, _Answers] = WeakKeyDictionary()


def _answers(workspace: Workspace) -> _Answers:
    return _by_store.setdefault(workspace.store, _Answers())


def _look_up(workspace: Workspace, hashed: bytes) -> Caller | None:
    with workspace.store.read() as tx:
        row = tx.row("key.by_hash", secret_hash=hashed)
    now = workspace.clock()
    caller = _caller(row, now) if row else None
    _answers(workspace).put(hashed, caller)
    if row and caller and (row["last_used_at"] is None or row["last_used_at"] < now - HOUR):
        # A note for people: no reason to turn an event away.
        with contextlib.suppress(SchwungError), workspace.store.write() as tx:
            tx.run("key.used", key_id=caller.key_id, now=now)
    return caller


def _caller(row: dict[str, Any], now: Instant) -> Caller | None:
    if row["revoked_at"] is not None or row["source_revoked_at"] is not None:
        return None
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return None
    return Caller(
        row["key_id"],
        row["prefix"],
        frozenset(json.loads(row["scopes"])),
        row["source"] or "",
        bool(row["requires_consent"]),
        frozenset(json.loads(row["consent_categories"] or "[]")),
    )


def _ensure_source(
    tx: Transaction, name: str, now: Instant, requires_consent: bool | None, categories: Sequence[str]
) -> None:
    listed = json.dumps(sorted(set(categories)), ensure_ascii=False)
    tx.run(
        "key.add_source",
        name=name,
        kind="http",
        requires_consent=int(bool(requires_consent)),
        consent_categories=listed,
        now=now,
    )
    if requires_consent is not None:
        tx.run("key.change_source", name=name, requires_consent=int(requires_consent), consent_categories=listed)


def _add(tx: Transaction, scope: str, label: str | None, source_id: int | None, now: Instant) -> str:
    prefix = f"sw_{secrets.token_hex(4)}"
    key = f"{prefix}_{secrets.token_hex(20)}"
    tx.run(
        "key.add",
        secret_hash=_hash(key),
        prefix=prefix,
        scopes=json.dumps([scope]),
        label=label,
        source_id=source_id,
        now=now,
    )
    return key


def _hash(key: str) -> bytes:
    """160 random bits need no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _prefix_of(named: str) -> str:
    """A key is named by its prefix; who pastes the whole key means the same."""
    return "_".join(named.strip().split("_")[:2])


def _source_name(raw: str) -> str:
    name = raw.strip()
    if not name or len(name) > _MOST_NAME_CHARACTERS or not name.isprintable():
        raise InputError(
            "source_name_invalid",
            Text(
                en="A source's name has 1 to {most} printable characters.",
                de="Der Name einer Quelle hat 1 bis {most} druckbare Zeichen.",
            ).fill(most=_MOST_NAME_CHARACTERS),
            Text(en="Choose another name, such as “shop”.", de="Einen anderen Namen wählen, etwa „shop“."),
        )
    return name


def _unknown(kind: str, name: str) -> InputError:
    what = {"key": Text("key", "Schlüssel"), "source": Text("source", "Quelle")}[kind]
    return InputError(
        f"unknown_{kind}",
        Text(en="There is no such {what}: {name}.", de="Nicht vorhanden ({what}): {name}.").fill(
            what=what, name=_prefix_of(name)[:40]
        ),
        Text(en="List them with: schwung key list", de="Auflisten mit: schwung key list"),
    )
