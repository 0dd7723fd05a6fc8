"""The local API as an OpenAPI 3.1 document, made of the types that answer: it cannot tell of another one.

docs/openapi.json is a copy; the daemon serves it at ``/api/openapi.json``.
"""

from __future__ import annotations

__all__ = ["api_document"]

from typing import Any

import msgspec

from crawler.daemon.api.control import Changed, DaemonView, Refusal, RunView, Triggered, TriggerRequest

_TYPES = (Changed, DaemonView, Refusal, RunView, Triggered, TriggerRequest)
_SITE = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}, "description": "the site's name"}
_RUN = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": "the run's id"}


def api_document() -> dict[str, Any]:
    """Return the document."""
    _, schemas = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Warraq's local API",
            "version": "1",
            "description": "HTTP over the Unix socket `warraq.sock` in the state folder, open to the daemon's user only"
            " (`curl --unix-socket state/warraq.sock http://warraq/api/status`). If that path is too long for a "
            "socket, the"
            " daemon says at its start where it listens.",
        },
        "paths": {
            "/api/runs": {"post": _trigger()},
            "/api/runs/{id}": {"get": _run()},
            "/api/status": {"get": _operation("status", "Workers, open runs, fires and sites", {"200": DaemonView})},
            "/api/sites/{name}/pause": {"post": _site("pause", "Stop the site's schedule from firing")},
            "/api/sites/{name}/resume": {"post": _site("resume", "Let the site's schedule fire again")},
        },
        "components": {"schemas": schemas},
    }


def _trigger() -> dict[str, Any]:
    made = _operation(
        "trigger",
        "Queue a run of each site that the targets mean; one that would do the same and is open is returned instead",
        {"202": Triggered, "400": Refusal},
    )
    return {**made, "requestBody": {"required": True, "content": _content(TriggerRequest)}}


def _run() -> dict[str, Any]:
    made = _operation("run", "A run with counts, progress and failures", {"200": RunView, "404": Refusal})
    return {**made, "parameters": [_RUN]}


def _site(name: str, summary: str) -> dict[str, Any]:
    return {**_operation(name, summary, {"200": Changed, "400": Refusal}), "parameters": [_SITE]}


def _operation(name: str, summary: str, answers: dict[str, type[msgspec.Struct]]) -> dict[str, Any]:
    """Return an operation; each may also meet a database in trouble (503)."""
    kinds: dict[str, type[msgspec.Struct]] = {**answers, "503": Refusal}
    responses = {code: {"description": _MEANING[code], "content": _content(kind)} for code, kind in kinds.items()}
    return {"operationId": name, "summary": summary, "responses": responses}


def _content(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


_MEANING = {
    "200": "done",
    "202": "queued",
    "400": "a mistake of the caller",
    "404": "there is no such run",
    "503": "the database is in trouble; try again",
}
