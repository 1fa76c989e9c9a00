"""Takes every message and delivers none: for a simulated shop, whose people have no mailbox."""

from dataclasses import dataclass

from schwung.act.channel import Outcome, Outgoing, Sent


@dataclass(slots=True)
class NowhereChannel:
    """Stands in for the channel of that name. What it took is known by the message's own key."""

    name: str

    def send(self, message: Outgoing) -> Outcome:
        return Sent(provider_id(message.key))

    def close(self) -> None:
        pass


def provider_id(message_key: str) -> str:
    """What a message is called that went nowhere."""
    return f"nowhere/{message_key}"
