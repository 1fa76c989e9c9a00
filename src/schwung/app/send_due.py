"""What the worker does about messages: sends what is due, judges openings and clicks, reads the mailbox of bounces."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from schwung.act.channel import Channel, Outgoing, Refused
from schwung.act.tracking import tracked
from schwung.app import law
from schwung.app.claim import Claimed
from schwung.app.deliver import Deliverer, Post
from schwung.app.double_opt_in import settle_confirmed
from schwung.app.post import WorkspacePost
from schwung.app.process import Heartbeat
from schwung.app.touches import settle_touches
from schwung.app.wiring import Workspace

TRACKING_PATH = "/m/"


class MeasuredPost:
    """A post whose e-mails tell when they were opened and which links were followed, where the person agreed to that."""

    def __init__(self, workspace: Workspace, inner: Post) -> None:
        self._workspace, self._inner = workspace, inner

    @property
    def channels(self) -> Mapping[str, Channel]:
        return self._inner.channels

    def render(self, messages: Sequence[Claimed]) -> Mapping[int, Outgoing | Refused]:
        made = dict(self._inner.render(messages))
        base = self._workspace.settings.serve.public_url.rstrip("/")
        if not base:
            return made
        numbers = [one.message_no for one in messages if one.channel == "email" and one.is_advertising]
        with self._workspace.store.read() as tx:
            agreed = law.tracked(tx, numbers, self._workspace.clock()) if numbers else frozenset()
        for number in agreed:
            one = made[number]
            if isinstance(one, Outgoing):
                page, _ = tracked(
                    one.rendered.html, number, self._workspace.secret, lambda token: f"{base}{TRACKING_PATH}{token}",
                    lambda url: url.startswith(f"{base}/"),
                )  # fmt: skip
                made[number] = replace(one, rendered=replace(one.rendered, html=page))
        return made

    def close(self) -> None:
        self._inner.close()


class SendDue:
    """For one worker. Channels are opened anew when their settings change."""

    def __init__(self, workspace: Workspace, stop: threading.Event, heartbeat: Heartbeat) -> None:
        self._workspace, self._stop, self._heartbeat = workspace, stop, heartbeat
        self._opened_with: object = None
        self._deliverer: Deliverer | None = None

    def __call__(self) -> bool:
        """True when something was due. SetupError where a channel is set up wrongly."""
        settled = settle_confirmed(self._workspace)
        settled = settle_touches(self._workspace) or settled
        return self._current().round() or settled

    def _current(self) -> Deliverer:
        settings = self._workspace.settings
        wanted = (settings.email, settings.webhook)
        if self._deliverer is None or wanted != self._opened_with:
            self.close()
            post = MeasuredPost(self._workspace, WorkspacePost(self._workspace))
            self._deliverer, self._opened_with = Deliverer(self._workspace, post, self._stop, self._heartbeat), wanted
        return self._deliverer

    def close(self) -> None:
        if self._deliverer is not None:
            self._deliverer.close()
            self._deliverer = None
