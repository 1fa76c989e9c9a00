"""What the events of the relationship say, as the JSON that a shop would have sent."""

import json
from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.simulation.block import Block
from schwung.simulation.catalogue import PRODUCTS
from schwung.simulation.claims import to_instants
from schwung.simulation.contracts import PLANS
from schwung.simulation.draws import Floats, Ints
from schwung.simulation.experience import CAUSES
from schwung.simulation.facts import OrderTexts
from schwung.simulation.laws import Laws

REASONS = ("Lieferung zu spät", "Falscher Artikel", "Qualität", "Rechnung", "Beschädigt")
"""In the order of CAUSES."""
SUBJECTS = ("Reklamation", "Frage", "Anliegen")
CASE_KINDS = ("complaint", "question", "request")
_PREFIXES = ("V-", "F-", "F-")
_NOTES = (
    ("Lieferung kam zu spät.", "Der Kaffee schmeckt verbrannt.", "Niemand antwortet.", "Verpackung war offen."),
    ("Ganz in Ordnung.", "Etwas teuer.", "Lieferung könnte schneller sein.", "Schmeckt ordentlich."),
    ("Sehr guter Kaffee!", "Schnell geliefert, gern wieder.", "Freundlicher Service.", "Mein Lieblingsespresso."),
)
_TALKATIVE = 4
"""One in so many answers comes with a note."""
PROGRAM = "Bohnenkarte"
Column = Callable[[Ints], pa.Array]


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(values: Ints) -> pa.Array:
    return pa.array(values).cast(pa.string())


def _joined(*parts: object) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def notes(block: Block, rows: Ints, level: Ints) -> pa.Array:
    """What some answers say in words, by level: 0 bad, 1 middling, 2 good; −1 and most others: nothing."""
    stream = block.stream
    place = (stream.owner[rows] * 7 + np.maximum(stream.order[rows], 0) * 13) % (_TALKATIVE * 4)
    flat = pa.array([note for group in _NOTES for note in group])
    return flat.take(pa.array(np.maximum(level, 0) * 4 + place % 4, mask=(place >= 4) | (level < 0)))


def level_of(name: str, value: Ints) -> Ints:
    """Bad, middling or good, by the usual reading of each scale; −1: skipped."""
    edges = {"nps_answered": (7, 9), "ces_answered": (4, 6)}.get(name, (3, 4))
    return np.where(value < 0, -1, (value >= edges[0]).astype(np.int64) + (value >= edges[1]))


def first_product(block: Block, order: Ints) -> Ints:
    """Product index of the first line of orders; −1 for none."""
    counts = np.bincount(block.lines.order, minlength=len(block.orders))
    first = np.cumsum(counts) - counts
    return np.where(order >= 0, block.lines.product[first[np.maximum(order, 0)]], -1) if len(first) else order


def case_kind(name: str, value: Ints) -> Ints:
    """Index into CASE_KINDS: an opened case is known by its cause, the others say it."""
    return np.maximum(value - (len(CAUSES) - 1), 0) if name == "case_opened" else value


def case_ids(texts: OrderTexts, order: Ints, kind: Ints) -> pa.Array:
    return _joined(pa.array(_PREFIXES).take(pa.array(kind)), texts.order_id.take(pa.array(order)))


def relationship_texts(laws: Laws, block: Block, texts: OrderTexts, *, has_moments: bool) -> Mapping[str, Column]:
    """By name of the event: JSON for rows of the stream. has_moments: also points in time, which a sender of now leaves out."""
    known = _Told(laws, block, texts, has_moments)
    answers = {
        name: known.answer(name) for name in ("nps_answered", "csat_answered", "ces_answered", "product_reviewed")
    }
    cases = {name: known.case(name) for name in ("case_opened", "case_answered", "case_resolved")}
    points = dict.fromkeys(("loyalty_joined", "points_earned", "points_redeemed", "points_expired"), known.points)
    steps = ("trial_started", "subscription_started", "subscription_renewed", "subscription_cancelled")
    leads = ("lead_captured", "lead_qualified", "lead_handed_over", "lead_converted", "lead_lost")
    return {
        **answers,
        **cases,
        **points,
        **dict.fromkeys(steps, known.subscription),
        **dict.fromkeys(leads, known.lead),
        **dict.fromkeys(("survey_sent", "survey_started"), known.survey),
        "order_delivered": known.delivered,
        "referral_converted": known.referral,
    }


