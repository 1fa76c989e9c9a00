"""Credit of channels from paths, without a workspace: from lists, arrays or a data frame."""

from collections.abc import Mapping, Sequence
from typing import Any

from schwung.predict.attribution import markov
from schwung.predict.attribution.credits import Attribution, ChannelCredit
from schwung.predict.attribution.journeys import SEPARATOR, Floats, Journeys, journeys
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
    given: Journeys,
    model: str,
    asked: Asked,
    *,
    spend: Mapping[str, float | None],
    hours: Mapping[str, float | None] | None = None,
    known: Mapping[str, Floats] | None = None,
    compare: bool = True,
) -> Attribution:
    """kinds of worth: conversions, then value, then margin, where they are known. spend, hours: also of channels that no touch
    came from. known: credit by rules that is worked out already."""
    rule = rule_named(model)
    found = markov.removal(given, asked.order) if model == "markov" else None

    def credit_by(name: str) -> Floats:
        if known and name in known:
            return known[name]
        return markov.credit(given, found) if found and name == "markov" else RULES[name].credit(given, asked)

    credit = credit_by(model)
    others = {
        name: credit_by(name)[0].tolist() for name, one in RULES.items() if compare and one.compared and name != model
    }
    removed = (found.lost[0] / (found.won[0] or 1.0)).tolist() if found else [None] * len(given.names)
    whole = given.totals[0] or 1.0
    rows = []
    for nth, name in enumerate(given.names):
        worth = [float(part) for part in credit[:, nth]] + [None] * (3 - len(credit))
        compared = {other: column[nth] for other, column in others.items()}
        rows.append(
            ChannelCredit(
                name, worth[0] or 0.0, float(credit[0, nth] / whole), worth[1], worth[2], spend.get(name), (hours or {}).get(name),
                removed[nth], compared,
            )
        )  # fmt: skip
    idle = [name for name in spend if name not in given.names]
    rows += [ChannelCredit(name, 0.0, 0.0, spend=spend[name], hours=(hours or {}).get(name)) for name in idle]
    return Attribution(
        rule.name, rule.title,
        asked.order if model == "markov" else None, asked.half_life if model == "time_decay" else None,
        float(given.totals[0]), float(given.totals[1]) if len(given.worth) > 1 else None, float(given.nulls.sum()),
        tuple(sorted(rows, key=lambda row: (-row.conversions, -(row.spend or 0.0), row.name))),
    )  # fmt: skip
