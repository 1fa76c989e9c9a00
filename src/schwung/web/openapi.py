"""The OpenAPI document: what FastAPI knows of the API, and the intake, which stands beside FastAPI's routing."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from schwung.collect.wire import CALLS, MOST_BATCH_EVENTS, MOST_BODY_BYTES, MOST_EVENT_BYTES, MOST_ID_CHARACTERS
from schwung.web.problems import MEDIA_TYPE

_TEXT = {"type": ["string", "null"]}
_ID = {"type": ["string", "integer", "null"], "maxLength": MOST_ID_CHARACTERS}
_TIME = {
    "type": ["string", "number", "null"],
    "description": "ISO 8601 (UTC where it names no zone), or seconds or milliseconds since 1970.",
}
_OBJECT = {"type": ["object", "null"], "additionalProperties": True}
_EVENT = {
    "type": "object",
    "properties": {
        "type": {
            "type": "string",
            "enum": list(CALLS),
            "description": "Needed in a batch; elsewhere the path says it.",
        },
        "messageId": {**_ID, "description": "What makes the event unique within its source; made where it is missing."},
        "userId": _ID,
        "anonymousId": _ID,
        "previousId": {**_ID, "description": "alias: the former id."},
        "groupId": {**_ID, "description": "group: the group."},
        "event": {**_TEXT, "description": "track: what happened, such as Order Completed."},
        "name": {**_TEXT, "description": "page, screen: its name."},
        "category": _TEXT,
        "timestamp": _TIME,
        "originalTimestamp": _TIME,
        "sentAt": _TIME,
        "properties": _OBJECT,
        "traits": _OBJECT,
        "context": {**_OBJECT, "description": "context.ip is never stored."},
    },
    "additionalProperties": True,
}
_WRITE_KEY = {**_TEXT, "description": "The key, where it does not come as the user name of Basic authentication."}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "message", "step"],
    "properties": {
        "type": {"type": "string", "description": "urn:schwung:problem:<code>"},
        "title": {"type": "string", "description": "What happened, in the language of Accept-Language."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened and what to do next."},
        "code": {"type": "string", "description": "Stable; see docs/reference/errors.md."},
        "message": {"type": "string"},
        "step": {"type": "string", "description": "What to do next."},
    },
}
_RETRY = {"Retry-After": {"description": "Seconds after which to send the same again.", "schema": {"type": "integer"}}}


def describe(app: FastAPI, *, intake: bool) -> None:
    """Complete the document that /openapi.json serves; it is made on first use."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, routes=app.routes)
            components = found.setdefault("components", {})
            components.setdefault("schemas", {}).update({"Problem": _PROBLEM, "Event": _EVENT})
            components.setdefault("securitySchemes", {}).setdefault("HTTPBasic", {"type": "http", "scheme": "basic"})
            for path in found["paths"].values():
                for operation in path.values():
                    _problems_of_api(operation)
            if intake:
                found["paths"].update({f"/v1/{call}": {"post": _single(call)} for call in CALLS})
                found["paths"]["/v1/batch"] = {"post": _batch()}
                found["paths"]["/v1/webhook/{name}"] = {"post": _webhook()}
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _problems_of_api(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "422" in responses:
        responses["422"] = _problem("A parameter is wrong.")
    responses.setdefault("400", _problem("The request is wrong."))
    responses.setdefault("503", _problem("The server cannot work at the moment.", _RETRY))
    if "security" in operation:
        responses.setdefault("401", _problem("The key is missing, wrong or revoked."))
        responses.setdefault("403", _problem("The key may not do this."))
        responses.setdefault("404", _problem("There is nothing at this address."))


def _problem(description: str, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return found | ({"headers": headers} if headers else {})


def _operation(name: str, summary: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": schema}
    return {
        "tags": ["intake"],
        "operationId": f"send_{name}",
        "summary": summary,
        "description": description,
        "security": [{"HTTPBasic": []}, {}],
        "requestBody": {"required": True, "content": {"application/json": content, "text/plain": content}},
        "responses": {
            "200": {
                "description": "Every event is on disk: taken in, known already, or in quarantine with its reason.",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": {"success": {"const": True}},
                            "required": ["success"],
                        }
                    }
                },
            },
            "400": _problem("Broken JSON, no UTF-8, or an id beyond its length."),
            "401": _problem("The write key is missing, wrong or revoked."),
            "408": _problem("The body did not arrive in time."),
            "413": _problem("The body is larger than allowed."),
            "415": _problem("The body is packed in an unknown way; gzip is known."),
            "429": _problem("Too many events wait.", _RETRY),
            "503": _problem("The store cannot be written at the moment.", _RETRY),
        },
    }


def _single(call: str) -> dict[str, Any]:
    schema = {
        "allOf": [{"$ref": "#/components/schemas/Event"}],
        "type": "object",
        "properties": {"writeKey": _WRITE_KEY},
    }
    return _operation(call, f"Send one {call} event", f"At most {MOST_EVENT_BYTES // 1024} KB.", schema)


def _batch() -> dict[str, Any]:
    events = {"type": "array", "maxItems": MOST_BATCH_EVENTS, "items": {"$ref": "#/components/schemas/Event"}}
    schema = {
        "type": "object",
        "required": ["batch"],
        "properties": {"batch": events, "writeKey": _WRITE_KEY, "sentAt": _TIME, "context": _OBJECT},
    }
    description = (
        f"At most {MOST_BODY_BYTES // 1024} KB, {MOST_EVENT_BYTES // 1024} KB an event, {MOST_BATCH_EVENTS} events. "
        "An event that does not fit goes to quarantine with its reason; those beside it are taken in."
    )
    return _operation("batch", "Send many events", description, schema)


def _webhook() -> dict[str, Any]:
    operation = _operation(
        "webhook",
        "Send any JSON that a mapping of the workspace reads",
        f"At most {MOST_BODY_BYTES // 1024} KB. webhooks/NAME.yaml says how it becomes events.",
        {"description": "What the sender posts."},
    )
    operation["security"] = [{"HTTPBasic": []}]
    operation["parameters"] = [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}]
    operation["responses"]["404"] = _problem("There is no such webhook.")
    return operation
