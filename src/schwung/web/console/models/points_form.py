"""The rules of the lead points as fields of a form, and back."""

import json
from collections.abc import Mapping
from typing import Any

from schwung.act.step import lasting
from schwung.core.errors import InputError
from schwung.core.text import Language, Text
from schwung.segment.rule import read_rule
from schwung.segment.span import read_span

MORE = 3
"""Empty rows below the rules that there are."""


def shown(written: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """What the page needs: rows of both groups with empty ones below, and the caps."""
    fit, engagement = (written.get(name, {}) for name in ("fit", "engagement"))
    fits = [
        {"points": one["points"], "rule": json.dumps(one["rule"], ensure_ascii=False), "words": _words(one["rule"])}
        for one in fit.get("rules", ())
    ]
    deeds = [
        {"points": one["points"], "event": one["event"], "half_life": _length(one["half_life"], language)}
        for one in engagement.get("rules", ())
    ]
    empty = {"points": "", "rule": "", "words": None, "event": "", "half_life": ""}
    return {
        "fits": fits + [empty] * MORE, "deeds": deeds + [empty] * MORE,
        "fit_cap": fit.get("cap", 50), "engagement_cap": engagement.get("cap", 50),
    }  # fmt: skip


def written(sent: Mapping[str, str]) -> dict[str, Any]:
    """As a file says it; rows without points are left away. What is wrong in it `save_lead_points` tells."""
    fits, deeds = [], []
    for prefix in _rows(sent, "f"):
        if sent.get(f"{prefix}.points", "").strip():
            rule = _rule(sent.get(f"{prefix}.rule", ""), sent.get(f"{prefix}.segment", ""))
            fits.append({"points": _number(sent[f"{prefix}.points"]), "rule": rule})
    for prefix in _rows(sent, "e"):
        if sent.get(f"{prefix}.points", "").strip():
            event, half_life = (sent.get(f"{prefix}.{name}", "").strip() for name in ("event", "half_life"))
            deeds.append({"points": _number(sent[f"{prefix}.points"]), "event": event, "half_life": half_life})
    return {
        "fit": {"cap": _number(sent.get("fit_cap", "")), "rules": fits},
        "engagement": {"cap": _number(sent.get("engagement_cap", "")), "rules": deeds},
    }


def _rows(sent: Mapping[str, str], group: str) -> list[str]:
    numbers = {name.split(".")[1] for name in sent if name.startswith(f"{group}.")}
    return [f"{group}.{number}" for number in sorted(numbers, key=lambda one: (len(one), one))]


def _rule(kept: str, segment: str) -> Any:
    """The segment that was chosen, else the rule that stood there."""
    if segment:
        return {"member": segment}
    try:
        return json.loads(kept) if kept else None
    except ValueError:
        return None


def _number(text: str) -> float | str:
    """What is no number stays as it was written."""
    try:
        return float(text.strip().replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        return text.strip()


def _length(written: Any, language: Language) -> Any:
    """As the reader says it; what is no length stays as it was written."""
    found = read_span(written)
    return written if found is None else lasting(found).in_(language)


def _words(rule: Any) -> Text | None:
    try:
        return read_rule(rule).words
    except InputError:
        return None
