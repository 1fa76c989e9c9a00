"""Customer lifetime value on arrays: who is a customer still, what they will buy, what that is worth. Pure mathematics.

`default`: the model for “is the customer gone?”; of one-time buyers it says less than 1.
"""

from schwung.predict.clv.bg_nbd import BetaGeoNBD
from schwung.predict.clv.fitted import FittedPurchases, NextPurchase
from schwung.predict.clv.gamma_gamma import FittedSpend, GammaGamma
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.clv.pareto_nbd import ParetoNBD
from schwung.predict.clv.predicted import Predicted
from schwung.predict.clv.sbg import FittedContracts, ShiftedBetaGeometric
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.clv.transactions import Purchases
from schwung.predict.clv.worth import Worth

default = ModifiedBetaGeoNBD

__all__ = [
    "BetaGeoNBD",
    "FittedContracts",
    "FittedPurchases",
    "FittedSpend",
    "GammaGamma",
    "ModifiedBetaGeoNBD",
    "NextPurchase",
    "ParetoNBD",
    "Predicted",
    "PurchaseSummary",
    "Purchases",
    "ShiftedBetaGeometric",
    "Worth",
    "default",
]
