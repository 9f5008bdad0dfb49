"""What clients are told when something goes wrong, in the form of GraphQL errors.

Refusals of the domain are translated here and nowhere else. Every error carries
`extensions.code`, which programs match on; the message is for people. What nobody expected is
logged whole under a correlation id, and the client is told that id and nothing more.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from graphql import FieldNode, GraphQLError

from domain.errors import (
    Conflict,
    FileTooLarge,
    InvalidInput,
    NotFound,
    Refusal,
    UnacceptableFile,
    Unavailable,
    UnsupportedType,
)

FormattedError: TypeAlias = dict[str, object]
"""A GraphQL error as it is sent (GraphQL §7.1.2)."""

INTERNAL: Final = "INTERNAL"

_log: Final = logging.getLogger(__name__)

_STATUS: Final[Mapping[type[Refusal], int]] = {
    Unavailable: 503,
    FileTooLarge: 413,
    UnsupportedType: 415,
    UnacceptableFile: 422,
    NotFound: 404,
    Conflict: 409,
    InvalidInput: 400,
    Refusal: 403,
}


class RequestError(Exception):
    """A request that is answered without being executed.

    `status` is the HTTP status, `headers` go with it. `errors` is never empty.
    """

    def __init__(
        self, errors: list[FormattedError], *, status: int, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors
        self.status = status
        self.headers = headers or {}

    @classmethod
    def because(
        cls, code: str, message: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> RequestError:
        return RequestError([_error(message, {"code": code})], status=status, headers=headers)


class DocumentError(RequestError):
    """A well-formed GraphQL-over-HTTP request whose document, operation or variables are refused.

    Its status is 400, but 200 where the answer is `application/json`: clients of that media type
    take any other status for a failure of something that is not GraphQL (GraphQL over HTTP §6.4.1).
    """

    def __init__(self, errors: list[FormattedError]) -> None:
        super().__init__(errors, status=400)

    @classmethod
    def single(cls, code: str, message: str) -> DocumentError:
        return cls([_error(message, {"code": code})])

    @classmethod
    def all(cls, code: str, errors: Iterable[GraphQLError]) -> DocumentError:
        return cls([_formatted(error, {"code": code, **(error.extensions or {})}) for error in errors])


def request_error(error: Exception) -> RequestError:
    """What stopped a request before it was executed, as an answer."""
    match error:
        case RequestError():
            return error
        case Refusal():
            status = next(_STATUS[kind] for kind in type(error).mro() if kind in _STATUS)
            return RequestError([refused(error)], status=status, headers=_retry(error))
        case _:
            return RequestError([internal(error)], status=500)


def refused(refusal: Refusal) -> FormattedError:
    return _error(refusal.message, _extensions(refusal))


def internal(error: BaseException) -> FormattedError:
    """Log an error that nobody expected; answers what may be told of it."""
    correlation_id = uuid.uuid4().hex
    extra = {"correlation_id": correlation_id}
    _log.error("unexpected error %s", correlation_id, exc_info=error, extra=extra)
    return _error(
        f"Something went wrong. When asking for help, name {correlation_id}.",
        {"code": INTERNAL, "correlationId": correlation_id},
    )


def execution_error(error: GraphQLError) -> FormattedError:
    """An error of a field, with its place in the document and in the result."""
    cause = _cause(error)
    if isinstance(cause, Refusal):
        return _formatted(error, _extensions(cause))
    if isinstance(cause, GraphQLError) and (code := _public_code(cause)) is not None:
        return _formatted(error, {**(cause.extensions or {}), "code": code})
    told = internal(cause)
    return {**_formatted(error, {}), **told}


def _cause(error: GraphQLError) -> Exception:
    """What was raised in the first place; graphql-core wraps it once for each level it passes."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _public_code(error: GraphQLError) -> str | None:
    """The code of an error that was meant for the client; None for a fault of the schema.

    graphql-core raises the same class where a client's argument turns out wrong in the middle of
    execution, and where a resolver answers what its type cannot say. The first names a value in the
    document, the second at most a field.
    """
    code = (error.extensions or {}).get("code")
    if isinstance(code, str):
        return code
    blames_value = any(not isinstance(node, FieldNode) for node in error.nodes or ())
    return "BAD_VARIABLES" if blames_value else None


def _extensions(refusal: Refusal) -> dict[str, object]:
    extensions: dict[str, object] = {"code": refusal.code}
    if refusal.field is not None:
        extensions["field"] = refusal.field
    if isinstance(refusal, Unavailable):
        extensions["retryAfter"] = refusal.retry_after
    return extensions


def _retry(refusal: Refusal) -> Mapping[str, str]:
    """Seconds (RFC 9110 §10.2.3)."""
    return {"retry-after": str(refusal.retry_after)} if isinstance(refusal, Unavailable) else {}


def _formatted(error: GraphQLError, extensions: Mapping[str, object]) -> FormattedError:
    return {**error.formatted, "extensions": dict(extensions)}


def _error(message: str, extensions: Mapping[str, object]) -> FormattedError:
    return {"message": message, "extensions": dict(extensions)}
