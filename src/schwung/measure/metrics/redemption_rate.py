"""Points redeemed per point earned."""

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
    rows = scope.facts("points", where=lambda row: row.kind.isin(("earned", "redeemed")))
    earned = (rows.kind == "earned").ifelse(rows.points, 0)
    redeemed = (rows.kind == "redeemed").ifelse(-rows.points, 0)
    pairs = rows.mutate(unit=unit_of(rows, "entry_key"), x=earned, y=redeemed, n=ibis.literal(1, "int64"))
    return ratio_statistics(scope, pairs)


METRIC = Metric(
    name="redemption_rate",
    title=Text("Redemption rate", "Einlösequote"),
    unit="share",
    subject="loyalty",
    better="higher",
    needs=("points",),
    expression=expression,
    estimate="ratio",
    least=100,
    window_days=365,
    cuts=(*TIME_CUTS, *CUSTOMER_CUTS),
    basis=Text("entries", "Buchungen"),
    requires=always("points"),
    definition=Text(
        "Points redeemed in the window ÷ points earned in the window.",
        "Im Zeitraum eingelöste ÷ im Zeitraum gesammelte Punkte.",
    ),
    leaves_out=Text(
        "Nothing; adjustments by hand count in the balance alone.",
        "Nichts; Korrekturen von Hand zählen nur im Bestand.",
    ),
    reading=Text(
        "Points are redeemed later than they are earned: in a growing program the rate lags behind.",
        "Punkte werden später eingelöst als gesammelt: In einem wachsenden Programm hinkt die Quote nach.",
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
        # Units (x, y): anna (100, 50), ben (60, 0); r = 0.3125; residuals 18.75, −18.75; half 12.706205 · √(703.125 · 2) ÷ 160
        answers={None: ({"value": 0.3125, "low": 0.0, "high": 3.290517, "n": 3},)},
    ),
)
