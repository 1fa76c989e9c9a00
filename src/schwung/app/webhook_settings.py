"""The settings about webhooks that are sent."""

from typing import ClassVar

from schwung.app.setting import Section, setting
from schwung.core.text import Text


class WebhookSettings(Section):
    """Webhooks that are sent."""

    title: ClassVar[Text] = Text("Webhooks that are sent.", "Webhooks, die versandt werden.")

    hosts: tuple[str, ...] = setting(
        (),
        text=Text(
            "Hosts within the own network that webhooks may go to; all others must be public and take https.",
            "Rechner im eigenen Netz, an die Webhooks gehen dürfen; alle anderen müssen öffentlich sein und https sprechen.",
        ),
    )
    timeout_seconds: int = setting(
        15, ge=1, le=60, text=Text("Seconds to wait for an answer.", "Sekunden, die auf eine Antwort gewartet wird.")
    )
