"""Which product a customer buys next: the products most probable, each with its reason."""

from collections.abc import Callable, Sequence

import pyarrow as pa

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure import said
from schwung.predict.model import Backtest, Fold, Model, Options, Prediction, Target, Trained, Wording
from schwung.predict.recommend.choose import RANKERS, TOP, Judged, choose, fit_ranker, judge
from schwung.predict.recommend.erring import Promises, purchases
from schwung.predict.recommend.learn import Learned, Lesson, learn
from schwung.predict.recommend.recommend import advise, as_rows, best, with_reasons
from schwung.predict.recommend.split import LEAST_DAYS, split_at, split_of
from schwung.predict.sight import Sight

NAIVE = Text("what most customers bought lately", "was zuletzt die meisten Kunden kauften")


def fit(sight: Sight, options: Options) -> Trained:
    """Chooses the rule on held-out time and learns its probabilities."""
    lesson = learn(sight, options.horizon_days, options.seed)
    return trained_of(lesson, purchases(sight, lesson), _purchases)


def _purchases(value: float) -> Text:
    return Text("{n} purchases", "{n} Käufe").fill(n=said.decimal(value, 0 if value >= 10 else 2))


def trained_of(lesson: Lesson, promises: Promises, shown: Callable[[float], Text]) -> Trained:
    """What the lesson says, as models keep it. shown: what first products bring, in words."""
    choice, learned = lesson.choice, lesson.learned
    errs = promises.sentences(learned.window_days, shown)
    remarks = [choice.sentence(lesson.split.window_days), *choice.missing, *errs]
    warnings = []
    if learned.new is None:
        warnings.append(
            Text("Too few of the candidates were bought to say how probable they are; the order holds.", "Zu wenige der Kandidaten wurden gekauft, um ihre Wahrscheinlichkeit zu nennen; die Reihenfolge gilt.")
        )  # fmt: skip
    if learned.step is None:
        warnings.append(
            Text("Too few steps up in price to offer any.", "Zu wenige Preissprünge nach oben, um welche anzubieten.")
        )
    quality = {
        "hit_rate": choice.used.hit.value or 0.0,
        "hit_rate_low": choice.used.hit.low or 0.0,
        "hit_rate_high": choice.used.hit.high or 0.0,
        "recall": choice.used.recall,
        "hit_rate_popularity": choice.judged[0].hit.value or 0.0,
    } | ({} if lesson.ece is None else {"ece": lesson.ece})
    rules = [
        {
            "rule": one.name, "title_en": RANKERS[one.name].en, "title_de": RANKERS[one.name].de,
            "hit_rate": one.hit.value, "low": one.hit.low, "high": one.hit.high, "recall": one.recall, "n": one.hit.n,
        }
        for one in choice.judged
    ]  # fmt: skip
    return Trained(
        parameters={"window_days": float(learned.window_days), "products": float(lesson.split.after.shape[1])},
        standard_errors={}, log_likelihood=None, customers=lesson.split.after.shape[0],
        warnings=tuple(warnings), remarks=tuple(remarks), quality=quality,
        checks={"rules": rules, "calibration": lesson.tenths, "kinds": promises.kinds}, state=learned.to_json(),
    )  # fmt: skip


def predict(sight: Sight, trained: Trained, options: Options) -> pa.Table:
    """The most probable products of every customer, at most TOP."""
    advice = advise(sight, Learned.read(trained.state), options.horizon_days, options.level, options.seed)
    parts = [advice.new, advice.again, advice.cold]
    found, _, rank = best(parts, [one.p for one in parts], TOP)
    found, share = with_reasons(advice, found)
    return as_rows(advice, found, rank, "next_product", (found.p, found.low, found.high), share)


def backtest(sight: Sight, options: Options) -> Backtest:
    """Three steps forward: the rule chosen on what was known, judged on the window after it, against popularity."""
    window = split_of(sight, options.horizon_days).window_days // 2
    window = max(LEAST_DAYS, window)
    folds = []
    for back in (3, 2, 1):
        cut = sight.as_of - back * window * DAY
        then = sight.earlier(cut + window * DAY)
        split = split_at(then, cut, window)
        choice, _ = choose(split_of(sight.earlier(cut), window), options.seed)
        ranker = fit_ranker(choice.name, split.before, options.seed)
        judged = judge(split, {"popularity": split.before.popularity, choice.name: ranker})
        mine, naive = judged[-1], judged[0]
        folds.append(
            Fold(cut, cut + window * DAY, mine.hit.n, _measures(mine), _measures(naive), NAIVE)
        )  # fmt: skip
    return Backtest(tuple(folds), (_said(folds),))


