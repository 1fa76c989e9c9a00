"""Worked page docs/proof/cdnow.md: the CDNOW sample, parameters as published, 39 weeks held out, what the base is worth."""

from functools import cache

import numpy as np
import pytest

from schwung.core.text import LANGUAGES, Language
from schwung.measure.said import count, decimal, money, share
from schwung.predict import BetaGeoNBD, GammaGamma, ModifiedBetaGeoNBD, ParetoNBD
from schwung.predict.clv.estimated import Estimated
from schwung.predict.clv.held_out import hold_out
from schwung.predict.clv.judged import by_frequency, expected, measures, naive
from schwung.predict.clv.worth import Worth
from tests import proof
from tests.unit.predict import cdnow

MODELS = (BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD())
SIGNS = {"r": "r", "alpha": "α", "a": "a", "b": "b", "s": "s", "beta": "β", "p": "p", "q": "q", "gamma": "γ"}
# Fader, Hardie & Lee 2005; Fader & Hardie 2005; Fader & Hardie 2013. MBG/NBD was not published on this sample.
PUBLISHED = {
    "bg_nbd": (0.243, 4.414, 0.793, 2.426),
    "pareto_nbd": (0.553, 10.578, 0.606, 11.669),
    "gamma_gamma": (6.25, 3.74, 15.44),
}
LIKELIHOODS = {"bg_nbd": -9582.4, "pareto_nbd": -9595.0}
WORDS = {
    "before": {"en": "Everybody goes on as before", "de": "Alle machen weiter wie bisher"},
    "came": {"en": "What came", "de": "Was kam"},
    "or more": {"en": "7 or more", "de": "7 oder mehr"},
    "weeks": {"en": "Revenue expected in the 39 weeks", "de": "Erwarteter Umsatz in den 39 Wochen"},
    "actual": {"en": "Revenue that came", "de": "Umsatz, der kam"},
    "equity": {"en": "All purchases to come, without end", "de": "Alle künftigen Käufe, ohne Ende"},
    "once": {"en": "One-time buyers who are customers still", "de": "Einmalkäufer, die noch Kunden sind"},
}


@cache
def fits() -> dict[str, Estimated]:
    known = hold_out(cdnow.log(), cdnow.CUT).summary.in_weeks()
    return {model.process.title.en: model.fit(known) for model in MODELS} | {"Gamma-gamma": GammaGamma().fit(known)}


def tables(language: Language) -> dict[str, list[tuple[str, ...]]]:
    """The rows of the page."""
    to = {"en": "to", "de": "bis"}[language]

    def shown(text) -> str:
        return proof._spaced(text.in_(language))

    def number(value: float, digits: int) -> str:
        return shown(decimal(value, digits))

    def span(low: float, high: float, digits: int) -> str:
        return f"{number(low, digits)} {to} {number(high, digits)}"

    held = hold_out(cdnow.log(), cdnow.CUT)
    parameters, likelihoods, misses = [], [], []
    for title, fitted in fits().items():
        for place, (name, value) in enumerate(fitted.parameters.items()):
            known = PUBLISHED.get(fitted.model)
            digits = 2 if fitted.model == "gamma_gamma" else 3
            said = "–" if known is None else number(known[place], digits)
            bounds = span(*fitted.parameter_interval(name), 3)
            parameters.append((title, SIGNS[name], number(value, 6), bounds, said))
        likelihoods.append((title, number(fitted.log_likelihood or 0, 3)))
    rules = {model.process.title.en: expected(fits()[model.process.title.en], held) for model in MODELS}
    for title, said in (rules | {WORDS["before"][language]: naive(held)}).items():
        off = measures(said, held)
        figures = (share(off["bias"]), decimal(off["mae"], 3), decimal(off["rmse"], 3))
        misses.append((title, shown(count(said.sum())), *map(shown, figures)))
    misses.append((WORDS["came"][language], shown(count(held.actual.sum())), "–", "–", "–"))
    frequency = [
        (
            WORDS["or more"][language] if row["frequency"] == 7 else str(row["frequency"]),
            shown(count(row["n"])), number(row["expected"], 2), number(row["actual"], 2),
        )
        for row in by_frequency(rules["MBG/NBD"], held)
    ]  # fmt: skip
    return {
        "parameters": parameters,
        "likelihoods": likelihoods,
        "held": misses,
        "frequency": frequency,
        "value": _value(held, language, to),
    }


def _value(held, language: Language, to: str) -> list[tuple[str, ...]]:
    log, mbg, spent = cdnow.log(), fits()["MBG/NBD"], fits()["Gamma-gamma"]
    weeks = Worth(mbg, spent, held.summary, held.days, 0.1).total()
    endless = Worth(mbg, spent, held.summary, np.inf, 0.1).total()
    came = float(log.amount[(log.day > held.cut) & (log.day <= held.cut + held.days)].sum())
    once = held.summary.chosen(np.flatnonzero(held.summary.frequency == 0))
    alive = mbg.p_alive(once).total(observed=False)

    def dollars(value: float) -> str:
        return proof._spaced(money(value, "USD").in_(language))

    def people(value: float) -> str:
        return proof._spaced(count(value).in_(language))

    return [
        (WORDS["weeks"][language], dollars(weeks.value), f"{dollars(weeks.low)} {to} {dollars(weeks.high)}"),
        (WORDS["actual"][language], dollars(came), "–"),
        (WORDS["equity"][language], dollars(endless.value), f"{dollars(endless.low)} {to} {dollars(endless.high)}"),
        (WORDS["once"][language], people(alive.value), f"{people(alive.low)} {to} {people(alive.high)}"),
    ]


def test_the_published_figures_are_met() -> None:
    for fitted in fits().values():
        if fitted.model in PUBLISHED:
            assert list(fitted.parameters.values()) == pytest.approx(PUBLISHED[fitted.model], rel=2e-3)
        if fitted.model in LIKELIHOODS:
            assert fitted.log_likelihood == pytest.approx(LIKELIHOODS[fitted.model], abs=0.05)


@pytest.mark.heavy
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_them(language: Language) -> None:
    told = tables(language)
    assert proof.rows("cdnow", language) == [row for rows in told.values() for row in rows]


def test_what_the_page_says_of_them() -> None:
    held = hold_out(cdnow.log(), cdnow.CUT)
    plain = naive(held)
    for model in MODELS:
        found = measures(expected(fits()[model.process.title.en], held), held)
        assert -0.17 < found["bias"] < -0.11
        assert 0.7 < found["mae"] / measures(plain, held)["mae"] < 0.8
    assert 1.5 < plain.sum() / held.actual.sum() < 1.6
    log = cdnow.log()
    again = log.day[~log.is_first]
    second, third, fourth = (
        int(((again > cut) & (again <= cut + 91)).sum()) for cut in np.array((-182, -91, 0)) + cdnow.CUT
    )
    assert second > third < fourth
    later = (log.day > held.cut) & (log.day <= held.cut + held.days)
    value = Worth(fits()["MBG/NBD"], fits()["Gamma-gamma"], held.summary, held.days)
    assert log.amount[later].sum() / held.actual.sum() > value.value.sum() / 1576.7
    assert log.amount[later].sum() > value.total().high
