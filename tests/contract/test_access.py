"""Operators, links, sessions and the limit on wrong tries, on every store."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from schwung.app import access, sessions
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from tests.conftest import FrozenClock

PASSWORD = "three good words"


def test_the_first_link_makes_one_owner_and_works_once(each_workspace: Workspace) -> None:
    path = access.one_time_link(each_workspace)
    assert path is not None
    token = path.removeprefix("/enter/")
    assert access.link_purpose(each_workspace, token) == "first"
    owner = access.use_link(each_workspace, token)
    assert owner is not None and owner.role == "owner" and owner.email is None
    assert access.use_link(each_workspace, token) is None
    assert access.link_purpose(each_workspace, token) is None


def test_links_are_printed_until_somebody_has_a_password(each_workspace: Workspace) -> None:
    first, second = access.one_time_link(each_workspace), access.one_time_link(each_workspace)
    assert first and second and first != second
    owner = access.use_link(each_workspace, second.removeprefix("/enter/"))
    assert owner is not None
    assert access.use_link(each_workspace, first.removeprefix("/enter/")) is None, "one of them is enough"
    third = access.one_time_link(each_workspace)
    assert third is not None
    again = access.use_link(each_workspace, third.removeprefix("/enter/"))
    assert again is not None and again.operator_id == owner.operator_id, "the same owner comes back"
    access.set_password(each_workspace, owner.operator_id, PASSWORD)
    assert access.one_time_link(each_workspace) is None


def test_a_first_link_ends_when_a_password_is_set(each_workspace: Workspace) -> None:
    old = access.one_time_link(each_workspace)
    assert old is not None
    access.create_operator(each_workspace, "maria@example.org", "owner", password=PASSWORD)
    assert access.use_link(each_workspace, old.removeprefix("/enter/")) is None


def test_links_grow_old(each_workspace: Workspace, clock: FrozenClock) -> None:
    operator = access.create_operator(each_workspace, "maria@example.org", "viewer")
    token = access.link_for(each_workspace, operator.operator_id).removeprefix("/enter/")
    clock.advance(3 * 86400 - 1)
    assert access.link_email(each_workspace, token) == "maria@example.org"
    clock.advance(2)
    assert access.use_link(each_workspace, token) is None


def test_a_new_link_ends_the_earlier_one(each_workspace: Workspace) -> None:
    operator = access.create_operator(each_workspace, "maria@example.org", "viewer")
    old, new = (access.link_for(each_workspace, operator.operator_id).removeprefix("/enter/") for _ in range(2))
    assert access.use_link(each_workspace, old) is None
    assert access.use_link(each_workspace, new) == access.operator(each_workspace, operator.operator_id)


@pytest.mark.parametrize("email", ["", "maria", "@example.org", "maria@", "a b@example.org", "x" * 250 + "@y.de"])
def test_addresses_that_are_none(each_workspace: Workspace, email: str) -> None:
    with pytest.raises(InputError) as caught:
        access.create_operator(each_workspace, email, "viewer")
    assert caught.value.code == "email_invalid"


def test_one_account_per_address(each_workspace: Workspace) -> None:
    access.create_operator(each_workspace, "Maria@Example.org ", "viewer")
    with pytest.raises(InputError) as caught:
        access.create_operator(each_workspace, "maria@example.ORG", "viewer")
    assert caught.value.code == "operator_exists"


def test_short_passwords_are_refused(each_workspace: Workspace) -> None:
    with pytest.raises(InputError) as caught:
        access.create_operator(each_workspace, "maria@example.org", "viewer", password="x" * 9)
    assert caught.value.code == "password_short"
    assert access.operators(each_workspace) == []


def test_the_last_owner_stays(each_workspace: Workspace) -> None:
    owner = access.create_operator(each_workspace, "maria@example.org", "owner")
    for attempt in (
        lambda: access.set_role(each_workspace, owner.operator_id, "viewer"),
        lambda: access.remove_operator(each_workspace, owner.operator_id),
    ):
        with pytest.raises(InputError) as caught:
            attempt()
        assert caught.value.code == "last_owner"
    other = access.create_operator(each_workspace, "jonas@example.org", "owner")
    access.set_role(each_workspace, owner.operator_id, "viewer")
    assert access.operator(each_workspace, owner.operator_id).role == "viewer"
    assert other.may("editor") and not access.operator(each_workspace, owner.operator_id).may("editor")


def test_sessions_last_while_used(each_workspace: Workspace, clock: FrozenClock) -> None:
    operator = access.create_operator(each_workspace, "maria@example.org", "viewer", password=PASSWORD)
    token, seconds = sessions.start_session(each_workspace, operator.operator_id, "Firefox · Linux")
    assert seconds == 12 * 3600
    for _ in range(3):
        clock.advance(11 * 3600)
        session = sessions.session_of(each_workspace, token)
        assert session is not None and session.operator.email == "maria@example.org"
    clock.advance(12 * 3600 + 1)
    assert sessions.session_of(each_workspace, token) is None


def test_the_store_knows_tokens_only_as_hashes(workspace: Workspace) -> None:
    operator = access.create_operator(workspace, "maria@example.org", "viewer", password=PASSWORD)
    token, _ = sessions.start_session(workspace, operator.operator_id, "Firefox")
    link = access.link_for(workspace, operator.operator_id).removeprefix("/enter/")
    sessions.sign_in(workspace, "maria@example.org", "wrong wrong wrong", "192.0.2.7")
    held = b"".join(path.read_bytes() for path in workspace.folder.glob("store.db*"))
    assert b"maria@example.org" in held and b"$argon2id$" in held
    for secret in (token, link, PASSWORD, "wrong wrong wrong", "192.0.2.7"):
        assert secret.encode() not in held


def test_removal_and_a_new_password_end_sessions(each_workspace: Workspace) -> None:
    access.create_operator(each_workspace, "owner@example.org", "owner")
    operator = access.create_operator(each_workspace, "maria@example.org", "viewer", password=PASSWORD)
    kept, other = (sessions.start_session(each_workspace, operator.operator_id, name)[0] for name in ("one", "two"))
    access.set_password(each_workspace, operator.operator_id, "another good one", keep_session=kept)
    assert sessions.session_of(each_workspace, kept) is not None
    assert sessions.session_of(each_workspace, other) is None
    access.remove_operator(each_workspace, operator.operator_id)
    assert sessions.session_of(each_workspace, kept) is None


def test_five_wrong_tries_pause_an_account_known_or_not(each_workspace: Workspace, clock: FrozenClock) -> None:
    access.create_operator(each_workspace, "maria@example.org", "viewer", password=PASSWORD)
    for email in ("maria@example.org", "nobody@example.org", "no address"):
        left = [sessions.sign_in(each_workspace, email, "wrong wrong wrong", "192.0.2.7").tries_left for _ in range(5)]
        assert left == [4, 3, 2, 1, 0], email
        refused = sessions.sign_in(each_workspace, email, PASSWORD, "192.0.2.8")
        assert refused.operator is None and refused.paused_until == clock.now + sessions.PAUSE
    clock.advance(15 * 60 + 1)
    outcome = sessions.sign_in(each_workspace, "maria@example.org", PASSWORD, "192.0.2.8")
    assert outcome.operator is not None


def test_many_tries_at_once_are_no_more_than_five(each_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    access.create_operator(each_workspace, "maria@example.org", "owner", password="correct horse battery")
    looked: list[str] = []
    monkeypatch.setattr(sessions, "matches", lambda hashed, password: bool(looked.append(password)))
    with ThreadPoolExecutor(24) as pool:
        list(
            pool.map(
                lambda n: sessions.sign_in(each_workspace, "maria@example.org", f"guess {n}", f"192.0.2.{n}"), range(48)
            )
        )
    assert len(looked) <= sessions.TRIES_PER_ACCOUNT


def test_a_right_try_clears_the_account(each_workspace: Workspace) -> None:
    access.create_operator(each_workspace, "maria@example.org", "viewer", password=PASSWORD)
    for _ in range(4):
        sessions.sign_in(each_workspace, "maria@example.org", "wrong wrong wrong", "192.0.2.7")
    assert sessions.sign_in(each_workspace, "Maria@example.org", PASSWORD, "192.0.2.7").operator is not None
    assert sessions.sign_in(each_workspace, "maria@example.org", "wrong wrong wrong", "192.0.2.7").tries_left == 4


def test_one_address_cannot_try_many_accounts(each_workspace: Workspace) -> None:
    access.create_operator(each_workspace, "maria@example.org", "viewer", password=PASSWORD)
    for at in range(sessions.TRIES_PER_ADDRESS):
        sessions.sign_in(each_workspace, f"person{at}@example.org", "wrong wrong wrong", "192.0.2.7")
    assert sessions.sign_in(each_workspace, "maria@example.org", PASSWORD, "192.0.2.7").operator is None
    assert sessions.sign_in(each_workspace, "maria@example.org", PASSWORD, "198.51.100.1").operator is not None


def test_an_operator_without_password_cannot_sign_in_with_an_empty_one(each_workspace: Workspace) -> None:
    access.create_operator(each_workspace, "maria@example.org", "viewer")
    assert sessions.sign_in(each_workspace, "maria@example.org", "", "192.0.2.7").operator is None
