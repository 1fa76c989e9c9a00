"""Small boosted trees (LightGBM): 200 of 8 leaves, learning rate 0.03; large ones say more than they know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.predict.classify.coding import Column, Flags, Floats

TREES, LEAVES, RATE = 200, 8, 0.03
_MANY_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Trees:
    """text: the trees as LightGBM writes them."""

    text: str
    booster: Any = None

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds before calibration."""
        found: Floats = self._opened().predict(matrix, raw_score=True)
        return found

    def contributions(self, matrix: Floats) -> Floats:
        """What each column adds to the log-odds of each row (SHAP values); the last column is what all start from."""
        found: Floats = self._opened().predict(matrix, pred_contrib=True)
        return found

    def state(self) -> dict[str, Any]:
        """For JSON."""
        return {"trees": self.text}

    def _opened(self) -> Any:
        if self.booster is None:
            object.__setattr__(self, "booster", lightgbm().Booster(model_str=self.text))
        return self.booster


def grow(
    matrix: Floats, happened: Floats, columns: Sequence[Column], *, seed: int = 1, trees: int = TREES, rate: float = RATE
) -> Trees:  # fmt: skip
    """No weights by class: they would leave the ranking as it is and make the probabilities wrong."""
    package = lightgbm()
    words = [at for at, column in enumerate(columns) if column.kind == "word"]
    settings = {
        "objective": "binary", "learning_rate": rate, "num_leaves": LEAVES, "seed": seed, "verbosity": -1,
        "deterministic": True, "force_row_wise": True, "num_threads": 1 if len(happened) < _MANY_ROWS else 0,
    }  # fmt: skip
    given = package.Dataset(matrix, happened, categorical_feature=words)
    booster = package.train(settings, given, trees)
    return Trees(booster.model_to_string(), booster)


def tell_apart(
    matrix: Floats, happened: Floats, columns: Sequence[Column], folds: Sequence[Flags], seed: int
) -> Floats:
    """Out-of-fold log-odds by quick, coarse trees: to see what columns know, not to predict."""
    found = np.zeros(len(happened))
    for held in folds:
        found[held] = grow(matrix[~held], happened[~held], columns, seed=seed, trees=40, rate=0.15).margin(matrix[held])
    return found


def lightgbm() -> Any:
    """The package. SetupError that names the extra where it is not there."""
    try:
        import lightgbm as package
    except (ImportError, OSError) as error:
        raise SetupError(
            "package_missing",
            Text("The package {name} is not installed.", "Das Paket {name} ist nicht installiert.").fill(
                name="lightgbm"
            ),
            Text("Install it with: pip install 'schwung[models]'", "Installieren mit: pip install 'schwung[models]'"),
        ) from error
    return package
