"""What data are there, of how many customers, and what each is for."""

import numpy as np
import pyarrow as pa

from schwung.core.text import Text
from schwung.predict.potential.views import Source

_IMPORT, _VALUE, _MODELS = "/imports", "/settings", "/models"


def sources_of(rows: pa.Table, returns: int, has_clv: bool, has_offers: bool) -> tuple[Source, ...]:
    """rows: of `base`. returns: how many."""
    count = max(1, rows.num_rows)

    def known(name: str) -> float:
        return 1.0 - rows[name].null_count / count

    margin = float(np.count_nonzero(rows["margin_all"].to_numpy())) / count
    needs = float((rows["categories"].to_numpy() > 0).sum()) / count
    return (
        Source("orders", Text("orders", "Bestellungen"), 1.0, Text("value, RFM, history", "Wert, RFM, Historie"), _IMPORT),
        Source("returns", Text("returns", "Rückgaben"), float(returns > 0), Text("taken off the value", "werden vom Wert abgezogen"), _IMPORT),
        Source("margins", Text("margins", "Margen"), margin, Text("value as margin", "Wert als Marge"), _VALUE),
        Source("needs", Text("categories bought (needs)", "gekaufte Kategorien (Bedarf)"), needs, Text("similar customers", "ähnliche Kunden"), _IMPORT),
        Source("country", Text("country", "Land"), known("country"), Text("similar customers", "ähnliche Kunden"), _IMPORT),
        Source("region", Text("region", "Region"), known("region"), Text("similar customers", "ähnliche Kunden"), _IMPORT),
        Source("size", Text("size of firm or household", "Größe von Firma oder Haushalt"), known("size"), Text("similar customers", "ähnliche Kunden"), _IMPORT),
        Source("power", Text("purchasing power", "Kaufkraft"), known("power"), Text("similar customers", "ähnliche Kunden"), _IMPORT),
        Source("clv", Text("predicted CLV", "vorhergesagter CLV"), float(has_clv), Text("expected value", "erwarteter Wert"), _MODELS),
        Source("offers", Text("next offers", "nächste Angebote"), float(has_offers), Text("cross- and up-sell", "Cross- und Up-Selling"), _MODELS),
    )  # fmt: skip
