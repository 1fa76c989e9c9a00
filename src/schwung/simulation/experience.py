"""What customers say and send back: satisfaction shows in ratings, complaints and returns, and it foretells leaving."""

from dataclasses import dataclass

import numpy as np

from schwung.simulation.baskets import Lines
from schwung.simulation.customers import Population
from schwung.simulation.deliveries import Deliveries
from schwung.simulation.draws import Flags, Floats, Ints, generator
from schwung.simulation.laws import Laws
from schwung.simulation.orders import Orders

KINDS = ("complaint", "question", "request")
CAUSES = ("late_delivery", "wrong_item", "quality", "billing", "broken_item")
RETURN_REASONS = ("Gefällt nicht", "Beschädigt", "Falsch geliefert", "Doppelt bestellt")
_STARS = np.array([-1.9, -1.25, -0.55, 0.55])
_SCORES = np.array([-2.2, -2.0, -1.8, -1.65, -1.45, -1.2, -0.95, -0.55, 0.0, 0.75])


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a customer said about an order: rows of orders, when (days), and what (stars, score or cause)."""

    order: Ints
    told: Floats
    what: Ints


@dataclass(frozen=True, slots=True)
class Returned:
    """Lines sent back whole: rows of lines, when (days), reason."""

    line: Ints
    returned: Floats
    reason: Ints


@dataclass(frozen=True, slots=True)
class Experience:
    """A row an order in felt (how the customer feels about it, standard normal but for late ones) and delivered (days).

    complaints, questions: cases as they are opened, what: cause, or 1 question and 2 request. responses, resolved: what
    became of them; some stay open. closed: rows of customers who close their account, at the day on which they left.
    """

    felt: Floats
    delivered: Floats
    ratings: Told
    scores: Told
    complaints: Told
    questions: Told
    responses: Told
    resolved: Told
    returns: Returned
    closed: Ints
    closed_at: Floats


def _told(order: Ints, when: Floats, what: Ints, days: int) -> Told:
    seen = when < days
    return Told(order[seen], when[seen], what[seen].astype(np.int64))


def _both(complaints: Told, questions: Told) -> Told:
    """All cases; what: 0 complaint, 1 question, 2 request."""
    nothing = np.zeros(len(complaints.order), dtype=np.int64)
    return Told(
        np.concatenate([complaints.order, questions.order]),
        np.concatenate([complaints.told, questions.told]),
        np.concatenate([nothing, questions.what]),
    )


def _handled(laws: Laws, cases: Told, chance: np.random.Generator) -> tuple[Told, Told]:
    """First responses, and solutions of those cases that do not stay open; both waits are exponential."""
    known, size = laws.relationship, len(cases.order)
    answered = cases.told + chance.exponential(known.response_days, size)
    solved = answered + chance.exponential(known.resolution_days, size)
    is_solved = chance.random(size) >= known.open_share
    return (
        _told(cases.order, answered, cases.what, laws.days),
        _told(cases.order[is_solved], solved[is_solved], cases.what[is_solved], laws.days),
    )


def experience(
    laws: Laws,
    people: Population,
    orders: Orders,
    lines: Lines,
    left: Floats,
    is_till: Flags,
    sent: Deliveries,
    block_no: int,
) -> Experience:
    """Ratings (1–5, a third of the orders), answers 0–10 (a tenth), cases with their answers, returns, closed accounts."""
    chance = generator(laws.seed, block_no, "experience")
    size = len(orders)
    known = ~people.is_guest[orders.owner]
    mood = 0.8 * people.satisfaction[orders.owner] + 0.6 * chance.standard_normal(size)
    felt = mood - laws.relationship.late_mood * sent.is_late
    delivered = sent.delivered

    rated = np.flatnonzero(known & (chance.random(size) < 0.33))
    ratings = _told(
        rated, (delivered + chance.exponential(3.0, size))[rated], 1 + np.searchsorted(_STARS, felt[rated]), laws.days
    )
    asked = np.flatnonzero(known & (chance.random(size) < 0.10))
    scores = _told(
        asked, (delivered + chance.exponential(5.0, size))[asked], np.searchsorted(_SCORES, felt[asked]), laws.days
    )

    tilt = np.exp(-0.9 * mood) / np.exp(0.9**2 / 2)  # mean one over standard normal feelings
    complaints, questions = _opened(laws, known, tilt, orders, sent, chance)
    cases = _both(complaints, questions)
    responses, resolved = _handled(laws, cases, chance)

    returned = _returned(laws, laws.return_share * tilt * ~is_till, delivered, lines, chance)
    closed, closed_at = _closed(laws, people, left, chance)
    return Experience(
        felt,
        delivered,
        ratings,
        scores,
        complaints,
        questions,
        responses,
        resolved,
        returned,
        closed,
        closed_at,
    )


def _opened(
    laws: Laws, known: Flags, tilt: Floats, orders: Orders, sent: Deliveries, chance: np.random.Generator
) -> tuple[Told, Told]:
    """Complaints of the unhappy, by cause, and questions of the curious."""
    size = len(orders)
    unhappy = np.flatnonzero(known & (chance.random(size) < laws.complaint_share * tilt))
    cause = np.where(sent.is_late, 0, chance.integers(1, len(CAUSES), size))
    complained = (sent.delivered + chance.exponential(2.0, size))[unhappy]
    complaints = _told(unhappy, complained, cause[unhappy], laws.days)
    curious = np.flatnonzero(known & (chance.random(size) < laws.relationship.question_share))
    wondered = (orders.ordered + chance.exponential(1.0, size))[curious]
    return complaints, _told(curious, wondered, 1 + (chance.random(len(curious)) < 0.4), laws.days)


def _returned(laws: Laws, share: Floats, delivered: Floats, lines: Lines, chance: np.random.Generator) -> Returned:
    """Lines that came back. share: chance of a line, by order."""
    line = np.flatnonzero(chance.random(len(lines.order)) < share[lines.order])
    returned = delivered[lines.order[line]] + chance.gamma(3.0, 3.0, len(line))
    reason = chance.integers(0, len(RETURN_REASONS), len(line))
    seen = returned < laws.days
    return Returned(line[seen], returned[seen], reason[seen].astype(np.int64))


def _closed(laws: Laws, people: Population, left: Floats, chance: np.random.Generator) -> tuple[Ints, Floats]:
    """Who closed the account after leaving, and when."""
    closed = np.flatnonzero(np.isfinite(left) & (people.device_count > 0) & (chance.random(len(people)) < 0.06))
    closed_at = np.maximum(left[closed] + chance.exponential(4.0, len(closed)), people.joined[closed])
    still = closed_at < laws.days
    return closed[still], closed_at[still]
