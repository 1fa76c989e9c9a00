"""What a workspace can send with: its channels, and the words of its messages."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from schwung.act.channel import Channel, Outcome, Outgoing, Refused, Sent
from schwung.act.template import Template
from schwung.app.render_messages import Renderer, Wanted
from schwung.app.templates import preview
from schwung.app.wiring import Workspace
from schwung.channels.email import EmailChannel
from schwung.channels.mime import AddressUnusable, Sender
from schwung.channels.smtp import Server
from schwung.channels.webhook import WebhookChannel, shown_secret
from schwung.core.errors import InputError, OutsideError, SetupError
from schwung.core.text import Language, Text


class WorkspacePost:
    """For the delivery. channels: those that are set up, by name."""

    def __init__(self, workspace: Workspace) -> None:
        self.channels: Mapping[str, Channel] = open_channels(workspace)
        self._renderer = Renderer(workspace)

    def render(self, messages: Sequence[Wanted]) -> Mapping[int, Outgoing | Refused]:
        return self._renderer.render(messages)

    def close(self) -> None:
        for channel in self.channels.values():
            channel.close()


def open_channels(workspace: Workspace) -> dict[str, Channel]:
    """SetupError where one is set up wrongly."""
    found: dict[str, Channel] = {"webhook": webhook_channel(workspace)}
    if workspace.settings.email.is_ready:
        found["email"] = email_channel(workspace)
    return found


def email_channel(workspace: Workspace) -> EmailChannel:
    """SetupError where sender, server or key are missing or wrong."""
    email = workspace.settings.email
    if not email.is_ready:
        raise SetupError(
            "email_not_set_up",
            Text("E-mail is not set up: sender and server are needed.", "E-Mail ist nicht eingerichtet: Absender und Server fehlen."),
            Text("Enter them in the settings: [email].", "Beides in den Einstellungen eintragen: [email]."),
        )  # fmt: skip
    from schwung.channels.dkim import read_signer  # 12 MB that only a sender needs

    signer = (
        read_signer(email.dkim_domain, email.dkim_selector, workspace.folder / email.dkim_key)
        if email.dkim_domain
        else None
    )
    server = Server(email.server, email.port, email.security, email.user, email.password, email.timeout_seconds)
    name = email.sender_name or workspace.settings.workspace.name
    try:
        return EmailChannel(server, Sender(email.sender, name, email.reply_to), signer, workspace.clock)
    except AddressUnusable as error:
        raise SetupError(
            "sender_unusable",
            Text("The sender's address cannot be used: {address}.", "Die Absenderadresse ist nicht brauchbar: {address}.").fill(address=email.sender),
            Text("Correct it in the settings: [email].", "In den Einstellungen berichtigen: [email]."),
        ) from error  # fmt: skip


def webhook_channel(workspace: Workspace) -> WebhookChannel:
    webhook = workspace.settings.webhook
    return WebhookChannel(
        [_webhook_secret(workspace)],
        allowed=webhook.hosts,
        timeout_seconds=webhook.timeout_seconds,
        clock=workspace.clock,
    )


def webhook_secret(workspace: Workspace) -> str:
    """What a receiver checks signatures with (`whsec_…`)."""
    return shown_secret(_webhook_secret(workspace))


def send_test(
    workspace: Workspace,
    template: Template,
    address: str,
    *,
    customer_id: int | None = None,
    language: Language | None = None,
) -> Sent:
    """One e-mail with the preview, to an address of the team. InputError where it cannot be made, OutsideError where it is not taken."""
    if template.channel != "email":
        raise InputError(
            "no_email_template",
            Text("“{name}” is no e-mail.", "„{name}“ ist keine E-Mail.").fill(name=template.name),
            Text("Name a template of the channel email.", "Eine Vorlage des Kanals email nennen."),
        )
    shown = preview(workspace, template, customer_id=customer_id, language=language)
    if shown.rendered is None:
        raise InputError(
            "template_wrong", shown.wrong or Text("It cannot be made.", "Sie lässt sich nicht erzeugen."),
            Text("Correct the template.", "Die Vorlage berichtigen."),
        )  # fmt: skip
    channel = email_channel(workspace)
    try:
        outcome = channel.send(Outgoing(f"test/{template.name}/{workspace.clock()}", address, shown.rendered))
    finally:
        channel.close()
    return _taken(outcome)


def _taken(outcome: Outcome) -> Sent:
    if isinstance(outcome, Sent):
        return outcome
    raise OutsideError(
        "email_not_taken",
        Text("The e-mail was not taken: {why}.", "Die E-Mail wurde nicht angenommen: {why}.").fill(
            why=(outcome.detail or outcome.reason).rstrip(".")
        ),
        Text("See the settings [email], or the address.", "Die Einstellungen [email] oder die Adresse prüfen."),
        permanent=isinstance(outcome, Refused),
    )


def _webhook_secret(workspace: Workspace) -> bytes:
    return hmac.new(workspace.secret, b"webhooks that are sent", hashlib.sha256).digest()
