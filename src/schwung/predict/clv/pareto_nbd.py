"""Pareto/NBD (Schmittlein, Morrison & Colombo 1987): customers buy and leave at rates that differ, and leave at any time."""

from typing import ClassVar

from schwung.core.text import Text
from schwung.predict.clv.over_time import OverTime
from schwung.predict.clv.process import Process
from schwung.predict.clv.purchase_model import PurchaseModel


class ParetoNBD(PurchaseModel):
    """r, alpha: purchase rates, gamma(r, α) with mean r/α per unit. s, beta: rates of leaving, gamma(s, β)."""

    process: ClassVar[Process] = OverTime("pareto_nbd", Text("Pareto/NBD", "Pareto/NBD"))
