"""Reasons of a prediction: a JSON list of objects, as `words` of the model understands them."""

import json
from typing import Any


def read_reasons(text: str | None) -> list[dict[str, Any]]:
    """None: no reasons."""
    return json.loads(text) if text else []
