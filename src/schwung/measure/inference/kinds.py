"""The kinds of estimate that a metric can be, each with the statistics that it is inferred from."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, get_args

from schwung.measure.inference.estimate import Estimate
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
from schwung.measure.inference.scores import net_promoter_score, weighted_net_promoter_score
from schwung.measure.inference.shares import odds, share
from schwung.measure.inference.waiting import waiting

Kind = Literal[
    "exact",
    "share",
    "odds",
    "mean",
    "ratio",
    "log_ratio",
    "yields",
    "cost_each",
    "money_mean",
    "formula",
    "net_promoter_score",
    "weighted_net_promoter_score",
    "median",
    "ninetieth",
    "payback",
    "roi",
    "compound",
]
_PAIRS = ("units", "n", "sum_x", "sum_y", "sum_xx", "sum_yy", "sum_xy")
_GROUPS = ("campaign", "sent", "sent_total", "sent_squares", "held", "held_total", "held_squares", "cost")
_SUMS = ("n", "sum_m", "sum_l", "sum_t", "sum_mm", "sum_ll", "sum_tt", "sum_ml", "sum_mt", "sum_lt")
_KINDS: Mapping[str, tuple[Callable[..., Estimate], Sequence[str]]] = {
    "share": (share, ("hits", "n")),
    "odds": (odds, ("hits", "n")),
    "mean": (mean, ("n", "total", "squares")),
    "ratio": (ratio, _PAIRS),
    "log_ratio": (log_ratio, _PAIRS),
    "yields": (yields, _PAIRS),
    "cost_each": (cost_each, ("total", "n")),
    "money_mean": (money_mean, ()),
    "formula": (formula, _SUMS),
    "net_promoter_score": (net_promoter_score, ("promoters", "detractors", "n")),
    "weighted_net_promoter_score": (
        weighted_net_promoter_score,
        ("promoters", "detractors", "weights", "squared_weights", "n"),
    ),
    "median": (partial(waiting, ended_share=0.5), ()),
    "ninetieth": (partial(waiting, ended_share=0.9), ()),
    "payback": (payback, ("spend", "customers")),
    "roi": (roi, ()),
    "compound": (compound, ("total", "squares", "n", "cost")),
}
BINNED: Mapping[str, tuple[str, ...]] = {
    "money_mean": ("size", "n", "total", "squares"),
    "median": ("after", "ended", "waiting"),
    "ninetieth": ("after", "ended", "waiting"),
    "payback": ("age", "known", "total", "squares"),
    "roi": _GROUPS,
}
"""Kinds whose statistics come as several rows a slice: the columns of such a row. What else stands in them holds for all."""
_UNKNOWN = {"cost_each": "total", "payback": "spend", "compound": "cost"}
"""A sum that is not known where it is missing; all others are then sums over nothing."""
assert {"exact", *_KINDS} == set(get_args(Kind))


def infer(kind: str, row: Mapping[str, Any], money: int = 1) -> Estimate:
    """An estimate from one row of statistics; of a binned kind under "bins" the rows of the slice.

    money: minor units in a major one, 1 for what is no money. The net promoter score comes in points, −100 to 100.
    """
    if kind == "exact":
        value = row.get("value")
        return Estimate(value / money if money > 1 and value is not None else value, n=int(row.get("n", value) or 0))
    function, needs = _KINDS[kind]
    values = {name: row.get(name) for name in needs}
    stays = _UNKNOWN.get(kind)
    values = {name: value if value is not None or name == stays else 0 for name, value in values.items()}
    found = function(row["bins"], **values) if kind in BINNED else function(**values)
    if kind in ("net_promoter_score", "weighted_net_promoter_score"):
        return found.scaled(100)
    return found if money == 1 else found.scaled(1 / money)
