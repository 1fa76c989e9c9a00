"""Customer lifetime value on arrays: who is a customer still, what they will buy, what that is worth. Pure mathematics.

`default`: the model for “is the customer gone?”; of one-time buyers it says less than 1.
"""

from schwung.predict.clv.bg_nbd import BetaGeoNBD
from schwung.predict.clv.fitted import FittedPurchases, NextPurchase
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.clv.predicted import Predicted
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.clv.transactions import Purchases

default = ModifiedBetaGeoNBD

__all__ = [
    "BetaGeoNBD",
    "FittedPurchases",
    "ModifiedBetaGeoNBD",
    "NextPurchase",
    "Predicted",
    "PurchaseSummary",
    "Purchases",
    "default",
]
