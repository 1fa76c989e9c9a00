"""The notebook's methods that look ahead; `Shop` has them all."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schwung.app.wiring import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from schwung.app.backtest import Tested
    from schwung.app.model_versions import Version
    from schwung.app.predictions import Predicted
    from schwung.predict.attribution import Attribution
    from schwung.predict.budget import Answered
    from schwung.predict.forecast.forecast import Forecast
    from schwung.predict.potential.views import Potential
    from schwung.predict.recommend.together import Together


class PredictDoor:
    """What a workspace predicts, and where its money goes."""

    workspace: Workspace

    def train(self, model: str, **asked: Any) -> "Version":
        """Fit a model and publish what it predicts: `.trained`, `.drift`, `.to_json()`. since, until, time_unit="week",
        horizon_days, engine."""
        from schwung.app.train import train

        return train(self.workspace, model, **({"actor": "notebook"} | asked))

    def predict(self, model: str, **asked: Any) -> "Predicted":
        """What a trained model says of every customer now: `.rows`, `.to_pandas()`, `.to_json()`. horizon_days, level,
        discount_rate, engine. Of `clv` `.totals["customer_equity_without_end"]` is the residual value of the base."""
        from schwung.app.predictions import predict

        return predict(self.workspace, model, **asked)

    def forecast(self, **asked: Any) -> "Forecast":
        """New customers, orders, revenue ahead: `.periods`, `.total`, `.cohorts`, `.coverage`, `.to_json()`. unit="week" or
        "month", periods, level, engine."""
        from schwung.app.analyses.forecast import forecasted

        return forecasted(self.workspace, **asked)

    def backtest(self, model: str, **asked: Any) -> "Tested":
        """Walk forward in time, beside a naive rule: `.backtest.folds`, `.to_json()`. horizon_days, since, until, engine."""
        from schwung.app.backtest import backtest

        return backtest(self.workspace, model, **asked)

    def attribution(self, **asked: Any) -> "Attribution":
        """Orders credited to the touches before them: `.rows`, `.to_pandas()`, `.to_json()`. model, order, by, lookback_days,
        only_new, since, until; engine."""
        from schwung.app.analyses.attribution import attribution

        return attribution(self.workspace, **asked)

    def bought_together(self, product: str | None = None, **asked: Any) -> "Together":
        """Products in the same orders beyond chance, all or with one: `.pairs`, `.sentence`, `.to_json()`. engine."""
        from schwung.app.analyses.together import together

        return together(self.workspace, product, **asked)

    def budget(self, plan: "Mapping[str, Any] | str | Path | None" = None, **asked: Any) -> "Answered":
        """The best split of a plan (a mapping or a YAML file), or of curves fitted to this workspace: `.budget.shares`,
        `.evidence`, `.equity`, `.to_pandas()`, `.to_json()`. outcome, unit, kind, money, since, until; engine."""
        from pathlib import Path

        from schwung.app.analyses.budget import budget, read_file

        given = plan if plan is None or isinstance(plan, Mapping) else read_file(Path(plan))
        return budget(self.workspace, given, **asked)

    def potential(self, **asked: Any) -> "Potential":
        """The customer potential in six steps: `.fields`, `.groups`, `.sentences`, `.to_pandas()`, `.to_json()`. basis, engine."""
        from schwung.app.analyses.potential import potential

        return potential(self.workspace, **asked)
