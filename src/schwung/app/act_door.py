"""What a notebook asks about segments, journeys and messages: a part of `schwung.open(...)`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schwung.app.wiring import Workspace

if TYPE_CHECKING:
    from schwung.act.experiment.result import Result as ExperimentResult
    from schwung.act.experiment.uplift import Uplift
    from schwung.act.experiment.value import Proved
    from schwung.app.journey_status import Standing
    from schwung.app.journey_why import Why
    from schwung.app.journeys import SavedJourney
    from schwung.app.segments import Preview, Segment
    from schwung.app.templates import Preview as TemplatePreview


class ActDoor:
    """Mixed into `Shop`."""

    workspace: Workspace

    def journeys(self) -> "list[SavedJourney]":
        """All journeys: `.journey`, `.state`, `.to_json()`."""
        from schwung.app.journeys import journeys

        return journeys(self.workspace)

    def journey_status(self, named: int | str, **asked: Any) -> "Standing":
        """How a journey stands: `.entered`, `.steps`, `.states`. days."""
        from schwung.app.journey_status import standing

        return standing(self.workspace, named, **asked)

    def journey_why(self, named: int | str, customer_id: int) -> "Why":
        """Why a customer got something from a journey, or did not: `.lines`."""
        from schwung.app.journey_why import why

        return why(self.workspace, named, customer_id)

    def segments(self) -> "list[Segment]":
        """All segments: `.name`, `.rule`, `.list.size`, `.to_json()`."""
        from schwung.app.segments import segments

        return segments(self.workspace)

    def segment_preview(self, rule: Mapping[str, Any], **asked: Any) -> "Preview":
        """Who fits a rule now: `.size`, `.nodes`, `.sample`. sample, seed, engine."""
        from schwung.app.segments import preview

        return preview(self.workspace, rule, **asked)

    def template_preview(self, name: str, **asked: Any) -> "TemplatePreview":
        """A template as a customer would get it: `.rendered.subject`, `.html`, `.text`, `.findings`. customer_id, language, variables."""
        from schwung.app.templates import preview, read_template

        return preview(self.workspace, read_template(self.workspace, name).template, **asked)

    def experiment(self, name: str, **asked: Any) -> "ExperimentResult":
        """What an experiment brought: `.compared`, `.groups`, `.state`, `.to_json()`. by, engine."""
        from schwung.app.analyses.experiment import experiment_result

        return experiment_result(self.workspace, name, **asked)

    def value_proved(self) -> "Proved":
        """Margin that all journeys added in the last twelve months: `.whole`, `.months`, `.to_json()`."""
        from schwung.app.analyses.value_proved import value_proved

        return value_proved(self.workspace)

    def uplift(self, name: str, **asked: Any) -> "Uplift":
        """Whom an experiment's action moves: `.is_usable`, `.words`, `.models`, `.to_json()`. arm, seed, engine."""
        from schwung.app.analyses.uplift import uplift

        return uplift(self.workspace, name, **asked)
