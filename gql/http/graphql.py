"""GraphQL over HTTP: from a request to its answer.

Follows the GraphQL over HTTP draft of August 2026, and where that has moved on (422 for what is not
well-formed or not valid), the `graphql-http` audits, which say 400.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from graphql import OperationType
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from domain.ports.content import ContentStore
from gql.errors import DocumentError, RequestError, request_error
from gql.http import parameters
from gql.http.answer import Answer, Result
from gql.http.body import Body, ClientGone, body_too_large
from gql.http.event_stream import MEDIA_TYPE, EventStreams, Results
from gql.http.execution import ContextFactory, Execution, Prepared, make_context
from gql.http.multipart import UploadForm
from gql.http.negotiation import AnswerType, MediaRange, accepts_events, negotiate
from gql.http.origin import PREFLIGHT_HEADERS, may_have_been_forged
from gql.limits import Limits

_METHODS: Final = "GET, POST"
_ACCEPTED: Final = "application/json or multipart/form-data"


class GraphQLEndpoint:
    """An ASGI application that answers GET and POST at one address."""

    def __init__(
        self, *, execution: Execution, context_factory: ContextFactory, store: ContentStore, limits: Limits
    ) -> None:
        self._execution = execution
        self._context_factory = context_factory
        self._store = store
        self._limits = limits
        self._negotiate = lru_cache(maxsize=100)(_Wanted.of)
        self.streams = EventStreams(limits.keep_alive_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        headers = request.headers
        body = Body(receive, headers, self._limits.idle_seconds)
        wanted = self._negotiate(", ".join(headers.getlist("accept")))
        try:
            answer = await self._answer(request, body, wanted)
            if not isinstance(answer, Answer):
                await self.streams.serve(answer, receive, send)
                return
        except ClientGone:
            return
        except Exception as error:
            answer = Answer.refusal(request_error(error), wanted.answer or AnswerType.JSON)
        await answer.send(send, body)

    async def _answer(self, request: Request, body: Body, wanted: _Wanted) -> Answer | Results:
        match request.method:
            case "GET":
                wanted.check()
                context = await self._context(request, wanted)
                given = parameters.from_query(request.scope["query_string"])
                return await self._carry_out(given, context, wanted, _refuse_changes)
            case "POST":
                return await self._post(request, body, wanted)
        raise _not_allowed(f"{request.method} is not supported", _METHODS)

    async def _post(self, request: Request, body: Body, wanted: _Wanted) -> Answer | Results:
        wanted.check()
        content_type = _content_type(request.headers)
        if content_type.name == "application/json":
            context = await self._context(request, wanted)
            given = await self._read_json(request.headers, body)
            return await self._carry_out(given, context, wanted, _refuse_subscription)
        if content_type.name == "multipart/form-data":
            media_type = wanted.answer_type()
            return Answer.result(await self._upload(request, body, content_type), media_type)
        raise _unsupported(f"Send {_ACCEPTED}, not {content_type.name[:100] or 'nothing at all'}.")

    async def _context(self, request: Request, wanted: _Wanted) -> object:
        if wanted.events:
            request.state.last_event_id = request.headers.get("last-event-id")
        return await make_context(self._context_factory, request)

    async def _carry_out(
        self,
        given: parameters.Parameters,
        context: object,
        wanted: _Wanted,
        refuse: Callable[[OperationType], None],
    ) -> Answer | Results:
        """One answer, or events where they are wanted. `refuse` says what may not be answered at once."""
        try:
            prepared = self._execution.prepare(given)
        except DocumentError as error:
            if wanted.answer is None:
                return _refusal(error)
            raise
        if prepared.kind is OperationType.SUBSCRIPTION and wanted.events:
            return self._execution.stream(prepared, context)
        refuse(prepared.kind)
        if wanted.answer is None:
            return self._execution.stream(prepared, context)
        return Answer.result(await self._execution.run(prepared, context), wanted.answer)

    async def _read_json(self, headers: Headers, body: Body) -> parameters.Parameters:
        limit = self._limits.body_bytes
        if _announced(headers) > limit:
            raise body_too_large(limit)
        return parameters.from_json(await body.read(limit))

    async def _upload(self, request: Request, body: Body, content_type: MediaRange) -> Result:
        """Files are staged while they arrive; they are gone, unless kept, before the answer is sent."""
        if may_have_been_forged(request.headers):
            names = " or ".join(PREFLIGHT_HEADERS)
            message = (
                f"A multipart request needs the header {names}, with any value, or a page of this server."
            )
            raise RequestError.because("PREFLIGHT_REQUIRED", message, status=403)
        context = await make_context(self._context_factory, request)
        async with AsyncExitStack() as stagings:
            form = UploadForm(body, content_type.parameters.get("boundary", ""), self._limits)
            operations = await form.operations()
            prepared = self._prepare(operations)
            await form.receive_files(self._store, stagings)
            return await self._execution.run(prepared, context)

    def _prepare(self, given: parameters.Parameters) -> Prepared:
        prepared = self._execution.prepare(given)
        _refuse_subscription(prepared.kind)
        return prepared


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a client accepts: one answer of a type, or a stream of events, or both."""

    answer: AnswerType | None
    events: bool

    @classmethod
    def of(cls, accept: str) -> _Wanted:
        return cls(negotiate(accept), accepts_events(accept))

    def check(self) -> None:
        """Raises RequestError where nothing that we have is accepted."""
        if not self.events:
            self.answer_type()

    def answer_type(self) -> AnswerType:
        """Raises RequestError where no answer in one piece is accepted."""
        if self.answer is None:
            message = f"Accept {' or '.join(AnswerType)}."
            raise RequestError.because("NOT_ACCEPTABLE", message, status=406)
        return self.answer


async def _refusal(error: DocumentError) -> Results:
    """To a client that accepts nothing but events."""
    for _ in ():
        yield ()
    raise error


def _refuse_changes(kind: OperationType) -> None:
    if kind is not OperationType.QUERY:
        raise _not_allowed(f"A {kind.value} is not carried out by GET", "POST")


def _refuse_subscription(kind: OperationType) -> None:
    if kind is OperationType.SUBSCRIPTION:
        message = (
            "Subscriptions are served over WebSocket, by the protocol graphql-transport-ws, "
            f"or as server-sent events to requests that accept {MEDIA_TYPE}."
        )
        raise DocumentError.single("SUBSCRIPTION_NOT_SUPPORTED", message)


def _content_type(headers: Headers) -> MediaRange:
    """Raises RequestError where the body is packed or written in a way that we do not read."""
    content_type = MediaRange.parse(headers.get("content-type", ""))
    if not content_type.is_utf_8:
        raise _unsupported("Send UTF-8.")
    if headers.get("content-encoding", "identity") != "identity":
        raise _unsupported("Send the body without Content-Encoding.")
    return content_type


def _announced(headers: Headers) -> int:
    """Bytes, as far as the client says so; enough digits of them to be too many."""
    length = headers.get("content-length", "")
    return int(length[:18]) if length.isdecimal() else 0


def _not_allowed(what: str, allowed: str) -> RequestError:
    return RequestError.because("METHOD_NOT_ALLOWED", f"{what}.", status=405, headers={"allow": allowed})


def _unsupported(message: str) -> RequestError:
    return RequestError.because("UNSUPPORTED_MEDIA_TYPE", message, status=415)
