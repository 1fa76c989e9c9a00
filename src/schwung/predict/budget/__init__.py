"""Budget: where the next euro goes. The best split over entered or fitted response curves, and acquisition against retention.

`from schwung.predict import solve_budget; solve_budget({"money": 150, "channels": [{"name": "search", "curve": {"kind": "log",
"b": 100, "k": 20}}, …]})`.
"""

from schwung.predict.budget.answer import Budget, allocate
from schwung.predict.budget.curves import SHAPES, Curve
from schwung.predict.budget.equity import Equity, EquityPlan, Rate, customer_equity
from schwung.predict.budget.fit import Fitted, FittedChannel, fit
from schwung.predict.budget.plan import Channel, Plan
from schwung.predict.budget.solve import Answered, solve_budget

__all__ = [
    "SHAPES", "Answered", "Budget", "Channel", "Curve", "Equity", "EquityPlan", "Fitted", "FittedChannel", "Plan", "Rate", "allocate",
    "customer_equity", "fit", "solve_budget",
]  # fmt: skip
