"""The settings about friction: what counts as asking for a referral."""

from typing import ClassVar

from schwung.app.setting import Section, setting
from schwung.core.text import Text


class FrictionSettings(Section):
    """What counts when the money is reckoned that the flywheel loses."""

    title: ClassVar[Text] = Text(
        "What counts when the money is reckoned that the flywheel loses.",
        "Was zählt, wenn das Geld berechnet wird, das dem Schwungrad verloren geht.",
    )

    referral_campaigns: tuple[str, ...] = setting(
        ("referral", "refer_a_friend", "empfehlung", "freunde_werben"),
        text=Text(
            "Campaigns whose messages ask customers to refer somebody.",
            "Kampagnen, deren Nachrichten Kunden um eine Empfehlung bitten.",
        ),
    )
