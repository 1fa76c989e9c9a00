"""The notebook's methods that look ahead; `Shop` has them all."""

from typing import TYPE_CHECKING, Any

from schwung.app.wiring import Workspace

if TYPE_CHECKING:
    from schwung.predict.attribution import Attribution


class PredictDoor:
    """What a workspace predicts, and where its money goes."""

    workspace: Workspace

    def attribution(self, **asked: Any) -> "Attribution":
        """Orders credited to the touches before them: `.rows`, `.to_pandas()`, `.to_json()`. model, order, by, lookback_days,
        only_new, since, until; engine."""
        from schwung.app.analyses.attribution import attribution

        return attribution(self.workspace, **asked)
