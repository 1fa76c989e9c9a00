"""Reasons and days of outcomes in sentences about a customer."""

from collections.abc import Mapping, Sequence
from typing import Any

from schwung.core.text import Text
from schwung.measure import said
from schwung.predict.features.feature import told
from schwung.predict.features.frame import FEATURES
from schwung.predict.model import Wording

_NOTHING = Text("\u200b", "\u200b")
"""A text may not be empty; this shows as nothing."""


def because(reasons: Sequence[Mapping[str, Any]], raises: bool, wording: Wording) -> Text:
    """“ (last order 120 days ago; no visit in 90 days)”. raises: those that speak for it, else those against it."""
    texts = [_text(one, wording) for one in reasons if "effect" in one and (one["effect"] > 0) == raises]
    known = [text for text in texts if text is not None]
    if not known:
        return _NOTHING
    return Text(f" ({'; '.join(text.en for text in known)})", f" ({'; '.join(text.de for text in known)})")


def chance(p: float) -> Text:
    """34% · 4.2% · under 0.1%"""
    if p < 0.001:
        return Text("under 0.1%", "unter 0,1 %")
    return said.share(p, 0 if p >= 0.1 else 1)


def _text(reason: Mapping[str, Any], wording: Wording) -> Text | None:
    feature = FEATURES.get(reason["column"])
    return None if feature is None else told(feature, reason, FEATURES, wording.currency, wording.scale)
