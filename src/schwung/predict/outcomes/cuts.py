"""Moments at which customers were asked, in hindsight: as far apart as half an outcome takes, the latest one just known."""

from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.predict.sight import Sight

LEAST_DAYS = 28
MOST_CUTS = 5
_PARTS = 4
"""An outcome takes at most a quarter of what is known, so that there is something to learn from before what judges."""


def known_days(sight: Sight) -> int:
    """Days from the first fact, or from where somebody asked to begin; 0: no facts."""
    question = sight.question
    first_at = question.since_at if question.since_on is not None else question.first_at
    if first_at is None:
        return 0
    return (day_of(question.as_of, question.zone) - day_of(first_at, question.zone)).days


def outcome_days(sight: Sight, asked: int, most: int) -> int:
    """How many days an outcome takes. InputError where too little is known."""
    known = known_days(sight)
    days = min(asked, most, known // _PARTS)
    if days < min(LEAST_DAYS, asked):
        raise InputError(
            "too_little_history",
            Text(
                "Days from the first order until now: {known}; learning what follows after {least} days needs {needed}.",
                "Tage von der ersten Bestellung bis heute: {known}; um zu lernen, was nach {least} Tagen folgt, sind {needed} nötig.",
            ).fill(known=known, least=LEAST_DAYS, needed=_PARTS * LEAST_DAYS),
            Text("Import older facts, or wait.", "Ältere Fakten importieren oder warten."),
        )
    return days


def cuts_of(sight: Sight, days: int) -> list[Instant]:
    """Oldest first. Before each lies at least as much as after it."""
    most = min(MOST_CUTS, 1 + max(0, 2 * (known_days(sight) - 2 * days) // days))
    return [sight.as_of - days * DAY - round(step * days / 2) * DAY for step in reversed(range(most))]


def too_few_to_judge() -> InputError:
    """Where no step of a backtest has enough outcomes of both kinds."""
    return InputError(
        "too_few_cases",
        Text(
            "Too few outcomes of both kinds were known at earlier moments to judge by.",
            "Zu früheren Zeitpunkten waren zu wenige Ausgänge beider Art bekannt, um zu urteilen.",
        ),
        Text("Import more facts, or wait.", "Mehr Fakten importieren oder warten."),
    )
