"""One call of an operation: the request held against the contract, sent, and the answer held against it."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.contract.conformance.schemas import misfits
from tests.contract.conformance.specification import Declared, resolved

JSON = "application/json"
OCTETS = "application/octet-stream"
FORM = "multipart/form-data"
Values = Mapping[str, Any]


def send(
    http: httpx.Client,
    declared: Declared,
    path: Values,
    query: Values,
    json: Any,
    content: bytes | None,
    form: Values | None = None,
) -> httpx.Response:
    """Send it as the contract spells it: path in its own case, lists of the query comma-joined, bytes of a form as a
    file."""
    check_request(declared, path, query, json, content, form)
    headers = {"Content-Type": OCTETS} if content is not None else {}
    return http.request(
        declared.method,
        f"/face/{declared.version}{declared.path.format(**path)}",
        params={name: _text(value) for name, value in query.items()},
        headers=headers,
        json=json,
        content=content,
        files=_parts(form) if form else None,
    )


def _parts(form: Values) -> list[tuple[str, tuple[str | None, Any]]]:
    return [
        (name, ("picture.jpg", value) if isinstance(value, bytes) else (None, _text(value)))
        for name, value in form.items()
    ]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def check_request(
    declared: Declared, path: Values, query: Values, json: Any, content: bytes | None, form: Values | None
) -> None:
    """That the contract's version declares exactly such a request, so that no test rests on what we merely accept."""
    known: dict[str, dict[str, Mapping[str, Any]]] = {"path": {}, "query": {}, "body": {}, "formData": {}}
    for parameter in declared.parameters:
        known[parameter["in"]][parameter["name"]] = parameter
    for place, values in (("path", path), ("query", query), ("formData", form or {})):
        required = {name for name, parameter in known[place].items() if parameter.get("required")}
        assert required <= set(values) <= set(known[place]), f"{place} of {declared.name}: {sorted(values)}"
        for name, value in values.items():
            if known[place][name]["type"] == "file":
                assert isinstance(value, bytes)
                assert declared.consumes == (FORM,)
                continue
            fits(_text(value) if known[place][name]["type"] == "string" else value, known[place][name], declared, name)
    body = next(iter(known["body"].values()), None)
    if body is None:
        assert json is None
        assert content is None
    else:
        _check_body(declared, body["schema"], json, content)


def _check_body(declared: Declared, schema: Mapping[str, Any], json: Any, content: bytes | None) -> None:
    if resolved(schema, declared.document).get("format") in {"binary", "file"}:
        assert content
        assert declared.consumes == (OCTETS,)
    else:
        assert declared.consumes == (JSON,)
        fits(json, schema, declared, "body")


def check_answer(declared: Declared, answer: httpx.Response) -> None:
    """A declared success: its headers there, its body as its schema says, or truly none where there is no schema."""
    shown = f"{declared.version} {declared.name}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code in declared.successes, shown
    response = declared.responses[str(answer.status_code)]
    for name, header in response.get("headers", {}).items():
        assert name in answer.headers, f"{shown} lacks {name}"
        fits(answer.headers[name], header | {"format": "uri"}, declared, name)
    if response.get("schema", {}).get("type") == "file":
        assert answer.headers["content-type"] == OCTETS, shown
        assert answer.content, shown
    elif "schema" in response:
        assert answer.headers["content-type"].split(";")[0] == JSON, shown
        fits(answer.json(), response["schema"], declared, "answer")
    else:
        assert answer.content == b"", shown
        assert answer.headers.get("content-length", "0") == "0", shown


def fits(value: Any, schema: Mapping[str, Any], declared: Declared, what: str) -> None:
    wrong = misfits(value, schema, declared.document)
    assert not wrong, f"{declared.version} {declared.name}, {what}: {wrong}"


def check_refusal(declared: Declared, answer: httpx.Response, status: int, code: str) -> None:
    """The contract's error shape, which its "default" response declares, with this status and code."""
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert answer.headers["x-ms-error-code"] == code
    fits(answer.json(), declared.responses["default"]["schema"], declared, "error")
