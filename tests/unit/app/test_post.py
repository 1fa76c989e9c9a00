"""What a workspace can send with, and the test e-mail to the team."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from schwung.app.post import WorkspacePost, email_channel, send_test, webhook_secret
from schwung.app.templates import read_template, save_template
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.errors import InputError, OutsideError, SetupError
from tests.unit.app.test_templates import FOOT, SETTINGS
from tests.unit.channels.test_email import Inbox, keys, opened

WORDS = {"de": {"subject": "Schönes", "body": "<p>Hallo</p>" + FOOT}}


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, port
    controller.stop()


def workspace(folder: Path, more: str = "") -> Workspace:
    made = create_workspace(folder, SETTINGS + 'security = "none"\n' + more)
    save_template(made, "Los", WORDS, actor="test")
    return made


def test_a_test_email_arrives_signed(tmp_path: Path, inbox: tuple[Inbox, int]) -> None:
    shop = workspace(tmp_path / "shop", f'port = {inbox[1]}\ndkim_domain = "kaffeehaus.example"\n')
    (shop.folder / "dkim.pem").write_bytes(keys()[0][1])
    send_test(shop, read_template(shop, "Los").template, "team@b.example")
    content = inbox[0].got[0].content
    assert isinstance(content, bytes)
    got = opened(content)
    assert got["Subject"] == "Schönes" and got["From"] == "Kaffeehaus <hallo@kaffeehaus.example>"
    assert "d=kaffeehaus.example" in got["DKIM-Signature"]
    with pytest.raises(OutsideError):
        send_test(shop, read_template(shop, "Los").template, "kein käse@b.example")
    post = WorkspacePost(shop)
    assert sorted(post.channels) == ["email", "webhook"]
    post.close()
    shop.store.close()


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    shop = workspace(tmp_path / "shop", 'dkim_domain = "kaffeehaus.example"\n')
    with pytest.raises(SetupError) as told:
        email_channel(shop)
    assert told.value.code == "dkim_key_missing"
    with pytest.raises(InputError):
        send_test(shop, read_template(shop, "Los").template.__class__("x", "snippet"), "a@b.example")
    bare = create_workspace(tmp_path / "bare", '[workspace]\nname = "x"\n')
    with pytest.raises(SetupError) as told:
        email_channel(bare)
    assert told.value.code == "email_not_set_up" and list(WorkspacePost(bare).channels) == ["webhook"]
    assert webhook_secret(shop).startswith("whsec_") and webhook_secret(shop) != webhook_secret(bare)
    shop.store.close()
    bare.store.close()
