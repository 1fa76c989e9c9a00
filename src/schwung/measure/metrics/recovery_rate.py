"""Share of complainants who stayed."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits, ordered_within, things


def expression(scope: Scope) -> ir.Table:
    rows = things(scope, "cases", "case_key", "opened", ())
    rows = rows.filter(
        rows.case_kind == "complaint",
        rows.customer_id.notnull(),
        rows.begun_at + scope.question.lost_after <= scope.question.as_of,
    )
    rows = ordered_within(scope, rows, "case_key", "begun_at", scope.question.lost_after_days)
    people = scope.group(rows, "customer_id", stayed=_.is_ordered.any())
    return hits(scope, people, people.stayed)


METRIC = Metric(
    name="recovery_rate",
    title=Text("Recovery rate", "Rückgewinn nach Beschwerde"),
    unit="share",
    subject="service",
    better="higher",
    needs=(
        "orders",
        "cases",
    ),
    expression=expression,
    estimate="share",
    least=30,
    window_days=365,
    cuts=(*TIME_CUTS, "channel", "cause", *CUSTOMER_CUTS),
    basis=Text("complainants", "Beschwerdeführende"),
    requires=always("cases"),
    definition=Text(
        "Customers who complained in the window and ordered again within `lost_after_days` days ÷ customers who "
        "complained in the window and whose days are over.",
        "Kunden mit Beschwerde im Zeitraum, die binnen `lost_after_days` Tagen wieder bestellt haben, ÷ Kunden "
        "mit Beschwerde im Zeitraum, deren Tage um sind.",
    ),
    leaves_out=Text(
        "Complaints of the last `lost_after_days` days, whose outcome is open; complaints of nobody known.",
        "Beschwerden der letzten `lost_after_days` Tage, deren Ausgang offen ist; Beschwerden Unbekannter.",
    ),
    reading=Text(
        "Compare with the repeat purchase rate of customers without a complaint: some would have stayed anyway.",
        "Mit der Wiederkaufrate von Kunden ohne Beschwerde vergleichen: Manche wären ohnehin geblieben.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-12-31",
        sales=(
            Sale("anna", "2026-01-02"),
            Sale("anna", "2026-03-04"),
            Sale("ben", "2026-01-02"),
            Sale("cem", "2026-12-02"),
        ),
        states={
            "cases": (
                State("c1", "opened", "anna", "2026-01-05", {"kind": "complaint"}),
                State("c2", "opened", "anna", "2026-02-05", {"kind": "complaint"}),
                State("c3", "opened", "ben", "2026-01-05", {"kind": "complaint"}),
                State("c4", "opened", "cem", "2026-12-05", {"kind": "complaint"}),  # too lately to tell
            )
        },
        answers={None: ({"value": 0.5, "low": 0.094531, "high": 0.905469, "n": 2},)},
    ),
)
