"""What became of messages: one row for each state that a message reached."""

from collections.abc import Iterable, Mapping

from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.projections.projection import Projection
from schwung.collect.relationship_tables import MESSAGES
from schwung.core.stable_hash import key_of

_STATES: Mapping[str, str] = {
    "sent": "sent",
    "delivered": "delivered",
    "opened": "opened",
    "link_clicked": "clicked",
    "bounced": "bounced",
    "failed": "failed",
    "marked_as_spam": "complained",
    "unsubscribed": "unsubscribed",
    "converted": "converted",
}
_NAMES: Mapping[str, tuple[str, str]] = {
    **{f"{channel}_{word}": (channel, state) for channel in ("email", "sms", "push", "message") for word, state in _STATES.items()},
    "message_held_back": ("message", "held_back"),
}  # fmt: skip


def _rows(occasion: Occasion, setting: Setting) -> Iterable[Fields]:
    channel, state = _NAMES[occasion.name]
    campaign = occasion.text("campaign_name", "campaign_id") or occasion.campaign
    yield {
        "message_key": _key(occasion),
        "state": state,
        **occasion.shared,
        "happened_at": occasion.happened_at,
        "channel": occasion.text("channel") or channel,
        "campaign": campaign,
    }


def _key(occasion: Occasion) -> int:
    """The message's own number; else a campaign reaches a person with one message; else the event stands alone."""
    own = occasion.text("message_id")
    if own is not None:
        return key_of(occasion.source, own)
    campaign = occasion.text("campaign_id", "campaign_name", "email_id") or occasion.campaign
    if campaign is None or occasion.identifier_id is None:
        return occasion.event_key
    return key_of(occasion.source, "campaign", campaign, str(occasion.identifier_id))


PROJECTION = Projection(MESSAGES, frozenset(_NAMES), _rows)
