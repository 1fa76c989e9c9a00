"""Webhooks that let customers into journeys without a key: by an unguessable address, signed where the journey asks for it."""

import time
from collections import OrderedDict

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from schwung.app.journey_hooks import MOST_BYTES, journey_of_hook, take_hook
from schwung.app.log import described, log
from schwung.core.errors import InputError, SchwungError
from schwung.core.text import Text
from schwung.web.console import guard
from schwung.web.problems import Problem, problem_of, response_of
from schwung.web.public.answer import PATIENCE

router = APIRouter(prefix="/p", include_in_schema=False)
MOST_A_MINUTE = 600
_STATUS = {"hook_unsigned": 401, "journey_not_live": 409, "journey_no_webhook": 409}
_TOO_OFTEN = Problem(
    429,
    "hook_too_often",
    Text("That was too often.", "Das war zu oft."),
    Text("Send the same again in a minute.", "Dasselbe in einer Minute noch einmal senden."),
    60,
)
_TOO_LARGE = Problem(
    413,
    "hook_too_large",
    Text("The body is too large.", "Der Inhalt ist zu groß."),
    Text("Send at most 256 KB.", "Höchstens 256 KB senden."),
)


class Pace:
    """How often each journey may be called in a minute, by this server."""

    def __init__(self) -> None:
        self._called: OrderedDict[tuple[str, int], tuple[float, int]] = OrderedDict()

    def is_over(self, workspace: str, journey_no: int) -> bool:
        now = time.monotonic()
        until, count = self._called.pop((workspace, journey_no), (0.0, 0))
        until, count = (until, count + 1) if until > now else (now + 60.0, 1)
        self._called[workspace, journey_no] = until, count
        while len(self._called) > 1_000:
            self._called.popitem(last=False)
        return count > MOST_A_MINUTE


PACE = Pace()


@router.post("/hook/{token}")
async def hook(request: Request, token: str) -> Response:
    """202 when the customer was asked to enter; else a problem document."""
    body = await request.body()
    return await run_in_threadpool(_answer, request, token, body)


def _answer(request: Request, token: str, body: bytes) -> Response:
    workspace, caller = guard.workspace_of(request), guard.caller_address(request)
    if len(body) > MOST_BYTES:
        return response_of(_TOO_LARGE, request)
    try:
        if PATIENCE.is_over(caller):
            return response_of(_TOO_OFTEN, request)
        if PACE.is_over(str(workspace.folder), journey_of_hook(workspace, token)):
            return response_of(_TOO_OFTEN, request)
        take_hook(workspace, token, body, request.headers)
    except InputError as error:
        if error.code in ("hook_unknown", "hook_unsigned"):
            PATIENCE.note(caller)
        problem = problem_of(error)
        return response_of(problem._replace(status=_STATUS.get(error.code, problem.status)), request)
    except SchwungError as error:
        log("hook_failed", level="error", **described(error))
        return response_of(problem_of(error), request)
    return Response(status_code=202)
