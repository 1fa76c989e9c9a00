"""Share of surveys that were finished once begun."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import Happened
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.step import json_text
from schwung.measure.things import hits


def expression(scope: Scope) -> ir.Table:
    begun = scope.facts("events", where=lambda row: (row.name == "survey_started") & row.customer_id.notnull())
    done = scope.table("events", True).filter(
        _.name.isin(("survey_answered", "nps_answered", "csat_answered", "ces_answered"))
    )
    begun = begun.mutate(survey=json_text(begun.properties, "$.survey_id"))
    done = done.select(who="customer_id", done_at="happened_at", done_survey=json_text(done.properties, "$.survey_id"))
    met = begun.join(
        done,
        [begun.customer_id == done.who, done.done_at >= begun.happened_at, done.done_at <= begun.happened_at + DAY],
    )
    met = met.filter((met.survey == met.done_survey).fill_null(True))
    known = begun.left_join(
        met.select("event_no").distinct().mutate(is_hit=ibis.literal(True)), "event_no", rname="h_{name}"
    )
    return hits(scope, known, known.is_hit)


METRIC = Metric(
    name="survey_completion_rate",
    title=Text("Survey completion rate", "Abschlussquote der Umfragen"),
    unit="share",
    subject="delight",
    better="higher",
    needs=("events",),
    expression=expression,
    estimate="share",
    least=100,
    window_days=90,
    cuts=(*TIME_CUTS, *CUSTOMER_CUTS),
    basis=Text("surveys", "Umfragen"),
    requires=always("surveys_started"),
    definition=Text(
        "Surveys that were begun in the window and sent in within a day ÷ surveys that were begun.",
        "Im Zeitraum begonnene Umfragen, die binnen eines Tages abgeschickt wurden, ÷ begonnene Umfragen.",
    ),
    leaves_out=Text(
        "Surveys of nobody known. Where both events name their survey, it must be the same one.",
        "Umfragen Unbekannter. Wo beide Ereignisse ihre Umfrage nennen, muss es dieselbe sein.",
    ),
    reading=Text(
        "A low rate means that the survey is too long or asks what people do not want to say.",
        "Eine niedrige Quote heißt: Die Umfrage ist zu lang oder fragt, was Menschen nicht sagen wollen.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        happened=(
            Happened("anna", "2026-01-05", "survey_started"),
            Happened("anna", "2026-01-05 12:03", "survey_answered"),
            Happened("ben", "2026-01-05", "survey_started", properties='{"survey_id": "delivery"}'),
            Happened("ben", "2026-01-05 13:00", "nps_answered", properties='{"survey_id": "onsite"}'),  # another one
            Happened("ben", "2026-01-08", "nps_answered"),  # another day
        ),
        answers={None: ({"value": 0.5, "low": 0.094531, "high": 0.905469, "n": 2},)},
    ),
)
