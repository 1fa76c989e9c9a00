"""MBG/NBD (Batislam, Denizel & Filiztekin 2007): as BG/NBD, but customers may leave with their first purchase too."""

from typing import ClassVar

from schwung.core.text import Text
from schwung.predict.clv.at_purchase import AtPurchase
from schwung.predict.clv.process import Process
from schwung.predict.clv.purchase_model import PurchaseModel


class ModifiedBetaGeoNBD(PurchaseModel):
    """r, alpha: purchase rates, gamma(r, α) with mean r/α per unit. a, b: probability to leave with a purchase, beta(a, b)."""

    process: ClassVar[Process] = AtPurchase("mbg_nbd", Text("MBG/NBD", "MBG/NBD"), 1)