def _measures(judged: Judged) -> dict[str, float]:
    return {"hit_rate": judged.hit.value or 0.0, "recall": judged.recall}


def _said(folds: Sequence[Fold]) -> Text:
    won = sum(fold.model["hit_rate"] > fold.naive["hit_rate"] for fold in folds)
    return Text(
        "In {won} of {n} windows more customers bought one of their {k} products than by popularity alone; the model was worse in {lost}.",
        "In {won} von {n} Zeiträumen kauften mehr Kunden einen ihrer {k} Artikel als nach Beliebtheit allein; schlechter war das Modell in {lost}.",
    ).fill(won=won, n=len(folds), k=TOP, lost=sum(fold.model["hit_rate"] < fold.naive["hit_rate"] for fold in folds))  # fmt: skip


def words(predictions: list[Prediction], wording: Wording) -> tuple[Text, ...]:
    """The first product with its reason, then two more."""
    ranked = sorted((one for one in predictions if one.target == "next_product"), key=lambda one: one.rank)
    if not ranked:
        return ()
    first = Text("Next, most likely: {one}{why}.", "Als Nächstes am wahrscheinlichsten: {one}{why}.").fill(
        one=_named(ranked[0], wording), why=because(ranked[0], wording)
    )
    if len(ranked) == 1:
        return (first,)
    more = " · ".join(_named(one, wording).en for one in ranked[1:3])
    mehr = " · ".join(_named(one, wording).de for one in ranked[1:3])
    return first, Text(f"Then: {more}.", f"Danach: {mehr}.")


def _named(one: Prediction, wording: Wording) -> Text:
    name = product_name(one, wording)
    if one.value is None:
        return Text(name, name)
    return Text("{name} ({p})", "{name} ({p})").fill(name=name, p=said.share(one.value, 0 if one.value >= 0.1 else 1))


def product_name(one: Prediction, wording: Wording) -> str:
    """As the shop calls it now, else as it was called when it was predicted."""
    label = one.label or "–"
    return wording.product_names.get(label) or (one.reasons[0].get("name") if one.reasons else None) or label


def because(one: Prediction, wording: Wording) -> Text:
    """“, since …”; nothing to say: an empty mark."""
    reason = one.reasons[0] if one.reasons else {}
    other = wording.product_names.get(reason.get("product", "")) or reason.get("product_name", "")
    match reason.get("why"):
        case "bought_with" if other and reason.get("share"):
            return Text(
                ", because {share} of the buyers of {other} have it too",
                ", denn {share} der Käufer von {other} haben es auch",
            ).fill(other=other, share=said.share(min(1.0, reason["share"]), 0))
        case "again":
            return Text(
                ", bought before; customers buy it again after {days} days", ", schon gekauft; Kunden kaufen es nach {days} Tagen wieder"
            ).fill(days=said.count(reason.get("days", 0)))  # fmt: skip
        case "step_up" if other:
            return Text(", a step up from {other}", ", eine Stufe über {other}").fill(other=other)
        case "cold":
            return Text(
                ", because it is popular; there is no purchase yet to go by",
                ", weil es beliebt ist; es gibt noch keinen Kauf als Anhalt",
            )
        case _:
            return Text(", because it is popular", ", weil es beliebt ist")


MODEL = Model(
    name="next_product",
    title=Text("Next product", "Nächster Artikel"),
    says=Text(
        "Which products a customer most likely buys within the horizon: new ones, and those that people buy again.",
        "Welche Artikel ein Kunde im Zeitraum am wahrscheinlichsten kauft: neue und solche, die man wieder kauft.",
    ),
    reading=Text(
        "The value is the probability to buy that product. Learned on the first part of the time, checked on the rest: three rules rank, and popularity stays unless another is clearly better. What is sold out is left out, so is what a customer has unless people buy it again. Customers without a purchase get what is popular. It cannot know of products that nobody has bought yet.",
        "Der Wert ist die Wahrscheinlichkeit, diesen Artikel zu kaufen. Gelernt am ersten Teil der Zeit, geprüft am Rest: Drei Regeln ordnen, und es bleibt bei der Beliebtheit, wenn keine andere klar besser ist. Ausverkauftes fehlt, ebenso, was ein Kunde schon hat, außer man kauft es wieder. Kunden ohne Kauf bekommen Beliebtes. Von Artikeln, die noch niemand gekauft hat, kann das Modell nichts wissen.",
    ),
    source="Sarwar, Karypis, Konstan & Riedl 2001; Hu, Koren & Volinsky 2008",
    needs=("orders", "order_lines"),
    targets=(Target("next_product", Text("Next product", "Nächster Artikel"), "product", "higher"),),
    fit=fit,
    predict=predict,
    backtest=backtest,
    words=words,
)  # fmt: skip
