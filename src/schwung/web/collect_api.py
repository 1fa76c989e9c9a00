"""The intake over HTTP, a plain ASGI application: the Segment spec's paths, limits before memory, durable before 200."""

import asyncio
import uuid
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any

import msgspec
from msgspec import UNSET

from schwung.app.keys import Caller, authenticate, is_remembered
from schwung.app.log import described, log
from schwung.app.receive import Receiver
from schwung.app.webhooks import events_of_webhook
from schwung.app.wiring import Workspace
from schwung.collect.event import Call
from schwung.collect.wire import (
    CALLS,
    MOST_BATCH_EVENTS,
    MOST_BODY_BYTES,
    MOST_EVENT_BYTES,
    Accepted,
    Reception,
    Refused,
    read_batch,
    read_event,
    read_events,
    read_write_key,
)
from schwung.core.text import Text
from schwung.unify.identifier import alias_kind, normalize
from schwung.web.api.caller import key_of
from schwung.web.problems import MEDIA_TYPE, Problem, language_of, problem_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

_SUCCESS = b'{"success": true}'
_BATCH = ("batch", "import", "b")
# Path → call; the single letters are those of browser clients.
CALL_OF_PATH: Mapping[str, Call] = {
    **{name: name for name in CALLS},
    **{name[0]: name for name in CALLS},
}
_BODY_SECONDS = 30
_TOO_LARGE_ONE = frozenset(("event_too_large", "id_too_long"))


