"""BG/NBD (Fader, Hardie & Lee 2005): customers buy at rates that differ (gamma) and may leave with each repeat purchase (beta).

Who has not bought again cannot have left: of one-time buyers it says that all are customers still.
"""

from typing import ClassVar

from schwung.core.text import Text
from schwung.predict.clv.at_purchase import AtPurchase
from schwung.predict.clv.process import Process
from schwung.predict.clv.purchase_model import PurchaseModel


class BetaGeoNBD(PurchaseModel):
    """r, alpha: purchase rates, gamma(r, α) with mean r/α per unit. a, b: probability to leave with a purchase, beta(a, b)."""

    process: ClassVar[Process] = AtPurchase("bg_nbd", Text("BG/NBD", "BG/NBD"), 0)
