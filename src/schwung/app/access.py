"""Who may work in the console: operators with a role, and links that work once."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal, get_args

from schwung.app.passwords import hash_of, matches
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, HOUR, Instant
from schwung.core.errors import InputError
from schwung.core.text import Language, Text

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Weakest first; each may do all that the one before it may."""

LINK_LASTS = 3 * DAY
FIRST_LINK_LASTS = 24 * HOUR
SHORTEST_PASSWORD = 10


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who works in the console. email None: came by the first link and has not yet stated one."""

    operator_id: int
    email: str | None
    name: str
    role: Role
    language: Language | None = None
    has_password: bool = False
    created_at: Instant = 0
    seen_at: Instant | None = None

    def may(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)


def token_hash(token: str) -> str:
    """What the store keeps of a token; the token itself has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def operators(workspace: Workspace) -> list[Operator]:
    with workspace.store.read() as tx:
        return [operator_of(row) for row in tx.rows("access.operators")]


def find_operator(workspace: Workspace, email: str) -> Operator:
    """InputError when nobody has that address."""
    with workspace.store.read() as tx:
        row = tx.row("access.operator_by_email", email=fold_email(email))
    if row is None:
        raise _unknown(email)
    return operator_of(row)


def operator(workspace: Workspace, operator_id: int) -> Operator:
    """InputError when there is none with that number."""
    with workspace.store.read() as tx:
        row = tx.row("access.operator", operator_id=operator_id)
    if row is None:
        raise _unknown(str(operator_id))
    return operator_of(row)


def create_operator(
    workspace: Workspace, email: str, role: Role, name: str = "", password: str | None = None
) -> Operator:
    """A new operator. Without a password they need a one-time link. InputError when the address is taken or none."""
    address = fold_email(email)
    hashed = hash_password(password) if password is not None else None
    with workspace.store.write() as tx:
        _refuse_taken(tx, address, None)
        row = {
            "operator_id": tx.value("access.next_operator_id"),
            "email": address,
            "name": name.strip()[:100] or address.partition("@")[0],
            "role": _known(role),
            "password_hash": hashed,
            "created_at": workspace.clock(),
        }
        tx.run("access.add_operator", **row)
        if hashed is not None:
            tx.run("access.forget_first_links")
    return operator_of(row)


def set_role(workspace: Workspace, operator_id: int, role: Role) -> None:
    """InputError when the last owner would lose the role."""
    with workspace.store.write() as tx:
        if role != "owner":
            _keep_an_owner(tx, operator_id)
        tx.run("access.set_role", operator_id=operator_id, role=_known(role))


def remove_operator(workspace: Workspace, operator_id: int) -> None:
    """The operator, their sessions and links. InputError for the last owner."""
    with workspace.store.write() as tx:
        _keep_an_owner(tx, operator_id)
        tx.run("access.end_sessions_of", operator_id=operator_id)
        tx.run("access.forget_links_of", operator_id=operator_id)
        tx.run("access.remove_operator", operator_id=operator_id)


def set_account(workspace: Workspace, operator_id: int, email: str, name: str) -> None:
    address = fold_email(email)
    with workspace.store.write() as tx:
        _refuse_taken(tx, address, operator_id)
        name = name.strip()[:100] or address.partition("@")[0]
        tx.run("access.set_account", operator_id=operator_id, email=address, name=name)


def set_password(workspace: Workspace, operator_id: int, password: str, *, keep_session: str = "") -> None:
    """A new password; ends all other sessions and every link of the operator."""
    hashed = hash_password(password)
    with workspace.store.write() as tx:
        tx.run("access.set_password", operator_id=operator_id, password_hash=hashed)
        tx.run("access.end_other_sessions", operator_id=operator_id, token_hash=token_hash(keep_session))
        tx.run("access.forget_links_of", operator_id=operator_id)
        tx.run("access.forget_first_links")


def check_password(workspace: Workspace, operator_id: int, password: str) -> bool:
    """True as well where no password was ever set."""
    with workspace.store.read() as tx:
        row = tx.row("access.operator", operator_id=operator_id)
    return row is not None and (row["password_hash"] is None or matches(row["password_hash"], password))


def set_language(workspace: Workspace, operator_id: int, language: Language) -> None:
    with workspace.store.write() as tx:
        tx.run("access.set_language", operator_id=operator_id, language=language)


def one_time_link(workspace: Workspace) -> str | None:
    """Path (`/enter/…`) that signs in the first owner once; None as soon as somebody can sign in without it."""
    if any(operator.has_password for operator in operators(workspace)):
        return None
    return _new_link(workspace, None, "first", FIRST_LINK_LASTS)


def link_for(workspace: Workspace, operator_id: int) -> str:
    """Path that lets an operator set a password and sign in once; the earlier links end."""
    return _new_link(workspace, operator_id, "password", LINK_LASTS)


def link_purpose(workspace: Workspace, token: str) -> str | None:
    """`first` or `password` while the link is good; None when it is used, too old or wrong. Uses nothing up."""
    with workspace.store.read() as tx:
        row = tx.row("access.link", token_hash=token_hash(token), now=workspace.clock())
    return row["purpose"] if row else None


