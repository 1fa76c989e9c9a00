"""What a notebook asks about segments, journeys and messages: a part of `schwung.open(...)`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schwung.app.wiring import Workspace

if TYPE_CHECKING:
    from schwung.app.segments import Preview, Segment


class ActDoor:
    """Mixed into `Shop`."""

    workspace: Workspace

    def segments(self) -> "list[Segment]":
        """All segments: `.name`, `.rule`, `.list.size`, `.to_json()`."""
        from schwung.app.segments import segments

        return segments(self.workspace)

    def segment_preview(self, rule: Mapping[str, Any], **asked: Any) -> "Preview":
        """Who fits a rule now: `.size`, `.nodes`, `.sample`. sample, seed, engine."""
        from schwung.app.segments import preview

        return preview(self.workspace, rule, **asked)