class Refusal(Exception):
    """A request that is answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def _refusal(status: int, code: str, message: Text, step: Text) -> Refusal:
    return Refusal(Problem(status, code, message, step))


_KEY_WRONG = Text(
    en="The write key is missing, wrong or revoked.", de="Der Schreibschlüssel fehlt, ist falsch oder widerrufen."
)
_KEY_STEP = Text(
    en="Send a key of scope write as the user name of Basic authentication, or as writeKey in the body.",
    de="Einen Schlüssel mit Bereich write als Benutzername der Basic-Anmeldung oder als writeKey im Inhalt senden.",
)
_JSON_STEP = Text(
    en="Send one JSON object in UTF-8, as the Segment spec says.",
    de="Ein JSON-Objekt in UTF-8 senden, wie es die Segment-Spezifikation beschreibt.",
)


class Intake:
    """ASGI application for everything below /v1/."""

    def __init__(self, workspace: Workspace, receiver: Receiver) -> None:
        self._workspace = workspace
        self._receiver = receiver
        origins = workspace.settings.serve.cors_origins
        self._any_origin = "*" in origins
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        extra = self._cors(headers.get(b"origin"))
        unread = True
        try:
            if scope["method"] == "OPTIONS":
                return await _answer(send, 204, b"", [*extra, *_PREFLIGHT])
            call, hook = _call_of(scope["path"], scope["method"])
            key = key_of(headers[b"authorization"].decode("latin-1")) if b"authorization" in headers else None
            caller = await self._caller(key) if b"authorization" in headers else None
            body = await _body(headers, receive, MOST_BODY_BYTES if call is None else MOST_EVENT_BYTES)
            unread = False
            accepted, refused = await self._read(body, call, hook, caller)
            await self._receiver.receive(accepted, refused, len(body))
        except Refusal as refusal:
            await _refuse(send, refusal.problem, headers, extra, unread)
        except Exception as error:
            problem = problem_of(error)
            if problem.status == 500:
                log("intake_failed", level="error", **described(error))
            await _refuse(send, problem, headers, extra, unread)
        else:
            await _answer(send, 200, _SUCCESS, extra)

    async def _caller(self, key: str | None) -> Caller:
        """Answered from memory where it can be; else in a thread, since a lost database would hold up the loop."""
        if key and is_remembered(self._workspace, key):
            caller = authenticate(self._workspace, key, "write")
        else:
            caller = await asyncio.to_thread(authenticate, self._workspace, key, "write")
        if caller is None:
            raise _refusal(401, "key_wrong", _KEY_WRONG, _KEY_STEP)
        return caller

    async def _read(
        self, body: bytes, call: Call | None, hook: str | None, caller: Caller | None
    ) -> tuple[list[Accepted], list[Refused]]:
        try:
            if hook is not None:
                caller = caller or await self._caller(None)
                events = events_of_webhook(self._workspace, hook, body)
                found: Sequence[Accepted | Refused] = read_events(events, None, UNSET, self._reception(caller))
            elif call is not None:
                key = read_write_key(body)
                caller = caller or await self._caller(key)
                found = [read_event(body, call, self._reception(caller))]
                if isinstance(found[0], Refused) and found[0].reason.code in _TOO_LARGE_ONE:
                    raise _refusal(400, found[0].reason.code, found[0].reason.text, _SHORTER)
            else:
                batch = read_batch(body)
                caller = caller or await self._caller(batch.write_key)
                if len(batch.batch) > MOST_BATCH_EVENTS:
                    raise _too_large(f"{MOST_BATCH_EVENTS}")
                found = read_events(batch.batch, batch.sent_at, batch.context, self._reception(caller))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _broken(error) from error
        accepted = [event for event in found if type(event) is Accepted]
        return accepted, [] if len(accepted) == len(found) else [event for event in found if type(event) is Refused]

    def _reception(self, caller: Caller) -> Reception:
        return Reception(
            caller.source,
            self._workspace.clock(),
            _normalizer(self._workspace.settings.workspace.country),
            alias_kind,
            _new_id,
            caller.requires_consent,
            caller.consent_categories,
        )

    def _cors(self, origin: bytes | None) -> list[Header]:
        if origin is None:
            return []
        if self._any_origin:
            return [(b"access-control-allow-origin", b"*")]
        if origin in self._origins:
            return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
        return [(b"vary", b"origin")]


def _call_of(path: str, method: str) -> tuple[Call | None, str | None]:
    """The call and the webhook that the path names; neither for a batch."""
    name = path.rstrip("/").removeprefix("/v1/")
    call = CALL_OF_PATH.get(name)
    hook = name.removeprefix("webhook/") if name.startswith("webhook/") else None
    if call is None and hook is None and name not in _BATCH:
        raise _refusal(
            404,
            "not_found",
            Text(en="There is no such call.", de="Diesen Aufruf gibt es nicht."),
            Text(
                en="See /openapi.json for the calls below /v1/.", de="Die Aufrufe unter /v1/ stehen in /openapi.json."
            ),
        )
    if method != "POST":
        raise _refusal(
            405,
            "method_wrong",
            Text(en="Events are sent by POST.", de="Ereignisse werden mit POST gesendet."),
            Text(en="Use POST.", de="POST verwenden."),
        )
    return call, hook


_PREFLIGHT: list[Header] = [
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding, x-retry-count"),
    (b"access-control-max-age", b"600"),
]
_SHORTER = Text(en="Shorten it and send it again.", de="Kürzen und erneut senden.")


@cache
def _normalizer(country: str) -> Callable[[str, object], str | None]:
    """Reads identifiers as people of that country write them; the last ones are remembered."""
    return lru_cache(maxsize=20_000)(partial(normalize, country=country))


def _new_id() -> str:
    return str(uuid.uuid4())


async def _body(headers: Mapping[bytes, bytes], receive: Receive, most: int) -> bytes:
    """The body, unpacked, at most `most` bytes; what is more is never held."""
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    if encoding not in (b"", b"identity", b"gzip"):
        raise _refusal(
            415,
            "encoding_unknown",
            Text(
                en="The body is packed in a way that is not known here.",
                de="Der Inhalt ist auf eine hier unbekannte Weise gepackt.",
            ),
            Text(en="Send it as it is or with gzip.", de="Ungepackt oder mit gzip senden."),
        )
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        raise _too_large(f"{most // 1024} KB")
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _broken(None)
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise _too_large(f"{most // 1024} KB")
                parts.append(part)
                if not message.get("more_body"):
                    break
    except TimeoutError as error:
        raise _refusal(
            408,
            "body_slow",
            Text(en="The body did not arrive in time.", de="Der Inhalt kam nicht rechtzeitig an."),
            Text(en="Send it again.", de="Erneut senden."),
        ) from error
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    return _unpacked(body, most) if encoding == b"gzip" else body


def _unpacked(body: bytes, most: int) -> bytes:
    """Never more than one byte beyond `most`, whatever the body claims to hold."""
    stream = zlib.decompressobj(wbits=31)
    try:
        content = stream.decompress(body, most + 1)
    except zlib.error as error:
        raise _broken(error) from error
    if len(content) > most or stream.unconsumed_tail:
        raise _too_large(f"{most // 1024} KB")
    if not stream.eof or stream.unused_data:
        raise _broken(None)
    return content


def _too_large(limit: str) -> Refusal:
    return _refusal(
        413,
        "body_too_large",
        Text(
            en="The body is larger than allowed: {limit} are the most.",
            de="Der Inhalt ist zu groß: Erlaubt sind {limit}.",
        ).fill(limit=limit),
        Text(
            en="Send smaller batches: 500 KB and 32 KB for each event.",
            de="Kleinere Stapel senden: 500 KB und 32 KB je Ereignis.",
        ),
    )


def _broken(error: BaseException | None) -> Refusal:
    """What is wrong with the body, without a word of its content."""
    if isinstance(error, UnicodeDecodeError):
        what = Text(en="The body is not UTF-8 (byte {place}).", de="Der Inhalt ist kein UTF-8 (Byte {place}).").fill(
            place=error.start
        )
        return _refusal(400, "json_broken", what, _JSON_STEP)
    if isinstance(error, RecursionError):
        deep = Text(en="The JSON is nested too deeply.", de="Das JSON ist zu tief geschachtelt.")
        return _refusal(400, "json_too_deep", deep, _JSON_STEP)
    if isinstance(error, zlib.error) or error is None:
        cut = Text(en="The body is cut short or not gzip.", de="Der Inhalt ist abgeschnitten oder kein gzip.")
        return _refusal(400, "body_broken", cut, _JSON_STEP)
    return _refusal(
        400,
        "json_broken",
        Text(en="The body is not the JSON that was expected.", de="Der Inhalt ist nicht das erwartete JSON."),
        _JSON_STEP,
    )


async def _refuse(
    send: Send, problem: Problem, headers: Mapping[bytes, bytes], extra: list[Header], unread: bool
) -> None:
    """unread: the body was not taken from the line, so that the line cannot serve another request."""
    own: list[Header] = [*extra, (b"content-type", MEDIA_TYPE.encode())]
    if unread:
        own.append((b"connection", b"close"))
    if problem.retry_after is not None:
        own.append((b"retry-after", str(problem.retry_after).encode()))
    if problem.status == 401:
        own.append((b"www-authenticate", b'Basic realm="schwung"'))
    if problem.status == 405:
        own.append((b"allow", b"POST, OPTIONS"))
    language = language_of(headers.get(b"accept-language", b"").decode("latin-1"))
    await _answer(send, problem.status, problem.document(language), own)


async def _answer(send: Send, status: int, body: bytes, headers: list[Header]) -> None:
    own = headers if status >= 400 or not body else [*headers, (b"content-type", b"application/json")]
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*own, (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})