def link_email(workspace: Workspace, token: str) -> str:
    """Whose link it is; empty when it is spent."""
    with workspace.store.read() as tx:
        row = tx.row("access.link", token_hash=token_hash(token), now=workspace.clock())
        found = tx.row("access.operator", operator_id=row["operator_id"]) if row and row["operator_id"] else None
    return (found["email"] or "") if found else ""


def use_link(workspace: Workspace, token: str) -> Operator | None:
    """Whom the link lets in, exactly once. The first link makes an owner where there is none."""
    key = {"token_hash": token_hash(token), "now": workspace.clock()}
    with workspace.store.write() as tx:
        row = tx.row("access.link", **key)
        if row is None or not tx.run("access.use_link", **key):
            return None
        if row["purpose"] == "first":
            tx.run("access.forget_first_links")
            return _first_owner(tx, workspace.clock())
        found = tx.row("access.operator", operator_id=row["operator_id"])
        return operator_of(found) if found else None


def check_length(password: str) -> None:
    """InputError when it is too short to protect."""
    if len(password) < SHORTEST_PASSWORD:
        raise InputError(
            "password_short",
            Text(en="The password has fewer than {n} characters.", de="Das Passwort hat weniger als {n} Zeichen.").fill(
                n=SHORTEST_PASSWORD
            ),
            Text(en="Three or four words make a good one.", de="Drei oder vier Wörter ergeben ein gutes."),
        )


def hash_password(password: str) -> str:
    """Argon2id of a password that is long enough."""
    check_length(password)
    return hash_of(password)


def fold_email(email: str) -> str:
    """Trimmed and case-folded. InputError for what is no address."""
    address = email.strip().casefold()
    name, _, domain = address.rpartition("@")
    if not name or not domain or len(address) > 254 or any(sign.isspace() for sign in address):
        raise InputError(
            "email_invalid",
            Text(en="“{email}” is no e-mail address.", de="„{email}“ ist keine E-Mail-Adresse.").fill(email=email[:80]),
            Text(en="An example: maria@example.org", de="Ein Beispiel: maria@example.org"),
        )
    return address


def operator_of(row: dict) -> Operator:
    return Operator(
        operator_id=row["operator_id"],
        email=row["email"],
        name=row["name"],
        role=row["role"],
        language=row.get("language"),
        has_password=bool(row["has_password"] if "has_password" in row else row.get("password_hash")),
        created_at=row.get("created_at", 0),
        seen_at=row.get("seen_at"),
    )


def _first_owner(tx: Transaction, now: Instant) -> Operator:
    owner = next((row for row in tx.rows("access.operators") if row["role"] == "owner"), None)
    if owner is None:
        owner = {
            "operator_id": tx.value("access.next_operator_id"),
            "email": None,
            "name": "",
            "role": "owner",
            "password_hash": None,
            "created_at": now,
        }
        tx.run("access.add_operator", **owner)
    return operator_of(owner)


def _new_link(workspace: Workspace, operator_id: int | None, purpose: str, lasts: int) -> str:
    token, now = secrets.token_urlsafe(32), workspace.clock()
    with workspace.store.write() as tx:
        tx.run("access.forget_old_links", now=now)
        if operator_id is not None:
            tx.run("access.forget_links_of", operator_id=operator_id)
        link = {"token_hash": token_hash(token), "operator_id": operator_id, "purpose": purpose}
        tx.run("access.add_link", **link, created_at=now, expires_at=now + lasts)
    return f"/enter/{token}"


def _known(role: str) -> Role:
    if role not in ROLES:
        raise InputError(
            "role_unknown",
            Text(en="There is no role “{role}”.", de="Die Rolle „{role}“ gibt es nicht.").fill(role=role),
            Text(en="Known: {roles}.", de="Bekannt: {roles}.").fill(roles=", ".join(ROLES)),
        )
    return role


def _unknown(whom: str) -> InputError:
    return InputError(
        "operator_unknown",
        Text(en="Nobody works here as {whom}.", de="Niemand arbeitet hier als {whom}.").fill(whom=whom),
        Text(en="List them with: schwung operator list", de="Auflisten mit: schwung operator list"),
    )


def _refuse_taken(tx: Transaction, email: str, mine: int | None) -> None:
    row = tx.row("access.operator_by_email", email=email)
    if row and row["operator_id"] != mine:
        raise InputError(
            "operator_exists",
            Text(en="{email} already has an account.", de="{email} hat schon ein Konto.").fill(email=email),
            Text(en="Use another address.", de="Eine andere Adresse verwenden."),
        )


def _keep_an_owner(tx: Transaction, operator_id: int) -> None:
    row = tx.row("access.operator", operator_id=operator_id)
    if row and row["role"] == "owner" and tx.value("access.owner_count") == 1:
        raise InputError(
            "last_owner",
            Text(en="The last owner cannot lose this role.", de="Die letzte Inhaber-Rolle kann nicht wegfallen."),
            Text(en="Make somebody else owner first.", de="Zuerst jemand anderem diese Rolle geben."),
        )
