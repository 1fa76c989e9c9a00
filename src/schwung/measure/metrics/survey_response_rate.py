"""Share of surveys that were answered."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import Answered, Happened
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS
from schwung.measure.sources import RESPONSE
from schwung.measure.step import json_text
from schwung.measure.things import hits

DAYS = 30


def expression(scope: Scope) -> ir.Table:
    sent = scope.facts("events", where=lambda row: (row.name == "survey_sent") & row.customer_id.notnull())
    sent = sent.filter(sent.happened_at + DAYS * DAY <= scope.question.as_of)
    answers = scope.table("answers", True).filter(_.value.notnull() | _.text.notnull())
    answers = answers.select("survey_id", "answered_at", who="customer_id")
    sent = sent.mutate(asked_survey=json_text(sent.properties, "$.survey_id"))
    met = sent.join(
        answers,
        [
            sent.customer_id == answers.who,
            answers.answered_at >= sent.happened_at,
            answers.answered_at <= sent.happened_at + DAYS * DAY,
        ],
    )
    met = met.filter(met.asked_survey.isnull() | (met.asked_survey == met.survey_id).fill_null(False))
    known = sent.left_join(
        met.select("event_no").distinct().mutate(is_hit=ibis.literal(True)), "event_no", rname="h_{name}"
    )
    return hits(scope, known, known.is_hit)


METRIC = Metric(
    name="survey_response_rate",
    title=Text("Survey response rate", "Antwortquote"),
    unit="share",
    subject="delight",
    better="higher",
    needs=(
        "events",
        "answers",
    ),
    expression=expression,
    estimate="share",
    least=100,
    window_days=90,
    cuts=(*TIME_CUTS, *CUSTOMER_CUTS),
    basis=Text("surveys", "Umfragen"),
    requires=always("surveys"),
    definition=Text(
        "Surveys that were sent in the window and after which the customer answered within 30 days ÷ surveys that "
        "were sent.",
        "Im Zeitraum verschickte Umfragen, nach denen der Kunde binnen 30 Tagen geantwortet hat, ÷ verschickte "
        "Umfragen.",
    ),
    leaves_out=Text(
        "Surveys of the last 30 days, whose time is not over, and surveys to nobody known. Answers to another survey do "
        "not count where the sending says which one it was.",
        "Umfragen der letzten 30 Tage, deren Zeit noch läuft, und Umfragen an Unbekannte. Antworten auf eine andere "
        "Umfrage zählen nicht, wo der Versand sagt, welche es war.",
    ),
    reading=Text(
        "What it is called among pollsters is the participation rate. The lower it is, the less the answers say "
        "of all customers.",
        "Bei Meinungsforschern heißt sie Teilnahmequote. Je niedriger sie ist, desto weniger sagen die Antworten "
        "über alle Kunden.",
    ),
    source=RESPONSE,
    example=Example(
        as_of="2026-03-31",
        happened=(
            Happened("anna", "2026-01-05", "survey_sent"),
            Happened("ben", "2026-01-05", "survey_sent"),
            Happened("cem", "2026-01-05", "survey_sent"),
            Happened("emil", "2026-01-05", "survey_sent", properties='{"survey_id": "delivery"}'),
            Happened("dana", "2026-03-20", "survey_sent"),  # its 30 days are not over
        ),
        answered=(
            Answered("anna", "2026-01-07", "nps", 9),
            Answered("ben", "2026-01-07", "nps", None),  # skipped
            Answered("cem", "2026-03-07", "nps", 9),  # too late
            Answered("emil", "2026-01-07", "stars", 5, 1, 5),  # to no survey
        ),
        answers={
            None: ({"value": 0.25, "low": 0.034086, "high": 0.710859, "n": 4},),
            "month": ({"month": "2026-01", "value": 0.25, "n": 4},),
        },
    ),
)
