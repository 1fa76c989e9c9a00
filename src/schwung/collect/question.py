"""Questions as they are declared: what an answer is an answer to, on which scale, and which end of it is good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schwung.collect.event_type import number_of
from schwung.collect.reason import Reason, shown
from schwung.core.text import Text

Metric = Literal["nps", "csat", "ces", "stars", "other"]
METRICS: tuple[Metric, ...] = ("nps", "csat", "ces", "stars", "other")
PHASES = ("attract", "interact", "delight")
SCALES: Mapping[str, tuple[float, float] | None] = {
    "nps": (0.0, 10.0),
    "csat": (1.0, 5.0),
    "ces": (1.0, 7.0),
    "stars": (1.0, 5.0),
    "other": None,
}
"""Lowest and highest value where a question does not say: Reichheld 2003; two top boxes of five; CES 2.0; five stars."""


@dataclass(frozen=True, slots=True)
class Question:
    """scale: lowest and highest value; None: open. phase: of the flywheel that it tells of, or None."""

    question_id: str
    metric: Metric = "other"
    scale: tuple[float, float] | None = None
    better: Literal["higher", "lower"] = "higher"
    phase: str | None = None
    text: Text | None = None


Questions = Mapping[str, Question]


def question_of(question_id: str, stated: Mapping[str, Any], declared: Questions, metric: Metric = "other") -> Question:
    """What an event says of its question, else what is declared for it, else what its metric means anywhere."""
    known = declared.get(question_id)
    said = stated.get("metric")
    metric = said if said in METRICS else known.metric if known else metric
    usual = known.scale if known and known.scale and metric == known.metric else SCALES[metric]
    low, high = (_number(stated.get(name)) for name in ("scale_low", "scale_high"))
    scale = (low, high) if low is not None and high is not None and low < high else usual
    better = stated.get("better")
    phase = stated.get("phase")
    return Question(
        question_id,
        metric,
        SCALES["nps"] if metric == "nps" else scale,
        better if better in ("higher", "lower") else known.better if known else "higher",
        phase if phase in PHASES else known.phase if known else None,
        known.text if known else None,
    )


def _number(value: object) -> float | None:
    found = number_of(value)
    return None if found is None else float(found)


def misfit_of(question: Question, value: float | None, place: str) -> Reason | None:
    """Why a value is no answer to its question: NPS takes whole numbers from 0 to 10, a scale nothing outside it."""
    if value is None:
        return None
    if question.metric == "nps" and not (value.is_integer() and 0 <= value <= 10):
        return Reason(
            "answer_not_on_scale",
            Text(
                en="“{value}” is no answer to an NPS question: only whole numbers from 0 to 10 are.",
                de="„{value}“ ist keine Antwort auf eine NPS-Frage: nur ganze Zahlen von 0 bis 10 sind es.",
            ).fill(value=shown(f"{value:g}"), place=place),
            place,
        )
    if question.scale is not None and not question.scale[0] <= value <= question.scale[1]:
        low, high = question.scale
        return Reason(
            "answer_not_on_scale",
            Text(
                en="“{value}” lies outside the question's scale, {low} to {high}.",
                de="„{value}“ liegt außerhalb der Skala der Frage, {low} bis {high}.",
            ).fill(value=shown(f"{value:g}"), low=f"{low:g}", high=f"{high:g}"),
            place,
        )
    return None


def read_question(question_id: str, written: str, text: Text | None = None) -> Question:
    """A question as a person writes it: metric, scale, `lower` where low is good, phase; `ces 1-7 lower interact`.

    ValueError for a word that is none of these, and for a scale without an extent.
    """
    metric: Metric = "other"
    scale: tuple[float, float] | None = None
    better: Literal["higher", "lower"] = "higher"
    phase = None
    for word in written.lower().split():
        low, mark, high = word.partition("-")
        if word in METRICS:
            metric = word
        elif word in ("higher", "lower"):
            better = word  # type: ignore[assignment]
        elif word in PHASES:
            phase = word
        elif (
            mark
            and (lowest := _number(low)) is not None
            and (highest := _number(high)) is not None
            and lowest < highest
        ):
            scale = lowest, highest
        else:
            raise ValueError(word)
    return Question(question_id, metric, scale or SCALES[metric], better, phase, text)
