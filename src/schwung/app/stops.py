"""Stop switches: for one journey, one channel, or everything. What is due waits until they are lifted, unless it lapses."""

import re
from dataclasses import dataclass

from schwung.app import audit
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text

ALL = "all"
_SCOPE = re.compile(r"all|channel:[a-z_]{1,30}|journey:[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Stop:
    """scope: `all`, `channel:email`, `journey:7`."""

    scope: str
    stopped_by: str
    stopped_at: Instant


def stops(workspace: Workspace) -> list[Stop]:
    with workspace.store.read() as tx:
        return [Stop(**row) for row in tx.rows("messages.stops")]


def stop(workspace: Workspace, scope: str, actor: str) -> bool:
    """From now on nothing of this scope is sent; what is with the provider already goes on. False: it was stopped."""
    _check(scope)
    with workspace.store.write() as tx:
        now = workspace.clock()
        done = bool(tx.run("messages.stop", scope=scope, stopped_by=actor, now=now))
        if done:
            audit.add(tx, now, actor, "sending_stopped", None, scope=scope)
    return done


def lift(workspace: Workspace, scope: str, actor: str) -> bool:
    """What waits goes on. False: it was not stopped."""
    _check(scope)
    with workspace.store.write() as tx:
        done = bool(tx.run("messages.lift_stop", scope=scope))
        kind, _, number = scope.partition(":")
        if done and kind == "journey":
            tx.run("messages.release_held", journey_no=int(number))
        if done:
            audit.add(tx, workspace.clock(), actor, "sending_resumed", None, scope=scope)
    return done


def _check(scope: str) -> None:
    if not _SCOPE.fullmatch(scope):
        raise InputError(
            "scope_invalid",
            Text(en="“{scope}” is nothing that can be stopped.", de="„{scope}“ lässt sich nicht anhalten.").fill(
                scope=scope[:100]
            ),
            Text(
                en="Possible are all, a channel (channel:email), a journey (journey:7).",
                de="Möglich sind alles (all), ein Kanal (channel:email), eine Strecke (journey:7).",
            ),
        )
