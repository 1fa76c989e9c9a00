"""What is kept of an event that was refused: its JSON, readable, without what may not be stored."""

import json
import math
from typing import Any

from schwung.collect.wire_context import DEVICE_NAMES, grants, strip_addresses


def scrubbed(body: bytes, requires_consent: bool, categories: frozenset[str]) -> dict[str, Any]:
    """The event as a JSON object, without network addresses, user agent and, where consent lacks, device and its id."""
    try:
        content = json.loads(body, parse_float=_number, parse_int=_number, parse_constant=str)
    except (ValueError, RecursionError):
        return {}
    content = strip_addresses(content)
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


def _number(text: str) -> float | int | str:
    """The number, or its text where it has no place in 64 bits."""
    if len(text) > 400:
        return text
    value = float(text)
    if not math.isfinite(value):
        return text
    whole = text.lstrip("-").isdigit()
    return int(text) if whole and abs(value) < 2**63 else text if whole else value
