"""A backtest that can judge nothing says so instead of showing an empty table."""

from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.predict.model import Options
from schwung.predict.models import lead_score, up_sell
from schwung.predict.sight import Sight


@pytest.mark.parametrize("model", [lead_score, up_sell])
def test_nothing_to_judge_by_is_said(model: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*given: Any, **more: Any) -> list[Any]:
        return []

    monkeypatch.setattr(model, "outcome_days", lambda *given: 30)
    for name in ("look", "judged", "cuts_of", "_looked_at", "_sold"):
        monkeypatch.setattr(model, name, nothing, raising=False)
    with pytest.raises(InputError) as raised:
        model.backtest(cast(Sight, SimpleNamespace(as_of=1_000 * DAY)), Options())
    assert raised.value.code == "too_few_cases" and raised.value.step.de
