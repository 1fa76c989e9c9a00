"""Share of the points that ended by expiring."""

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import Points
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS, ratio_statistics, unit_of
from schwung.measure.sources import DELTA


def expression(scope: Scope) -> ir.Table:
    rows = scope.facts("points", where=lambda row: row.kind.isin(("redeemed", "expired")))
    expired = (rows.kind == "expired").ifelse(-rows.points, 0)
    pairs = rows.mutate(unit=unit_of(rows, "entry_key"), x=-rows.points, y=expired, n=ibis.literal(1, "int64"))
    return ratio_statistics(scope, pairs)


METRIC = Metric(
    name="breakage_rate",
    title=Text("Breakage", "Verfallsquote"),
    unit="share",
    subject="loyalty",
    better="lower",
    needs=("points",),
    expression=expression,
    estimate="ratio",
    least=100,
    window_days=365,
    cuts=(*TIME_CUTS, *CUSTOMER_CUTS),
    basis=Text("entries", "Buchungen"),
    requires=always("points"),
    definition=Text(
        "Points that expired in the window ÷ points that ended in the window, redeemed or expired.",
        "Im Zeitraum verfallene Punkte ÷ Punkte, die im Zeitraum endeten, eingelöst oder verfallen.",
    ),
    leaves_out=Text(
        "Nothing; adjustments by hand count in the balance alone.",
        "Nichts; Korrekturen von Hand zählen nur im Bestand.",
    ),
    reading=Text(
        "Breakage relieves the books and costs trust. In the first years of a program, before points fall due, it "
        "is too low.",
        "Verfall entlastet die Bilanz und kostet Vertrauen. In den ersten Jahren eines Programms, bevor Punkte "
        "fällig werden, ist die Quote zu niedrig.",
    ),
    source=DELTA,
    example=Example(
        as_of="2026-03-31",
        points=(
            Points("anna", "2026-01-01", "joined"),
            Points("anna", "2026-01-05", "earned", 100),
            Points("anna", "2026-02-05", "redeemed", -50),
            Points("ben", "2026-01-05", "earned", 60),
            Points("ben", "2026-03-05", "expired", -30),
            Points("cem", "2026-02-01", "joined"),
            Points("cem", "2026-02-02", "adjusted", 5),
        ),
        # Units (x, y): anna (50, 0), ben (30, 30); r = 0.375; residuals −18.75, 18.75; half 12.706205 · √(703.125 · 2) ÷ 80
        answers={None: ({"value": 0.375, "low": 0.0, "high": 6.331033, "n": 2},)},
    ),
)
