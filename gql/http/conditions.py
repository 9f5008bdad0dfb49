"""Requests that depend on what the client has already (RFC 9110, section 13)."""

import re
from enum import Enum, auto
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

_PARTICULAR: Final = frozenset({b"if-match", b"if-none-match", b"if-range", b"range"})
_ENTITY_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


class Verdict(Enum):
    SEND = auto()
    NOT_MODIFIED = auto()
    PRECONDITION_FAILED = auto()


def wants_all(scope: Scope) -> bool:
    """Whether all of the content is asked for, whatever the client has of it: so are nearly all requests."""
    return scope["method"] == "GET" and _PARTICULAR.isdisjoint(dict(scope["headers"]))


def verdict(headers: Headers, etag: str) -> Verdict:
    """What the preconditions come to for content with a strong `etag`, in the order of section 13.2.2.

    Content has no date of its own, so conditions on dates are ignored (sections 13.1.3 and 13.1.4).
    """
    if_match, if_none_match = _tags(headers, "if-match"), _tags(headers, "if-none-match")
    if if_match is not None and etag not in if_match and "*" not in if_match:
        return Verdict.PRECONDITION_FAILED
    if if_none_match is not None and {etag, f"W/{etag}", "*"} & if_none_match:
        return Verdict.NOT_MODIFIED
    return Verdict.SEND


def range_applies(headers: Headers, etag: str) -> bool:
    """Whether the parts that a client has are parts of this content (If-Range, section 13.1.5)."""
    return headers.get("if-range", etag).strip() == etag


def _tags(headers: Headers, name: str) -> set[str] | None:
    values = headers.getlist(name)
    if not values:
        return None
    text = ", ".join(values)
    return {"*"} if text.strip() == "*" else set(_ENTITY_TAG.findall(text))
