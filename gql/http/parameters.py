"""The parameters of a GraphQL-over-HTTP request (§5.1), checked for their shape."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

import msgspec

from gql.errors import RequestError

_NAMES: Final = frozenset({"query", "operationName", "variables", "extensions"})
_MAX_FIELDS: Final = 100


class Parameters(msgspec.Struct):
    """What is to be executed. Absent and null mean the same; unknown properties are ignored."""

    query: str
    operationName: str | None = None  # noqa: N815 - the name on the wire
    variables: dict[str, object] | None = None
    extensions: dict[str, object] | None = None


def from_json(body: bytes) -> Parameters:
    """Raises RequestError."""
    try:
        return msgspec.json.decode(body, type=Parameters)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if body.lstrip(b" \t\r\n").startswith(b"["):
            raise _batch() from None
        raise malformed("The request", error) from None


def from_query(query: bytes) -> Parameters:
    """Raises RequestError. An empty parameter is an absent one, except for `query` (§5.3)."""
    given: dict[str, str] = {}
    for name, value in _pairs(query):
        if name in given:
            raise RequestError.because("BAD_REQUEST", f"The parameter {name!r} is given twice.")
        if name in _NAMES:
            given[name] = value
    if "query" not in given:
        raise RequestError.because("BAD_REQUEST", "The parameter 'query' is missing.")
    variables, extensions = (_map(name, given.get(name, "")) for name in ("variables", "extensions"))
    return Parameters(given["query"], given.get("operationName") or None, variables, extensions)


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        text = query.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise RequestError.because("BAD_REQUEST", "The query string of the URL cannot be read.") from None


def _map(name: str, text: str) -> dict[str, object] | None:
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, object] | None)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise malformed(f"The parameter {name!r}", error) from None


def malformed(what: str, error: Exception, *, code: str = "BAD_REQUEST") -> RequestError:
    """What is wrong with JSON that could not be decoded."""
    match error:
        case RecursionError():
            reason = "it is nested too deeply"
        case UnicodeError():
            reason = "it is not valid UTF-8"
        case _:
            reason = str(error)
    return RequestError.because(code, f"{what} is malformed: {reason}.")


def _batch() -> RequestError:
    message = "Send one operation in one request: batches are not supported."
    return RequestError.because("BATCHING_NOT_SUPPORTED", message)
