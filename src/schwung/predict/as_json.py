"""What fitting and testing gave, as JSON and back: no NaN, texts in both languages."""

import math
from collections.abc import Mapping
from typing import Any

from schwung.core.text import Text
from schwung.predict.model import Backtest, Trained


def text_json(text: Text) -> dict[str, str]:
    return {"en": text.en, "de": text.de}


def finite(value: Any) -> Any:
    """The same with None in the place of every number that JSON does not know, and plain numbers for NumPy's."""
    if isinstance(value, Mapping):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    if isinstance(value, Text):
        return text_json(value)
    if hasattr(value, "tolist"):
        return finite(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def result_json(trained: Trained) -> dict[str, Any]:
    """What is small: all but the rows of pictures and what `predict` needs."""
    return {
        "parameters": finite(trained.parameters),
        "standard_errors": finite(trained.standard_errors),
        "log_likelihood": finite(trained.log_likelihood),
        "customers": trained.customers,
        "warnings": finite(trained.warnings),
        "remarks": finite(trained.remarks),
        "quality": finite(trained.quality),
    }


def trained_of(result: Mapping[str, Any], checks: Mapping[str, Any], state: Mapping[str, Any]) -> Trained:
    """Back from what was kept."""
    return Trained(
        parameters=result["parameters"],
        standard_errors=result["standard_errors"],
        log_likelihood=result["log_likelihood"],
        customers=result["customers"],
        warnings=tuple(Text(**one) for one in result["warnings"]),
        remarks=tuple(Text(**one) for one in result["remarks"]),
        quality=result["quality"],
        checks=dict(checks),
        state=state,
    )


def backtest_json(found: Backtest) -> dict[str, Any]:
    """Moments in ISO 8601, UTC."""
    from schwung.core.clock import to_datetime

    def when(at: int) -> str:
        return to_datetime(at).isoformat().replace("+00:00", "Z")

    return {
        "folds": [
            {
                "cut_at": when(fold.cut_at),
                "until_at": when(fold.until_at),
                "customers": fold.customers,
                "model": finite(fold.model),
                "naive": finite(fold.naive),
                "naive_rule": text_json(fold.naive_rule),
            }
            for fold in found.folds
        ],
        "sentences": finite(found.sentences),
        "checks": finite(found.checks),
    }
