"""Surveys, scores and reviews become answers: one row a question, skipped ones with no value."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from schwung.collect.event_type import number_of
from schwung.collect.projection import Misfits
from schwung.collect.projections.occasion import Fields, Occasion, Setting
from schwung.collect.projections.projection import Projection
from schwung.collect.question import Metric, Question, Questions, misfit_of, question_of
from schwung.collect.reason import Reason
from schwung.collect.relationship_tables import ANSWERS
from schwung.core.stable_hash import key_of

# Event → metric of its question, and the name of that question where the event gives none.
_QUESTIONS: Mapping[str, tuple[Metric, str]] = {
    "nps_answered": ("nps", "nps"),
    "csat_answered": ("csat", "csat"),
    "ces_answered": ("ces", "ces"),
    "product_reviewed": ("stars", "review"),
    "survey_answered": ("other", "answer"),
}
NAMES = frozenset(_QUESTIONS)


def _said(name: str, properties: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any], Any]]:
    """Question, its place in the event, what is stated about it, and the answer; all that one event answers."""
    answers = properties.get("answers")
    if isinstance(answers, dict) and answers:
        for question_id, told in answers.items():
            if isinstance(told, dict):
                stated = told
                answer = next((told[key] for key in ("score", "value", "rating", "text") if key in told), None)
            else:
                stated, answer = {}, told
            yield str(question_id), f"answers.{question_id}", {**_about(properties), **stated}, answer
        return
    question_id = properties.get("question_id")
    word = "rating" if name == "product_reviewed" else "score"
    asked = str(question_id) if question_id not in (None, "") else _QUESTIONS[name][1]
    yield asked, word, properties, properties.get(word)


def _about(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: properties[name] for name in ("phase",) if name in properties}


def misfit(name: str, properties: Mapping[str, Any], questions: Questions) -> Reason | None:
    """Why an event holds something that is no answer to its question, or None."""
    for question_id, place, stated, answer in _said(name, properties):
        number = number_of(answer)
        found = question_of(question_id, stated, questions, _QUESTIONS[name][0])
        reason = misfit_of(found, None if number is None else float(number), place)
        if reason is not None:
            return reason
    return None


def misfits(questions: Questions) -> Misfits:
    """The same by name of event, for who reads events."""
    return {name: partial(misfit, name, questions=questions) for name in NAMES}


def _rows(occasion: Occasion, setting: Setting) -> Iterable[Fields]:
    if not occasion.properties:  # of a person who was erased nothing is left to read
        return
    said = list(_said(occasion.name, occasion.properties))
    own = occasion.text("answer_id", "response_id", "review_id")
    for question_id, place, stated, answer in said:
        number = number_of(answer)
        question = question_of(question_id, stated, setting.questions, _QUESTIONS[occasion.name][0])
        value = None if number is None else float(number)
        if misfit_of(question, value, place) is not None:
            continue
        words = answer if isinstance(answer, str) and number is None else None
        first = key_of(occasion.source, own) if own else occasion.event_key
        yield {
            "answer_key": key_of(str(first), question_id),
            **occasion.shared,
            "answered_at": occasion.happened_at,
            **_asked(occasion, question),
            "value": value,
            "weight": occasion.number("weight"),
            "text": None if occasion.is_erased else words or _words(occasion, stated, alone=len(said) == 1),
        }


def _words(occasion: Occasion, stated: Mapping[str, Any], *, alone: bool) -> str | None:
    told = stated.get("comment") or stated.get("text")
    return str(told) if told else occasion.text("comment", "text") if alone else None


def _asked(occasion: Occasion, question: Question) -> Fields:
    low, high = question.scale or (None, None)
    return {
        "asked_at": occasion.instant("asked_at", "sent_at"),
        "survey_id": occasion.text("survey_id"),
        "question_id": question.question_id,
        "metric": question.metric,
        "scale_low": low,
        "scale_high": high,
        "better": question.better,
        "phase": question.phase,
        "touchpoint": occasion.text("touchpoint"),
        "channel": occasion.text("channel") or occasion.channel,
        "campaign": occasion.text("campaign_name", "campaign_id") or occasion.campaign,
        "order_id": occasion.text("order_id"),
        "product_id": occasion.text("product_id"),
    }


PROJECTION = Projection(ANSWERS, NAMES, _rows)
