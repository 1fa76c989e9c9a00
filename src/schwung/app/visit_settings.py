"""The settings about visits."""

from typing import ClassVar

from schwung.app.setting import Section, setting
from schwung.core.text import Text


class VisitSettings(Section):
    """When one visit ends and the next begins."""

    title: ClassVar[Text] = Text(
        "When one visit ends and the next begins.", "Wann ein Besuch endet und der nächste beginnt."
    )

    gap_minutes: int = setting(
        30,
        ge=1,
        le=1440,
        text=Text(
            "Minutes without an event after which a visit is over.",
            "Minuten ohne Ereignis, nach denen ein Besuch vorbei ist.",
        ),
    )
