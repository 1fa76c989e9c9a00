"""What is kept of an event that was refused: its JSON, readable, without what may not be stored."""

import json
from typing import Any

from schwung.collect.readable import number_or_text
from schwung.collect.wire_context import DEVICE_NAMES, grants, strip_addresses


def scrubbed(body: bytes, requires_consent: bool, categories: frozenset[str]) -> dict[str, Any]:
    """The event as a JSON object, without network addresses, user agent and, where consent lacks, device and its id."""
    try:
        content = json.loads(body, parse_float=number_or_text, parse_int=number_or_text, parse_constant=str)
        content = strip_addresses(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {"value": content}
    context = content.get("context")
    consent = context.get("consent") if isinstance(context, dict) else None
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    granted = grants(preferences, categories) if isinstance(preferences, dict) else False
    if requires_consent and not granted:
        content.pop("anonymousId", None)
        if isinstance(context, dict):
            content["context"] = {name: value for name, value in context.items() if name not in DEVICE_NAMES}
    elif not granted and isinstance(context, dict):
        content["context"] = {
            name: value for name, value in context.items() if name not in ("userAgent", "userAgentData")
        }
    content.pop("writeKey", None)
    return content
