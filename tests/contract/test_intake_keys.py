"""Keys of sources and readers: shown once, kept as hashes, rotated with grace, revoked, consent per source."""

import json

import pytest

from schwung.app import keys as app_keys
from schwung.app.audit import entries
from schwung.app.keys import authenticate, create_key, keys, revoke_key, rotate_key, set_consent, sources
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from tests.conftest import FrozenClock


@pytest.fixture(autouse=True)
def forget_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_keys, "REMEMBERED_SECONDS", -1)


def test_a_key_opens_its_scope_only(each_workspace: Workspace) -> None:
    write, read = create_key(each_workspace, "shop"), create_key(each_workspace, "reports", "read")
    admin = create_key(each_workspace, "operations", "admin")
    caller = authenticate(each_workspace, write, "write")
    assert caller is not None and (caller.source, caller.requires_consent) == ("shop", False)
    opened = {
        (name, scope): authenticate(each_workspace, key, scope) is not None
        for name, key in (("write", write), ("read", read), ("admin", admin), ("none", "sw_1_2"), ("empty", ""))
        for scope in app_keys.SCOPES
    }
    assert {pair for pair, works in opened.items() if works} == {
        ("write", "write"), ("read", "read"), ("admin", "write"), ("admin", "read"), ("admin", "admin"),
    }  # fmt: skip


def test_the_secret_is_not_kept(workspace: Workspace) -> None:
    key = create_key(workspace, "shop", label="till")
    (listed,) = keys(workspace)
    assert (listed.source, listed.label, listed.scopes) == ("shop", "till", ("write",))
    assert key.startswith(listed.prefix + "_") and key not in str(listed)
    secret = key.removeprefix(listed.prefix + "_").encode()
    assert all(secret not in path.read_bytes() for path in workspace.folder.rglob("*") if path.is_file())


def test_rotation_leaves_the_old_key_its_grace(each_workspace: Workspace, clock: FrozenClock) -> None:
    old = create_key(each_workspace, "shop")
    new = rotate_key(each_workspace, old, grace_hours=2)
    clock.advance(7_199)
    assert authenticate(each_workspace, old, "write") and authenticate(each_workspace, new, "write")
    assert sorted(key.state(clock()) for key in keys(each_workspace)) == ["expiring", "valid"]
    clock.advance(1)
    assert authenticate(each_workspace, old, "write") is None
    assert authenticate(each_workspace, new, "write")
    with pytest.raises(InputError):
        rotate_key(each_workspace, "sw_00000000")


def test_a_revoked_key_works_no_more(each_workspace: Workspace) -> None:
    key, other = create_key(each_workspace, "shop"), create_key(each_workspace, "shop")
    revoke_key(each_workspace, key.rpartition("_")[0])
    assert authenticate(each_workspace, key, "write") is None
    assert authenticate(each_workspace, other, "write")
    for again in (revoke_key, rotate_key):
        with pytest.raises(InputError) as raised:
            again(each_workspace, key)  # type: ignore[operator]
        assert raised.value.code == "unknown_key"
        assert key not in str(raised.value), "an error does not repeat a secret"


def test_memory_forgets_within_seconds(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr(app_keys, "REMEMBERED_SECONDS", 3.0)
    monkeypatch.setattr(app_keys, "_now", lambda: seconds[0])
    key = create_key(workspace, "shop")
    assert authenticate(workspace, key, "write")
    with workspace.store.write() as tx:  # another process revokes
        tx.run("key.revoke", prefix=keys(workspace)[0].prefix, now=1)
    seconds[0] = 2.9
    assert authenticate(workspace, key, "write")
    seconds[0] = 3.1
    assert authenticate(workspace, key, "write") is None


def test_consent_is_a_setting_of_the_source(each_workspace: Workspace) -> None:
    key = create_key(each_workspace, "shop", requires_consent=True, consent_categories=["Analytics"])
    create_key(each_workspace, "shop")
    caller = authenticate(each_workspace, key, "write")
    assert caller is not None and caller.requires_consent and caller.consent_categories == {"Analytics"}
    set_consent(each_workspace, "shop", requires_consent=False)
    (source,) = sources(each_workspace)
    assert (source.requires_consent, source.consent_categories) == (False, ())
    with pytest.raises(InputError):
        set_consent(each_workspace, "nothing", requires_consent=True)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x00b"])
def test_names_of_sources(workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError):
        create_key(workspace, name)
    assert sources(workspace) == []


def test_the_command_line_prints_the_key_alone(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    from typer.testing import CliRunner

    from schwung.cli import app

    where = ["--workspace", str(workspace.folder)]
    created = CliRunner().invoke(app, ["key", "create", "--source", "shop", *where])
    assert created.exit_code == 0, created.output
    key = created.stdout.strip()
    assert created.stdout == f"{key}\n" and authenticate(workspace, key, "write")
    rotated = CliRunner().invoke(app, ["key", "rotate", key, "--json", *where])
    assert authenticate(workspace, json.loads(rotated.stdout)["key"], "write")
    assert CliRunner().invoke(app, ["key", "revoke", key, *where]).exit_code == 0
    listed = json.loads(CliRunner().invoke(app, ["key", "list", "--json", *where]).stdout)
    assert sorted(row["state"] for row in listed) == ["revoked", "valid"]
    assert "shop" in CliRunner().invoke(app, ["key", "list", *where]).stdout


def test_what_is_done_with_keys_leaves_a_trace_without_secrets(each_workspace: Workspace, clock: FrozenClock) -> None:
    key = create_key(each_workspace, "shop", actor="cli:maria")
    successor = rotate_key(each_workspace, key, actor="operator:7")
    revoke_key(each_workspace, key)
    set_consent(each_workspace, "shop", requires_consent=True)
    found = entries(each_workspace)
    assert [(entry.actor, entry.act) for entry in found[::-1]] == [
        ("cli:maria", "key_created"), ("operator:7", "key_rotated"), ("system", "key_revoked"), ("system", "source_changed"),
    ]  # fmt: skip
    assert key not in str(found) and successor not in str(found)
    assert authenticate(each_workspace, successor, "write")
    assert {listed.state(clock()): listed.last_used_at for listed in keys(each_workspace)} == {
        "revoked": None,
        "valid": clock(),
    }
