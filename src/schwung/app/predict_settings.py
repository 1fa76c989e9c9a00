"""The settings about predictions: when models are trained, how far they look ahead."""

from typing import ClassVar, Literal

from schwung.app.setting import Section, setting
from schwung.core.text import Text


class PredictSettings(Section):
    """When models are trained and how far they look ahead."""

    title: ClassVar[Text] = Text(
        "When models are trained and how far they look ahead.",
        "Wann Modelle trainiert werden und wie weit sie vorausschauen.",
    )

    schedule: Literal["nightly", "weekly", "off"] = setting(
        "nightly",
        text=Text(
            "When the worker trains all models: every night, every week, or only when asked (off).",
            "Wann der Worker alle Modelle trainiert: jede Nacht (nightly), jede Woche (weekly) oder nur auf Wunsch (off).",
        ),
    )
    horizon_days: int = setting(
        365,
        ge=1,
        le=3650,
        text=Text(
            "Days ahead for which models predict where nobody says another number.",
            "Tage, für die Modelle vorhersagen, wenn niemand eine andere Zahl nennt.",
        ),
    )
    covariates: Literal["auto", "off"] = setting(
        "auto",
        text=Text(
            "Whether models of purchases try the channel, the basket and the country of the first order, and take what foretells better (auto), or never (off).",
            "Ob Kaufmodelle Kanal, Warenkorb und Land der ersten Bestellung versuchen und nehmen, was besser vorhersagt (auto), oder nie (off).",
        ),
    )
