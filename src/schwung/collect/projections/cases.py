"""Complaints, questions and requests: one row for each step of a case."""

from collections.abc import Iterable, Mapping

from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.projections.projection import Projection
from schwung.collect.relationship_tables import CASES

_STATES: Mapping[str, str] = {
    "complaint_opened": "opened",
    "case_opened": "opened",
    "case_answered": "answered",
    "case_resolved": "resolved",
    "case_closed": "closed",
    "case_reopened": "reopened",
}
_KINDS = ("complaint", "question", "request")


def _rows(occasion: Occasion, setting: Setting) -> Iterable[Fields]:
    yield {
        "case_key": occasion.key("case_id"),
        "state": _STATES[occasion.name],
        "nth": occasion.happened_at,
        "case_id": occasion.text("case_id"),
        **occasion.shared,
        "happened_at": occasion.happened_at,
        "kind": _kind(occasion),
        "cause": occasion.text("cause", "reason"),
        "channel": occasion.text("channel") or occasion.channel,
        "order_id": occasion.text("order_id"),
        "text": occasion.words("subject", "text"),
    }


def _kind(occasion: Occasion) -> str | None:
    """As stated; a case that is opened with a cause is a complaint."""
    stated = occasion.text("kind")
    if stated in _KINDS:
        return stated
    is_complaint = occasion.name == "complaint_opened" or occasion.text("cause", "reason") is not None
    return "complaint" if is_complaint and _STATES[occasion.name] == "opened" else None


PROJECTION = Projection(CASES, frozenset(_STATES), _rows)
