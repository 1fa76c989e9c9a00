"""The dozen metrics, one file each. A new one: its file, and its line here."""

from schwung.core.registry import Registry
from schwung.core.text import Text
from schwung.measure.metric import Metric

METRICS: Registry[Metric] = Registry(
    Text("metric", "Kennzahl"),
    package=__name__,
    attribute="METRIC",
    modules=(
        "revenue",
        "orders",
        "average_order_value",
        "customers_by_kind",
        "new_customers",
        "active_customers",
        "repeat_purchase_rate",
        "upsell_ratio",
        "orders_per_customer",
        "return_rate",
        "cohort_retention",
        "growth_accounting",
    ),
)
