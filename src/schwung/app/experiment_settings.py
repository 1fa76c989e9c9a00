"""The settings about experiments: what is held back from everything, and for how long the same people."""

from typing import ClassVar, Literal

from schwung.app.setting import Section, setting
from schwung.core.text import Text


class ExperimentSettings(Section):
    """Who gets no advertising at all, so that the whole of it can be measured."""

    title: ClassVar[Text] = Text(
        "Who gets no advertising at all, so that the whole of it can be measured.",
        "Wer gar keine Werbung bekommt, damit ihre Wirkung im Ganzen messbar ist.",
    )

    global_holdout: float = setting(
        0.05,
        ge=0,
        le=0.5,
        text=Text(
            "Share of customers whom no journey sends advertising, 0 to 0.5; 0: nobody is held back from all.",
            "Anteil der Kunden, denen keine Strecke Werbung schickt, 0 bis 0.5; 0: niemand wird ganz zurückgehalten.",
        ),
    )
    global_renewal: Literal["quarter", "never"] = setting(
        "quarter",
        text=Text(
            "When others take their place: every quarter, or never.",
            "Wann andere an ihre Stelle treten: jedes Quartal (quarter) oder nie (never).",
        ),
    )
