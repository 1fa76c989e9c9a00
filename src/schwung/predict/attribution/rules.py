"""The rules by which touches can be credited. Each is one line in RULES, with what it says in both languages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.attribution import markov, shapley
from schwung.predict.attribution.journeys import Floats, Journeys, Numbers

HALF_LIFE_DAYS = 7.0
ENDS = 0.4
"""Share of the first and of the last touch in the rule `position`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """order: of the Markov chain. half_life: in the unit of the journeys' ages; where these are not known, in touches."""

    order: int = 1
    half_life: float = HALF_LIFE_DAYS


@dataclass(frozen=True, slots=True)
class Rule:
    """credit: worth by kind and channel. compared: stands in the table of all rules."""

    name: str
    title: Text
    text: Text
    credit: Callable[[Journeys, Asked], Floats]
    compared: bool = True


def _first(journeys: Journeys, asked: Asked) -> Floats:
    return journeys.credit(_marked(journeys, journeys.starts[:-1]))


def _last(journeys: Journeys, asked: Asked) -> Floats:
    return journeys.credit(_marked(journeys, journeys.starts[1:] - 1))


def _linear(journeys: Journeys, asked: Asked) -> Floats:
    return journeys.credit(np.ones(len(journeys.codes)))


def _position(journeys: Journeys, asked: Asked) -> Floats:
    """Both ends fixed, the rest among those between; where nobody stands between, the ends share evenly."""
    lengths = journeys.lengths
    between = np.divide(1 - 2 * ENDS, lengths - 2, out=np.zeros(len(lengths)), where=lengths > 2)
    weights = np.repeat(between, lengths)
    for places in (journeys.starts[:-1], journeys.starts[1:] - 1):
        weights[places] = ENDS
    return journeys.credit(weights)


def _time_decay(journeys: Journeys, asked: Asked) -> Floats:
    if not (np.isfinite(asked.half_life) and asked.half_life > 0):
        raise InputError(
            "attribution_wrong",
            Text("A half-life of {n} is not possible.", "Eine Halbwertszeit von {n} ist nicht möglich.").fill(n=asked.half_life),
            Text("Give a number above 0.", "Eine Zahl über 0 angeben."),
        )  # fmt: skip
    places = np.arange(len(journeys.codes))
    back = (np.repeat(journeys.starts[1:] - 1, journeys.lengths) - places).astype(np.float64)
    ages = back if journeys.ages is None else journeys.ages
    youngest = np.minimum.reduceat(ages, journeys.starts[:-1]) if len(ages) else ages
    return journeys.credit(np.exp2((youngest[journeys.owners] - ages) / asked.half_life))


def _marked(journeys: Journeys, places: Numbers) -> Floats:
    weights = np.zeros(len(journeys.codes))
    weights[places] = 1.0
    return weights


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "markov", Text("Markov chain", "Markow-Kette"),
            Text(
                "In proportion to what would be lost if the channel led to nothing, in a chain of touches; solved exactly.",
                "Im Verhältnis zu dem, was verloren ginge, wenn der Kanal zu nichts führte, in einer Kette von Berührungen; exakt gelöst.",
            ),
            lambda journeys, asked: markov.credit(journeys, markov.removal(journeys, asked.order)),
        ),
        Rule(
            "shapley", Text("Shapley", "Shapley"),
            Text(
                "Evenly over the distinct channels of a journey: the Shapley value of what channels won together.",
                "Zu gleichen Teilen über die verschiedenen Kanäle eines Weges: der Shapley-Wert dessen, was Kanäle gemeinsam gewannen.",
            ),
            lambda journeys, asked: shapley.by_sets(journeys),
        ),
        Rule(
            "shapley_coalition", Text("Shapley over coalitions", "Shapley über Koalitionen"),
            Text(
                "The Shapley value of what the observed sets of channels within each coalition won; agrees with shapley.",
                "Der Shapley-Wert dessen, was die beobachteten Kanalmengen jeder Koalition gewannen; stimmt mit shapley überein.",
            ),
            lambda journeys, asked: shapley.by_coalitions(journeys), compared=False,
        ),
        Rule("first", Text("First touch", "Erste Berührung"), Text("All to the first touch.", "Alles an die erste Berührung."), _first),
        Rule("last", Text("Last touch", "Letzte Berührung"), Text("All to the last touch.", "Alles an die letzte Berührung."), _last),
        Rule("linear", Text("Linear", "Linear"), Text("Evenly over all touches.", "Zu gleichen Teilen über alle Berührungen."), _linear),
        Rule(
            "position", Text("Position", "Position"),
            Text(
                "40% to the first, 40% to the last touch, 20% evenly to those between.",
                "40 % an die erste, 40 % an die letzte Berührung, 20 % zu gleichen Teilen an die dazwischen.",
            ),
            _position,
        ),
        Rule(
            "time_decay", Text("Time decay", "Zeitverfall"),
            Text(
                "The more recent, the more: a touch counts half as much after each half-life.",
                "Je jünger, desto mehr: Eine Berührung zählt nach jeder Halbwertszeit halb so viel.",
            ),
            _time_decay,
        ),
    )
}  # fmt: skip


def rule_named(name: str) -> Rule:
    """InputError for a rule that is none."""
    if name in RULES:
        return RULES[name]
    raise InputError(
        "attribution_wrong",
        Text("There is no rule of attribution “{name}”.", "Eine Regel der Zuordnung „{name}“ gibt es nicht.").fill(name=name[:40]),
        Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(RULES)),
    )  # fmt: skip
