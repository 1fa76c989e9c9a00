"""People who show interest: captured, qualified, handed over to sales, converted or lost."""

from collections.abc import Iterable, Mapping

from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.projections.projection import Projection
from schwung.collect.relationship_tables import LEADS

_STATES: Mapping[str, str] = {
    "lead_captured": "captured",
    "form_submitted": "captured",
    "newsletter_subscribed": "captured",
    "lead_qualified": "qualified",
    "lead_handed_over": "handed_over",
    "lead_converted": "converted",
    "lead_lost": "lost",
}


def _rows(occasion: Occasion, setting: Setting) -> Iterable[Fields]:
    yield {
        "lead_key": occasion.key("lead_id"),
        "state": _STATES[occasion.name],
        "nth": occasion.happened_at,
        **occasion.shared,
        "happened_at": occasion.happened_at,
        "score": occasion.number("score"),
        "channel": occasion.text("channel") or occasion.channel,
        "campaign": occasion.text("campaign_name", "campaign") or occasion.campaign,
    }


PROJECTION = Projection(LEADS, frozenset(_STATES), _rows)