class _Told:
    """The texts of one block."""

    def __init__(self, laws: Laws, block: Block, texts: OrderTexts, has_moments: bool) -> None:
        self.laws, self.block, self.texts, self.has_moments = laws, block, texts, has_moments
        self.stream = block.stream

    def _order(self, rows: Ints) -> pa.Array:
        """`,"order_id":"…"`, or nothing."""
        order = self.stream.order[rows]
        ids = self.texts.order_id.take(pa.array(order, mask=order < 0))
        return pc.fill_null(_joined(',"order_id":"', ids, '"'), "")

    def answer(self, name: str) -> Column:
        def told(rows: Ints) -> pa.Array:
            value = self.stream.value[rows]
            words = notes(self.block, rows, level_of(name, value))
            comment = pc.fill_null(_joined(',"comment":"', words, '"'), "")
            score = pc.fill_null(pa.array(value, mask=value < 0).cast(pa.string()), "null")
            return _joined(self._head(name, rows), score, self._order(rows), comment, "}")

        return told

    def _head(self, name: str, rows: Ints) -> pa.Array:
        """Survey, question and phase, up to the score."""
        if name == "product_reviewed":
            products = pa.array([f'{{"product_id":"{one.product_id}","phase":"interact","rating":' for one in PRODUCTS])
            return products.take(pa.array(first_product(self.block, self.stream.order[rows])))
        heads = [
            _dump({"survey_id": survey, "question_id": question, "phase": phase})[:-1] + ',"score":'
            for survey, question, phase in SURVEYS[name]
        ]
        return pa.array(heads).take(pa.array(survey_of(name, self.stream.order[rows])))

    def case(self, name: str) -> Column:
        def told(rows: Ints) -> pa.Array:
            kind = case_kind(name, self.stream.value[rows])
            ids = case_ids(self.texts, self.stream.order[rows], kind)
            about = pa.array([f'","subject":"{one}"' for one in SUBJECTS]).take(pa.array(kind))
            cause = (
                np.where(kind == 0, self.stream.value[rows], -1) if name == "case_opened" else np.full(len(rows), -1)
            )
            why = pa.array([f',"reason":"{one}"' for one in REASONS]).take(pa.array(cause, mask=cause < 0))
            kinds = pa.array([f',"kind":"{one}"' for one in CASE_KINDS]).take(pa.array(kind))
            said = _joined(kinds, pc.fill_null(why, "")) if name == "case_opened" else ""
            return _joined('{"case_id":"', ids, about, said, self._order(rows), "}")

        return told

    def points(self, rows: Ints) -> pa.Array:
        return _joined('{"points":', _text(self.stream.value[rows]), f',"program":"{PROGRAM}"', self._order(rows), "}")

    def subscription(self, rows: Ints) -> pa.Array:
        plans = [
            f'","plan":"{name}","price":{price / 100:.2f},"period":"month","currency":"{self.laws.currency}"}}'
            for name, price in PLANS
        ]
        return _joined(
            '{"subscription_id":"', self._number("A-", rows), pa.array(plans).take(pa.array(self.stream.value[rows]))
        )

    def lead(self, rows: Ints) -> pa.Array:
        channel = self.block.people.channel[self.stream.owner[rows]]
        channels = pa.array([f',"channel":"{one.name}"}}' for one in self.laws.channels]).take(pa.array(channel))
        return _joined('{"lead_id":"', self._number("L-", rows), '","score":', _text(self.stream.value[rows]), channels)

    def referral(self, rows: Ints) -> pa.Array:
        referred = _text(self.stream.value[rows] + 100_000)
        return _joined('{"referral_code":"E-', referred, '"', self._order(rows), "}")

    def survey(self, rows: Ints) -> pa.Array:
        survey_id = SURVEYS["csat_answered"][0][0]
        return pa.array([_dump({"survey_id": survey_id, "channel": "email"})] * len(rows), pa.string())

    def delivered(self, rows: Ints) -> pa.Array:
        promised = self.block.sent.promised[self.stream.order[rows]]
        moment = _joined(',"promised_at":"', _iso(self.laws, promised), '"') if self.has_moments else ""
        order = self.texts.order_id.take(pa.array(self.stream.order[rows]))
        return _joined('{"order_id":"', order, '"', moment, "}")

    def _number(self, prefix: str, rows: Ints) -> pa.Array:
        return _joined(prefix, _text(self.block.people.number[self.stream.owner[rows]] + 100_000))


SURVEYS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "nps_answered": (("empfehlung", "nps", "delight"),),
    "csat_answered": (("nach-lieferung", "delivery", "interact"), ("auf-der-seite", "finding", "attract")),
    "ces_answered": (("nach-vorgang", "effort", "delight"),),
}
"""Survey, question and phase of each kind of answer; of CSAT about an order, and about none."""


def survey_of(name: str, order: Ints) -> Ints:
    """Index into SURVEYS[name]."""
    return (order < 0).astype(np.int64) if name == "csat_answered" else np.zeros(len(order), dtype=np.int64)


def _iso(laws: Laws, days: Floats) -> pa.Array:
    seconds = pa.array(to_instants(laws, days) // 1_000_000).cast(pa.timestamp("s", "UTC"))
    return pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%SZ")
