"""Time until nine of ten cases have a first answer."""

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS
from schwung.measure.sources import WAITING
from schwung.measure.things import things, waits


def expression(scope: Scope) -> ir.Table:
    rows = things(scope, "cases", "case_key", "opened", ("answered", "resolved", "closed"))
    return waits(scope, rows, "begun_at", ibis.least(rows.answered_at, rows.resolved_at, rows.closed_at))


METRIC = Metric(
    name="first_response_ninetieth",
    title=Text("First response (90th percentile)", "Erste Antwort (90. Perzentil)"),
    unit="duration",
    subject="service",
    better="lower",
    needs=("cases",),
    expression=expression,
    estimate="ninetieth",
    least=30,
    window_days=90,
    cuts=(*TIME_CUTS, "channel", "cause", *CUSTOMER_CUTS),
    basis=Text("cases", "Vorgänge"),
    requires=always("cases"),
    definition=Text(
        "Time from opening a case until its first answer (or its end, where that comes first), by which nine of "
        "ten cases opened in the window are answered.",
        "Zeit von der Eröffnung eines Vorgangs bis zur ersten Antwort (oder bis zu seinem Ende, wenn das zuerst "
        "kommt), nach der neun von zehn im Zeitraum eröffneten Vorgängen beantwortet sind.",
    ),
    leaves_out=Text(
        "Cases whose opening is not known. Being opened again does not start the clock anew.",
        "Vorgänge, deren Eröffnung nicht bekannt ist. Eine Wiedereröffnung startet die Uhr nicht neu.",
    ),
    reading=Text(
        "Cases that still wait count with the time they have waited so far; they are not dropped. Clock time, "
        "nights and weekends included. Where too few are done, there is no value yet.",
        "Vorgänge, die noch warten, zählen mit ihrer bisherigen Wartezeit; sie fallen nicht weg. Uhrzeit, mit "
        "Nächten und Wochenenden. Sind zu wenige erledigt, gibt es noch keinen Wert.",
    ),
    source=WAITING,
    example=Example(
        as_of="2026-03-31",
        states={
            "cases": (
                State("c1", "opened", "anna", "2026-01-05 12:00", {"kind": "complaint"}),
                State("c1", "answered", "anna", "2026-01-05 14:00"),
                State("c1", "resolved", "anna", "2026-01-06 12:00"),
                State("c2", "opened", "ben", "2026-01-05 12:00", {"kind": "complaint"}),
                State("c2", "resolved", "ben", "2026-01-05 18:00"),  # an answer after the end is not the first one
                State("c2", "answered", "ben", "2026-01-09 18:00"),
                State("c2", "reopened", "ben", "2026-01-08 18:00"),
                State("c3", "opened", "cem", "2026-02-05 12:00", {"kind": "question"}),
                State("c3", "closed", "cem", "2026-02-08 12:00"),
                State("c4", "opened", "dana", "2026-03-31 08:00"),  # nobody has answered yet
            )
        },
        # Answered after 2 h or ended after 6 h and 72 h; c4 has waited 4 h: of 4, then 3, 2 and 1 at risk, ¾, then ⅜ wait on.
        answers={None: ({"value": 259200.0, "n": 4},)},
    ),
)
