"""What becomes of messages, and what customers answer when they are asked."""

import numpy as np

from schwung.simulation.customers import Population
from schwung.simulation.draws import Floats, Ints, generator
from schwung.simulation.experience import Experience
from schwung.simulation.happenings import Happenings
from schwung.simulation.laws import Laws
from schwung.simulation.orders import Orders
from schwung.simulation.visits import MOMENT, Visits

_CSAT = np.array([-1.7, -1.1, -0.5, 0.6])
_CES = np.array([-1.9, -1.4, -0.9, -0.3, 0.3, 1.0])
_LATER = 600 / 86_400  # ten minutes


def of_messages(laws: Laws, owner: Ints, sent: Floats, campaign: Ints, block_no: int) -> list[Happenings]:
    """E-mails that were sent: delivered or bounced; of the delivered opened, of the opened clicked; some unsubscribe."""
    known = laws.relationship
    chance = generator(laws.seed, block_no, "reactions")
    size = len(owner)
    is_delivered = chance.random(size) < known.delivered_share
    is_opened = is_delivered & (chance.random(size) < known.opened_share)
    is_clicked = is_opened & (chance.random(size) < known.clicked_share)
    opened = sent + MOMENT + chance.exponential(0.3, size)
    cases = {
        "email_delivered": (is_delivered, sent + MOMENT),
        "email_bounced": (~is_delivered, sent + MOMENT),
        "email_opened": (is_opened, opened),
        "email_link_clicked": (is_clicked, opened + MOMENT),
        "email_unsubscribed": (is_opened & (chance.random(size) < known.unsubscribed_share), opened + 2 * MOMENT),
        "email_marked_as_spam": (is_opened & (chance.random(size) < known.complained_share), opened + 3 * MOMENT),
    }
    found = []
    for name, (chosen, moment) in cases.items():
        rows = np.flatnonzero(chosen)
        found.append(Happenings(name, owner[rows], moment[rows], campaign=campaign[rows]).before(laws.days))
    return found


def answers(
    laws: Laws, people: Population, done: Orders, seen: Visits, told: Experience, block_no: int
) -> list[Happenings]:
    """A survey after deliveries, sent, begun by some, finished by most of them (CSAT, 1–5); CSAT about finding things on the site, effort after cases (1–7, high is easy).

    value: the answer, −1 where the question was skipped. Happening to whom: people who are known.
    """
    known = laws.relationship
    chance = generator(laws.seed, block_no, "answers")
    size = len(done)
    asked = np.flatnonzero(~people.is_guest[done.owner] & (chance.random(size) < known.asked_share))
    sent = told.delivered[asked] + 0.5
    is_started = chance.random(len(asked)) < known.started_share
    started = sent + chance.exponential(0.8, len(asked))
    is_finished = is_started & (chance.random(len(asked)) < known.finished_share)
    felt = told.felt[asked] + 0.5 * chance.standard_normal(len(asked))
    value = _skipped(1 + np.searchsorted(_CSAT, felt), chance, known.skipped_share)
    owner = done.owner[asked]
    survey = [
        Happenings("survey_sent", owner, sent, order=asked),
        Happenings("survey_started", owner[is_started], started[is_started], order=asked[is_started]),
        Happenings(
            "csat_answered",
            owner[is_finished],
            started[is_finished] + 2 * MOMENT,
            value[is_finished],
            asked[is_finished],
        ),
    ]
    visit = np.flatnonzero(seen.is_known & (chance.random(len(seen)) < known.finding_share))
    mood = 0.6 * people.satisfaction[seen.owner[visit]] + 0.8 * chance.standard_normal(len(visit))
    finding = Happenings(
        "csat_answered",
        seen.owner[visit],
        seen.started[visit] + _LATER,
        value=_skipped(1 + np.searchsorted(_CSAT, mood), chance, known.skipped_share),
    )
    solved = told.resolved
    rows = np.flatnonzero(chance.random(len(solved.order)) < known.effort_share)
    order = solved.order[rows]
    ease = 0.7 * told.felt[order] + 0.7 * chance.standard_normal(len(rows))
    effort = Happenings(
        "ces_answered",
        done.owner[order],
        solved.told[rows] + chance.exponential(0.5, len(rows)),
        value=_skipped(1 + np.searchsorted(_CES, ease), chance, known.skipped_share),
        order=order,
    )
    return [one.before(laws.days) for one in (*survey, finding, effort)]


def _skipped(value: Ints, chance: np.random.Generator, share: float) -> Ints:
    """The same values; −1 for those who skip the question."""
    return np.where(chance.random(len(value)) < share, -1, value).astype(np.int64)
