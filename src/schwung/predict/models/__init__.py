"""The models, one file each. A new one: its file, and its line here."""

from schwung.core.registry import Registry
from schwung.core.text import Text
from schwung.predict.model import Model

MODELS: Registry[Model] = Registry(
    Text("model", "Modell"),
    package=__name__,
    attribute="MODEL",
    modules=(
        "clv",
        "bg_nbd",
        "mbg_nbd",
        "pareto_nbd",
        "gamma_gamma",
        "sbg",
        "next_product",
        "next_offer",
        "churn",
        "survival",
        "lead_score",
        "lead_points",
        "up_sell",
    ),
)
