"""Webhooks of a workspace: `webhooks/NAME.yaml` says how what is posted to /v1/webhook/NAME becomes events."""

import re
from functools import lru_cache
from pathlib import Path

import msgspec

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
