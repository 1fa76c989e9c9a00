"""The notebook's methods that look ahead; `Shop` has them all."""

from typing import TYPE_CHECKING, Any

from schwung.app.wiring import Workspace

if TYPE_CHECKING:
    from schwung.app.backtest import Tested
    from schwung.app.model_versions import Version
    from schwung.app.predictions import Predicted
    from schwung.predict.attribution import Attribution
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
        """What a trained model says of every customer now: `.rows`, `.to_pandas()`, `.to_json()`. horizon_days, level, engine."""
        from schwung.app.predictions import predict

        return predict(self.workspace, model, **asked)

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
