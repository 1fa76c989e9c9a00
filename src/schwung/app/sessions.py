"""Signing in to the console and staying signed in: sessions, and a limit on wrong tries that survives a restart."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from schwung.app.access import Operator, fold_email, operator_of, token_hash
from schwung.app.passwords import matches, nobodys_hash
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, HOUR, MINUTE, Instant
from schwung.core.errors import InputError

PAUSE = 15 * MINUTE
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 30
SESSION_LASTS = 12 * HOUR
LONG_SESSION_LASTS = 30 * DAY
_TOUCH_EVERY = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class SignIn:
    """The outcome of one try. operator None: refused; paused: not even looked at, until `paused_until`."""

    operator: Operator | None
    tries_left: int = 0
    paused_until: Instant = 0


@dataclass(frozen=True, slots=True)
class Session:
    operator: Operator
    session_no: int
    seen_at: Instant
    expires_at: Instant


def sign_in(workspace: Workspace, email: str, password: str, address: str) -> SignIn:
    """One try with e-mail and password from a network address.

    The try is written down, and committed, before others are counted and the password is looked at: of many at once
    none is overlooked. An address is kept as a keyed hash only.
    """
    now = workspace.clock()
    limits = {
        _key(workspace, "account", email): TRIES_PER_ACCOUNT,
        _key(workspace, "address", address): TRIES_PER_ADDRESS,
    }
    attempt = secrets.token_hex(8)
    left = TRIES_PER_ADDRESS
    with workspace.store.write() as tx:
        tx.run("access.forget_old_attempts", until=now - PAUSE)
        for key in limits:
            tx.run("access.add_attempt", attempt_id=attempt, key_hash=key, tried_at=now)
    with workspace.store.write() as tx:
        row = _account(tx, email)
        for key, limit in limits.items():
            tried = tx.row("access.attempts", key_hash=key, since=now - PAUSE, attempt_id=attempt)
            if tried and tried["attempts"] >= limit:
                for one in limits:
                    tx.run("access.forget_attempt", key_hash=one, attempt_id=attempt)
                return SignIn(None, paused_until=tried["last_at"] + PAUSE)
            left = min(left, limit - 1 - (tried["attempts"] if tried else 0))
    hashed = row["password_hash"] if row and row["password_hash"] else None
    if not matches(hashed or nobodys_hash(), password) or row is None or hashed is None:
        return SignIn(None, tries_left=left, paused_until=0 if left else now + PAUSE)
    account, origin = limits
    with workspace.store.write() as tx:
        tx.run("access.forget_attempts", key_hash=account)
        tx.run("access.forget_attempt", key_hash=origin, attempt_id=attempt)
    return SignIn(operator_of(row))


def start_session(workspace: Workspace, operator_id: int, device: str, *, long: bool = False) -> tuple[str, int]:
    """A new session: its token, which the store knows only as a hash, and the seconds for which it lasts."""
    token, now = secrets.token_urlsafe(32), workspace.clock()
    lasts = LONG_SESSION_LASTS if long else SESSION_LASTS
    with workspace.store.write() as tx:
        tx.run("access.end_expired_sessions", now=now)
        tx.run(
            "access.add_session",
            token_hash=token_hash(token),
            session_no=secrets.randbelow(2**53),
            operator_id=operator_id,
            device=device[:200],
            seen_at=now,
            expires_at=now + lasts,
            lasts=lasts // 1_000_000,
        )
        tx.run("access.seen", operator_id=operator_id, seen_at=now)
    return token, lasts // 1_000_000


def session_of(workspace: Workspace, token: str) -> Session | None:
    """The session while it lasts. Use prolongs it; that is written at most every five minutes."""
    now = workspace.clock()
    with workspace.store.read() as tx:
        row = tx.row("access.session", token_hash=token_hash(token), now=now)
    if row is None:
        return None
    if now - row["session_seen_at"] > _TOUCH_EVERY:
        expires_at = now + row["lasts"] * 1_000_000
        with workspace.store.write() as tx:
            tx.run("access.touch_session", token_hash=token_hash(token), seen_at=now, expires_at=expires_at)
            tx.run("access.seen", operator_id=row["operator_id"], seen_at=now)
    return Session(operator_of(row), row["session_no"], row["session_seen_at"], row["expires_at"])


def end_session(workspace: Workspace, token: str) -> None:
    with workspace.store.write() as tx:
        tx.run("access.end_session", token_hash=token_hash(token))


def end_session_no(workspace: Workspace, operator_id: int, session_no: int) -> None:
    with workspace.store.write() as tx:
        tx.run("access.end_session_no", operator_id=operator_id, session_no=session_no)


def sessions_of(workspace: Workspace, operator_id: int) -> list[dict]:
    """session_no, device, created_at, seen_at, expires_at of each open session, the latest used first."""
    with workspace.store.read() as tx:
        return tx.rows("access.sessions_of", operator_id=operator_id, now=workspace.clock())


def _account(tx: Transaction, email: str) -> dict | None:
    try:
        return tx.row("access.operator_by_email", email=fold_email(email))
    except InputError:
        return None


def _key(workspace: Workspace, kind: str, value: str) -> str:
    message = f"sign-in:{kind}:{value.strip().casefold()}".encode()
    return hmac.new(workspace.secret, message, hashlib.sha256).hexdigest()
