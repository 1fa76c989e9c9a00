"""From sufficient statistics to value, low, high: the engine aggregates, this infers. 95 % intervals.

Shares: adjusted Wald (Agresti & Coull 1998). Odds: the same interval, transformed. Means: Student's t; of money: the
Bayesian bootstrap over size classes (Rubin 1981). Ratios of sums: the delta method over independent units (customers),
of money on the log scale. Net promoter score: adjusted Wald of Rocks (2016). Waiting times: Kaplan & Meier with
Greenwood's variance. Differences of two estimates: MOVER (Zou & Donner 2008), which needs no more than both intervals;
many at once: Holm or Benjamini & Hochberg. Counts and totals are exact: none.
"""

from schwung.measure.inference.compare import (
    WORDS,
    Difference,
    Word,
    benjamini_hochberg,
    corrected,
    difference,
    holm,
    p_value,
)
from schwung.measure.inference.estimate import LEVEL, Estimate, t_quantile
from schwung.measure.inference.kinds import BINNED, Kind, infer
from schwung.measure.inference.means import (
    compound,
    cost_each,
    formula,
    log_ratio,
    mean,
    money_mean,
    payback,
    ratio,
    roi,
    yields,
)
from schwung.measure.inference.scores import (
    effective_size,
    net_promoter_score,
    response_rates,
    top_share,
    wald_net_promoter_score,
    weighted_net_promoter_score,
)
from schwung.measure.inference.shares import odds, share, wald_share
from schwung.measure.inference.waiting import survival, waiting

__all__ = [
    "BINNED",
    "LEVEL",
    "WORDS",
    "Difference",
    "Estimate",
    "Kind",
    "Word",
    "benjamini_hochberg",
    "compound",
    "corrected",
    "cost_each",
    "difference",
    "effective_size",
    "formula",
    "holm",
    "infer",
    "log_ratio",
    "mean",
    "money_mean",
    "net_promoter_score",
    "odds",
    "p_value",
    "payback",
    "ratio",
    "response_rates",
    "roi",
    "share",
    "survival",
    "t_quantile",
    "top_share",
    "waiting",
    "wald_net_promoter_score",
    "wald_share",
    "weighted_net_promoter_score",
    "yields",
]
