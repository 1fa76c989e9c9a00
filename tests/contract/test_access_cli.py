"""schwung operator: what scripts and people on the server rely on."""

import json

import pytest
from typer.testing import CliRunner

from schwung.app import access
from schwung.app.wiring import Workspace
from schwung.cli.operator import app
from schwung.core.errors import InputError


def run(workspace: Workspace, *words: str, keys: str = "") -> str:
    done = CliRunner().invoke(app, [*words, "--workspace", str(workspace.folder)], input=keys)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_an_operator_is_created_listed_changed_and_removed(workspace: Workspace) -> None:
    made = json.loads(run(workspace, "create", "--email", "Maria@Example.org", "--role", "owner", "--json"))
    assert (made["email"], made["role"]) == ("maria@example.org", "owner")
    assert access.link_email(workspace, made["link"].split("/enter/")[1]) == "maria@example.org"
    json.loads(run(workspace, "create", "--email", "jonas@example.org", "--name", "Jonas", "--json"))
    listed = json.loads(run(workspace, "list", "--json"))
    assert [(one["email"], one["role"], one["has_password"]) for one in listed] == [
        ("maria@example.org", "owner", False),
        ("jonas@example.org", "viewer", False),
    ]
    run(workspace, "role", "jonas@example.org", "editor")
    assert access.find_operator(workspace, "jonas@example.org").role == "editor"
    run(workspace, "remove", "jonas@example.org")
    assert [one.email for one in access.operators(workspace)] == ["maria@example.org"]


def test_a_password_can_be_typed_instead(workspace: Workspace) -> None:
    run(workspace, "create", "--email", "maria@example.org", "--password", keys="three good words\nthree good words\n")
    operator = access.find_operator(workspace, "maria@example.org")
    assert access.check_password(workspace, operator.operator_id, "three good words")
    assert not access.check_password(workspace, operator.operator_id, "another one")


def test_a_new_link_replaces_the_old_one(workspace: Workspace) -> None:
    old = json.loads(run(workspace, "create", "--email", "maria@example.org", "--json"))["link"]
    new = json.loads(run(workspace, "link", "maria@example.org", "--json"))["link"]
    purposes = [access.link_purpose(workspace, link.split("/enter/")[1]) for link in (old, new)]
    assert purposes == [None, "password"]


@pytest.mark.parametrize("words", [("role", "nobody@example.org", "owner"), ("remove", "nobody@example.org")])
def test_nobody_of_that_name(workspace: Workspace, words: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        run(workspace, *words)
    assert caught.value.code == "operator_unknown"
