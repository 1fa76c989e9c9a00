"""Which offer brings most: cross-sell and up-sell by probability × margin."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from schwung.core.text import Text
from schwung.measure import said
from schwung.predict.model import Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.models.next_product import backtest, because, product_name, trained_of
from schwung.predict.recommend.choose import TOP
from schwung.predict.recommend.erring import gains
from schwung.predict.recommend.learn import Learned, learn
from schwung.predict.recommend.recommend import advise, as_rows, best, with_reasons
from schwung.predict.sight import Sight

_NO_MARGIN = Text(
    "Margins of most purchases are not known, so offers count by net revenue. Import costs of products or enter the flat margin rate.",
    "Die Margen der meisten Käufe sind nicht bekannt, deshalb zählen Angebote nach Nettoumsatz. Einstandspreise einlesen oder den pauschalen Margensatz eintragen.",
)


def fit(sight: Sight, options: Options) -> Trained:
    """As the next product."""
    lesson = learn(sight, options.horizon_days, options.seed)
    found = trained_of(lesson, gains(sight, lesson), lambda value: said.money(value, sight.question.currency))
    return found if lesson.split.before.goods.is_margin else replace(found, warnings=(*found.warnings, _NO_MARGIN))


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """The offers of the highest expected gain of every customer, at most TOP; none that brings nothing."""
    advice = advise(sight, Learned.read(trained.state), options.horizon_days, options.level, options.seed)
    parts = [one.where((one.gain > 0) & ~np.isnan(one.p)) for one in (advice.new, advice.steps, advice.cold)]
    found, value, rank = best(parts, [one.p * one.gain for one in parts], TOP)
    found, share = with_reasons(advice, found)
    return as_rows(advice, found, rank, "next_offer", (value, found.low * found.gain, found.high * found.gain), share)


def words(predictions: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """The first offer, what it is expected to bring, and why."""
    ranked = sorted((one for one in predictions if one.target == "next_offer"), key=lambda one: one.rank)
    if not ranked or ranked[0].value is None:
        return ()
    one = ranked[0]
    reason = one.reasons[0] if one.reasons else {}
    return (
        Text(
            "Best offer: {name}, expected {value} ({p} × {gain}){why}.",
            "Bestes Angebot: {name}, erwartet {value} ({p} × {gain}){why}.",
        ).fill(
            name=product_name(one, wording),
            value=said.money((one.value or 0.0) / wording.scale, wording.currency),
            p=said.share(reason.get("probability", 0.0)),
            gain=said.money(reason.get("gain_minor", 0) / wording.scale, wording.currency),
            why=because(one, wording),
        ),
    )


MODEL = Model(
    name="next_offer",
    title=Text("Next offer", "Nächstes Angebot"),
    says=Text(
        "Which offer brings most: a product that a customer does not have, or a step up in price within its category.",
        "Welches Angebot am meisten bringt: ein Artikel, den ein Kunde nicht hat, oder eine Preisstufe höher in derselben Kategorie.",
    ),
    reading=Text(
        "The value is probability × margin of a purchase: of a step up, what it brings beyond the product that the customer has. Where most margins are not known, it is net revenue, and a warning says so. What a customer buys again anyway is no offer. It is no effect: it does not say whether the customer would have bought without it.",
        "Der Wert ist Wahrscheinlichkeit × Marge eines Kaufs; bei einer Stufe nach oben das, was sie über den vorhandenen Artikel hinaus bringt. Wo die meisten Margen nicht bekannt sind, ist es der Nettoumsatz, und ein Hinweis sagt das. Was ein Kunde ohnehin wieder kauft, ist kein Angebot. Es ist keine Wirkung: Ob ohne Angebot gekauft worden wäre, sagt es nicht.",
    ),
    source="Sarwar, Karypis, Konstan & Riedl 2001; Hu, Koren & Volinsky 2008",
    needs=("orders", "order_lines"),
    targets=(Target("next_offer", Text("Next offer", "Nächstes Angebot"), "money", "higher"),),
    fit=fit,
    predict=predict,
    backtest=backtest,
    words=words,
)  # fmt: skip
