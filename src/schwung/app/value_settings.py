"""The settings about worth: margins, rates, and how customer value is counted."""

from typing import ClassVar, Literal

from schwung.app.setting import Section, setting
from schwung.core.text import Text
from schwung.measure.valuation import Valuation


class ValueSettings(Section):
    """What only you know about margins and rates, and how customer value is counted."""

    title: ClassVar[Text] = Text(
        "What only you know about margins and rates, and how customer value is counted.",
        "Was nur Sie über Margen und Sätze wissen, und wie Kundenwert gerechnet wird.",
    )

    margin_rate: float | None = setting(
        None,
        ge=-1,
        le=1,
        text=Text(
            "Margin of goods whose cost no product states, as a share of net revenue, for example 0.4; empty: not known.",
            "Marge von Ware ohne Einstandspreis am Artikel, als Anteil am Nettoumsatz, etwa 0.4; leer: nicht bekannt.",
        ),
    )
    tax_rate: float | None = setting(
        None,
        ge=0,
        le=1,
        text=Text(
            "Tax within gross amounts whose tax no source states, for example 0.19; empty: not known.",
            "Steuer in Bruttobeträgen, deren Steuer keine Quelle nennt, etwa 0.19; leer: nicht bekannt.",
        ),
    )
    discount_rate: float | None = setting(
        None,
        ge=0,
        le=1,
        text=Text(
            "Discount rate a year for customer value, for example 0.1; empty: later money counts in full.",
            "Abzinsung je Jahr beim Kundenwert, etwa 0.1; leer: späteres Geld zählt voll.",
        ),
    )
    clv_basis: Literal["revenue", "margin"] = setting(
        "revenue",
        text=Text(
            "What customer value counts: revenue or margin.",
            "Was der Kundenwert zählt: Umsatz (revenue) oder Marge (margin).",
        ),
    )
    clv_less_cac: Literal["no", "yes"] = setting(
        "no",
        text=Text(
            "Whether acquisition cost per customer is deducted from customer value.",
            "Ob vom Kundenwert die Akquisitionskosten je Kunde abgezogen werden (yes: ja, no: nein).",
        ),
    )
    clv_horizon_months: int | None = setting(
        None,
        ge=1,
        text=Text(
            "Months after the first order that customer value counts; empty: all.",
            "Monate nach der ersten Bestellung, die der Kundenwert zählt; leer: alle.",
        ),
    )
    point_value: float | None = setting(
        None,
        ge=0,
        text=Text(
            "Worth of a loyalty point in the reporting currency, for example 0.01; empty: not known.",
            "Wert eines Treuepunkts in der Berichtswährung, etwa 0.01; leer: nicht bekannt.",
        ),
    )
    effect_days: int = setting(
        28,
        ge=1,
        text=Text(
            "Days after a message in which an order counts as its effect.",
            "Tage nach einer Nachricht, in denen eine Bestellung als ihre Wirkung zählt.",
        ),
    )
    bought_again: tuple[str, ...] = setting(
        (),
        text=Text(
            'Categories whose products are used up and may be recommended again, for example ["coffee"]; others count by their own repeat rate.',
            'Kategorien, deren Artikel verbraucht werden und wieder empfohlen werden dürfen, etwa ["Kaffee"]; die übrigen zählen nach eigener Wiederkaufrate.',
        ),
    )

    @property
    def valuation(self) -> Valuation:
        """As metrics read it."""
        return Valuation(
            margin_rate=self.margin_rate,
            tax_rate=self.tax_rate,
            discount_rate=self.discount_rate,
            basis=self.clv_basis,
            less_cac=self.clv_less_cac == "yes",
            horizon_months=self.clv_horizon_months,
            point_value=self.point_value,
            effect_days=self.effect_days,
            bought_again=self.bought_again,
        )
