"""Credit of channels from paths, without a workspace: from lists, arrays or a data frame."""

from collections.abc import Mapping, Sequence
from typing import Any

from schwung.predict.attribution import markov
from schwung.predict.attribution.credits import Attribution, ChannelCredit
from schwung.predict.attribution.journeys import SEPARATOR, Journeys, journeys
from schwung.predict.attribution.rules import HALF_LIFE_DAYS, RULES, Asked, rule_named


def attribute(
    paths: Any,
    conversions: Any = None,
    value: Any = None,
    nulls: Any = None,
    *,
    model: str = "markov",
    order: int = 1,
    half_life: float | None = None,
    ages: Sequence[Sequence[float]] | None = None,
    spend: Mapping[str, float] | None = None,
    compare: bool = True,
    separator: str = SEPARATOR,
) -> Attribution:
    """Which channels earned the conversions, by a rule of RULES. Description, not effect.

    paths: "a > b > a" or ["a", "b", "a"], the first touch first. conversions, value, nulls: per path how often it led to a
    conversion (None: once), what these were worth, how often it led to none. order: of the Markov chain, 1 to 3.
    half_life: of time decay, in the unit of `ages` (of each touch before the conversion; 7 by default); without ages in
    touches (1 by default). spend: per channel. compare: also by all other rules.
    InputError (codes journeys_wrong, attribution_wrong, attribution_too_many) for what cannot be computed.
    """
    given = journeys(
        paths, conversions, {} if value is None else {"value": value}, nulls, ages=ages, separator=separator
    )
    asked = Asked(order, half_life if half_life is not None else HALF_LIFE_DAYS if ages is not None else 1.0)
    return of_journeys(given, model, asked, spend=spend or {}, compare=compare)


def of_journeys(
    given: Journeys, model: str, asked: Asked, *, spend: Mapping[str, float], compare: bool = True
) -> Attribution:
    """kinds of worth: conversions, then value where it is known. spend: of channels that no touch came from, too."""
    rule = rule_named(model)
    found = markov.removal(given, asked.order) if model == "markov" else None
    credit = rule.credit(given, asked) if found is None else markov.credit(given, found)
    others = {
        name: other.credit(given, asked)[0] for name, other in RULES.items() if compare and other.compared and name != model
    }  # fmt: skip
    removed: Mapping[str, float] = {}
    if found is not None:
        removed = dict(zip(given.names, (found.lost[0] / (found.won[0] or 1.0)).tolist(), strict=True))
    whole = given.totals[0] or 1.0
    rows = [
        ChannelCredit(
            name, float(credit[0, nth]), float(credit[0, nth] / whole),
            float(credit[1, nth]) if len(credit) > 1 else None,
            float(credit[2, nth]) if len(credit) > 2 else None,
            spend.get(name), None, removed.get(name), {other: float(n[nth]) for other, n in others.items()},
        )
        for nth, name in enumerate(given.names)
    ]  # fmt: skip
    rows += [ChannelCredit(name, 0.0, 0.0, spend=amount) for name, amount in spend.items() if name not in given.names]
    return Attribution(
        rule.name, rule.title,
        asked.order if model == "markov" else None, asked.half_life if model == "time_decay" else None,
        float(given.totals[0]), float(given.totals[1]) if len(given.worth) > 1 else None, float(given.nulls.sum()),
        tuple(sorted(rows, key=lambda row: (-row.conversions, -(row.spend or 0.0), row.name))),
    )  # fmt: skip
