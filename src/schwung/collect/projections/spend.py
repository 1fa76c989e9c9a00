"""Spend and hours that are told as events: what stands for a day, channel, campaign and phase."""

from collections.abc import Iterable

from schwung.collect.projection import currency_of, minor
from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.projections.projection import Projection
from schwung.collect.question import PHASES
from schwung.collect.tables import SPEND
from schwung.core.period import day_of
from schwung.core.stable_hash import key_of


def _rows(occasion: Occasion, setting: Setting) -> Iterable[Fields]:
    """A later event of the same day, channel, campaign and phase takes the place of an earlier one."""
    channel = occasion.text("channel")
    if channel is None:
        return
    day = occasion.day("spent_on") or day_of(occasion.happened_at, setting.zone).isoformat()
    campaign, phase = occasion.text("campaign"), occasion.text("phase")
    phase = phase if phase in PHASES else None
    currency = currency_of(occasion.properties, "currency", setting.currency)
    parts = (occasion.source, day, channel, campaign or "", *((phase,) if phase else ()))
    yield {
        "spend_key": key_of(*parts),
        "source": occasion.source,
        "spent_on": day,
        "channel": channel,
        "campaign": campaign,
        "phase": phase,
        "amount_minor": minor(occasion.properties.get("amount"), currency) or 0,
        "currency": currency,
        "hours": occasion.number("hours"),
    }


PROJECTION = Projection(SPEND, frozenset({"spend_recorded"}), _rows)
