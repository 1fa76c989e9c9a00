"""How good probabilities are: ranking, truth of the numbers, what the best tenth holds."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

Floats = npt.NDArray[np.float64]
CLASSES = 10
_SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one set of predictions.

    base: share for whom it happened; mean: mean probability. auc: chance that who had it stands above who had not.
    ece: mean distance of predicted and observed shares over ten classes of the same size. lift: share among the tenth with
    the highest probability ÷ base. reliability: the classes, lowest first.
    """

    n: int
    positives: int
    base: float
    mean: float
    auc: float
    log_loss: float
    brier: float
    ece: float
    lift: float
    reliability: tuple[dict[str, float], ...] = ()

    def measures(self) -> dict[str, float]:
        """Those that can be compared."""
        names = ("auc", "log_loss", "brier", "ece", "lift")
        return {name: getattr(self, name) for name in names}

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {name: getattr(self, name) for name in self.__slots__} | {"reliability": list(self.reliability)}


def quality(happened: npt.ArrayLike, probability: npt.ArrayLike) -> Quality:
    """happened: 0 or 1, both occur; probability: of the same rows."""
    y, p = np.asarray(happened, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    inside = np.clip(p, _SMALL, 1 - _SMALL)
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, CLASSES) if len(part)]
    rows = tuple(
        {"predicted": float(p[part].mean()), "observed": float(y[part].mean()), "n": len(part)} for part in parts
    )
    return Quality(
        n=len(y),
        positives=int(y.sum()),
        base=float(y.mean()),
        mean=float(p.mean()),
        auc=auc(y, p),
        log_loss=float(-(y * np.log(inside) + (1 - y) * np.log(1 - inside)).mean()),
        brier=float(((p - y) ** 2).mean()),
        ece=float(sum(abs(row["predicted"] - row["observed"]) * row["n"] for row in rows) / len(y)),
        lift=_lift(y, p),
        reliability=rows,
    )


def auc(happened: Floats, value: Floats) -> float:
    """Area under the ROC curve by ranks; ties count half. NaN where only one outcome occurs."""
    positives = happened.sum()
    negatives = len(happened) - positives
    if not positives or not negatives:
        return float("nan")
    ranks = scipy.stats.rankdata(value)
    return float((ranks[happened > 0].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _lift(y: Floats, p: Floats) -> float:
    """Rows that tie with the last of the tenth share its remaining places."""
    wanted = max(1, round(len(y) / 10))
    edge = np.sort(p)[-wanted]
    above, at = p > edge, p == edge
    inside = y[above].sum() + (wanted - above.sum()) * y[at].mean()
    return float(inside / wanted / y.mean()) if y.any() else float("nan")
