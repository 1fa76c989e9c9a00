"""Webhooks of a workspace: `webhooks/NAME.yaml` says how what is posted to /v1/webhook/NAME becomes events."""

import json
import re
from functools import lru_cache
from pathlib import Path

import msgspec

from schwung.app import audit
from schwung.app.wiring import Workspace
from schwung.connectors.webhook import WebhookMapping, read_mapping, read_webhook
from schwung.core.errors import InputError
from schwung.core.text import Text

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def events_of_webhook(workspace: Workspace, name: str, body: bytes) -> list[msgspec.Raw]:
    """Events as a batch carries them. InputError for an unknown webhook; msgspec.DecodeError for broken JSON."""
    mapping = _mapping(workspace.folder, name)
    body.decode()
    return [msgspec.Raw(msgspec.json.encode(event)) for event in read_webhook(mapping, msgspec.json.decode(body))]


EXAMPLE = """\
event: type                        # where the name stands; {const: Order Paid} gives one
names: {invoice.paid: Order Paid}  # optional: their name → ours; other names are passed over
fields:                            # messageId, userId, anonymousId, groupId, timestamp
  userId: data.customer.id
  timestamp: created
properties:
  order_id: data.number
  total: data.amount_paid
  currency: data.currency
traits:
  email: data.customer.email
"""


def tried(text: str, name: str, body: str) -> list[str]:
    """The events that a mapping makes of a body, as readable JSON. InputError for the mapping; ValueError for the body."""
    mapping = read_mapping(text, name)
    return [json.dumps(event, indent=2, ensure_ascii=False) for event in read_webhook(mapping, json.loads(body))]


def name_for(source: str) -> str:
    """The name of a source's own webhook: “Kasse 2” posts to /v1/webhook/kasse-2."""
    return re.sub(r"[^a-z0-9_]+", "-", source.casefold()).strip("-_")[:64] or "webhook"


def written_mapping(workspace: Workspace, name: str) -> str:
    """The text of a webhook's mapping; empty where there is none."""
    path = _path(workspace.folder, name)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def write_mapping(workspace: Workspace, name: str, text: str, *, actor: str = "system") -> None:
    """Keep the mapping of a webhook; an empty text takes the webhook away. InputError for one that cannot be read."""
    path = _path(workspace.folder, name)
    if text.strip():
        read_mapping(text, name)
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".yaml.new")
        fresh.write_text(text.replace("\r\n", "\n").rstrip() + "\n", encoding="utf-8")
        fresh.replace(path)
    else:
        path.unlink(missing_ok=True)
    with workspace.store.write() as tx:
        audit.add(tx, workspace.clock(), actor, "webhook_changed", webhook=name)


def _path(folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"no name of a webhook: {name!r}")
    return folder / "webhooks" / f"{name}.yaml"


def _mapping(folder: Path, name: str) -> WebhookMapping:
    path = folder / "webhooks" / f"{name}.yaml"
    if _NAME.fullmatch(name):
        try:
            return _read(path, path.stat().st_mtime_ns)
        except OSError:
            pass
    raise InputError(
        "unknown_webhook",
        Text(en="There is no such webhook.", de="Diesen Webhook gibt es nicht."),
        Text(
            en="Write its mapping to webhooks/NAME.yaml in the workspace; see docs/how-to/webhooks.md.",
            de="Seine Zuordnung in webhooks/NAME.yaml im Arbeitsbereich schreiben; siehe docs/how-to/webhooks.md.",
        ),
    )


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> WebhookMapping:
    return read_mapping(path.read_text(encoding="utf-8"), path.stem)
