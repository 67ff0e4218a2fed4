"""Describes a table of routes as an OpenAPI 3.1 document, from the types that validate."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from hub.errors import (
    FORBIDDEN,
    MALFORMED,
    MEDIA_TYPE,
    RATE_LIMITED,
    SESSION_LOCKED,
    TOO_LARGE,
    UNAUTHENTICATED,
    Kind,
)
from hub.http.routes import JSON, Nothing, Route
from hub.operators.csrf import COOKIE, HEADER, READING

_REFERENCE = "#/components/schemas/{name}"


class ProblemDetails(msgspec.Struct, frozen=True):
    """What went wrong (RFC 9457); some problems have further members."""

    type: str
    title: str
    status: int
    detail: str


def document(routes: Sequence[Route], version: str) -> dict[str, object]:
    """Return the OpenAPI document of all listed routes."""
    listed = [route for route in routes if route.listed]
    types = [kind for route in listed for kind in (route.body, route.answer) if kind is not None]
    _, components = msgspec.json.schema_components(
        [*dict.fromkeys(types), ProblemDetails], ref_template=_REFERENCE
    )
    paths: dict[str, dict[str, object]] = {}
    for route in listed:
        paths.setdefault(_path(route), {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jackson RTCC hub",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "csrf": {"type": "apiKey", "in": "header", "name": HEADER},
            },
        },
    }


def _path(route: Route) -> str:
    """Return the path as OpenAPI writes it, which knows no tails."""
    return route.path.replace(":.+}", "}")


def _operation(route: Route) -> dict[str, object]:
    operation: dict[str, object] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "responses": _responses(route),
        "security": _security(route),
    }
    if route.scope is not None:
        operation["description"] = f"Needs the scope `{route.scope}`."
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: _content(route.body)}}
    elif route.takes:
        plain = {media: {"schema": {"type": "string"}} for media in route.takes}
        operation["requestBody"] = {"required": True, "content": plain}
    return operation


def _security(route: Route) -> list[dict[str, object]]:
    if route.public:
        return []
    session: dict[str, object] = {"session": []}
    if route.method not in READING:
        session["csrf"] = []
    if route.session:
        return [session]
    return [*([{}] if route.optional else []), {"token": []}, session]


def _parameters(route: Route) -> list[dict[str, object]]:
    parameters: list[dict[str, object]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", _path(route))
    ]
    if route.query is not Nothing:
        definitions: dict[str, Any] = msgspec.json.schema(route.query)["$defs"]
        schema = definitions[route.query.__name__]
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "schema": _inline(member, definitions),
            }
            for name, member in schema["properties"].items()
        ]
    return parameters


def _inline(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if (reference := schema.get("$ref")) is not None:
        return dict(definitions[reference.rsplit("/", 1)[1]])
    # What may be left out of a query is never null in it.
    said = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return _inline(said[0], definitions) if len(said) == 1 else schema


def _responses(route: Route) -> dict[str, object]:
    good: dict[str, object] = {"description": route.summary}
    if route.answer is not None:
        good["content"] = {route.media: _content(route.answer)}
    elif route.media != JSON:
        good["content"] = {route.media: {"schema": {"type": "string"}}}
    if route.also:
        plain = {media: {"schema": {"type": "string"}} for media in route.also}
        good["content"] = {JSON: _content(route.answer), **plain} if route.answer else plain
    if route.headers:
        good["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in route.headers.items()
        }
    answers: dict[str, object] = {str(route.status): good}
    by_status: dict[str, list[Kind]] = {}
    for kind in _problems(route):
        by_status.setdefault(str(kind.status), []).append(kind)
    for status, kinds in sorted(by_status.items()):
        answers[status] = {
            "description": "; ".join(f"{kind.title} (`{kind.type}`)" for kind in kinds),
            "content": {"application/problem+json": _content(ProblemDetails)},
        }
    return answers


def _problems(route: Route) -> list[Kind]:
    kinds = [*route.problems]
    kinds.append(RATE_LIMITED)
    if not route.public:
        kinds += [UNAUTHENTICATED, FORBIDDEN]
        if not route.locked:
            kinds.append(SESSION_LOCKED)
    if route.body is not None or route.takes:
        kinds += [MALFORMED, TOO_LARGE, MEDIA_TYPE]
    elif route.query is not Nothing:
        kinds.append(MALFORMED)
    return list(dict.fromkeys(kinds))


def _content(kind: type[msgspec.Struct]) -> dict[str, object]:
    return {"schema": {"$ref": _REFERENCE.format(name=kind.__name__)}}
