"""GraphQL over WebSocket, by the protocol graphql-transport-ws.

Each operation is a task; whatever ends it (its own end, `complete` from the client, the end of the
socket) closes its source of events before the task is over. Results are asked for when those
before them have been taken by the socket, so a slow client slows its own subscriptions and nothing
piles up for it. That a peer has vanished is found out by the server's own pings (uvicorn: after 40 s).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from typing import Final

from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.errors import Refusal
from gql.errors import RequestError, internal, request_error
from gql.http.answer import encode
from gql.http.execution import ContextFactory, Execution, make_context
from gql.http.frames import TEXTS
from gql.http.messages import (
    PROTOCOL,
    CloseCode,
    Complete,
    ConnectionInit,
    Ping,
    Pong,
    SocketClosing,
    Subscribe,
    decode,
)
from gql.http.origin import is_foreign
from gql.http.parameters import Parameters
from gql.http.payloads import Payload
from gql.limits import Limits

_CLEANUP_SECONDS: Final = 5.0
_CLOSE_SECONDS: Final = 1.0
_LATE: Final = SocketClosing(CloseCode.INITIALISATION_TIMEOUT, "Connection initialisation timeout")
_GOING_AWAY: Final = SocketClosing(CloseCode.GOING_AWAY, "Going away")


class GraphQLSockets:
    """An ASGI application for any number of WebSockets at one address.

    The context factory is called once for each `connection_init`, where a refusal closes the socket,
    and once for each operation; `websocket.state.connection_init` is what the client sent with it.
    """

    def __init__(self, *, execution: Execution, context_factory: ContextFactory, limits: Limits) -> None:
        self._execution = execution
        self._context_factory = context_factory
        self._limits = limits
        self._open: dict[_Socket, asyncio.Task[object] | None] = {}
        self._closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        if self._closing or is_foreign(websocket.headers):
            await websocket.close()
            return
        socket = _Socket(websocket, self._execution, self._context_factory, self._limits)
        self._open[socket] = asyncio.current_task()
        try:
            await socket.serve()
        finally:
            del self._open[socket]

    async def close(self, within: float) -> None:
        """Send every client away (1001), and let no other in; for the moment before the server stops.

        Returns when the operations of all sockets have ended, or after so many seconds.
        """
        self._closing = True
        for socket in self._open:
            socket.end(_GOING_AWAY)
        if tasks := [task for task in self._open.values() if task is not None]:
            await asyncio.wait(tasks, timeout=within)


class _Gone(Exception):
    """The socket takes no more messages."""


class _Socket:
    """One WebSocket, from its handshake to its end."""

    def __init__(
        self, websocket: WebSocket, execution: Execution, context_factory: ContextFactory, limits: Limits
    ) -> None:
        self._websocket = websocket
        self._execution = execution
        self._context_factory = context_factory
        self._limits = limits
        self._patience = asyncio.timeout(limits.init_seconds)
        self._ending: SocketClosing | None = None
        self._initialised = False
        self._sending = asyncio.Lock()
        self._active: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Returns when the socket is closed and its operations have ended, or will not end."""
        try:
            await self._listen()
        finally:
            for task in self._tasks:
                task.cancel()
            await self._close()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=_CLEANUP_SECONDS)

    def end(self, ending: SocketClosing) -> None:
        """Close the socket as soon as the loop comes round to it."""
        self._ending = self._ending or ending
        with suppress(RuntimeError):  # not listening yet, or not any more
            self._patience.reschedule(asyncio.get_running_loop().time())

    async def _listen(self) -> None:
        try:
            await self._accept()
            async with self._patience:
                while self._ending is None:
                    await self._handle(await self._websocket.receive())
        except (_Gone, WebSocketDisconnect):
            return
        except SocketClosing as ending:
            self._ending = ending
        except TimeoutError:
            self._ending = self._ending or _LATE

    async def _accept(self) -> None:
        """A client of another protocol is let in, to be told by a code why it has to leave."""
        acceptable = PROTOCOL in self._websocket.scope["subprotocols"]
        await self._websocket.accept(PROTOCOL if acceptable else None)
        if not acceptable:
            raise SocketClosing(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")

    async def _close(self) -> None:
        """A client that does not read does not get to know why."""
        if self._ending is not None:
            with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._websocket.close(self._ending.code, self._ending.reason)

    async def _handle(self, event: Event) -> None:
        match decode(self._content(event)):
            case ConnectionInit(payload):
                await self._initialise(payload)
            case Ping(payload):
                await self._send({"type": "pong", "payload": payload} if payload else {"type": "pong"})
            case Pong():
                pass
            case Subscribe(operation_id, parameters):
                await self._subscribe(operation_id, parameters)
            case Complete(operation_id):
                self._complete(operation_id)

    def _content(self, event: Event) -> bytes:
        if event["type"] == "websocket.disconnect":
            raise _Gone
        text = event.get("text")
        if text is None:
            raise SocketClosing(CloseCode.INVALID_MESSAGE, "Invalid message received")
        content: bytes = text.encode()
        if len(content) > self._limits.message_bytes:
            raise SocketClosing(CloseCode.MESSAGE_TOO_BIG, "Message too big")
        return content

    async def _initialise(self, payload: dict[str, object] | None) -> None:
        if self._initialised:
            code = CloseCode.TOO_MANY_INITIALISATION_REQUESTS
            raise SocketClosing(code, "Too many initialisation requests")
        self._websocket.state.connection_init = payload or {}
        try:
            await make_context(self._context_factory, self._websocket)
        except Refusal as refusal:
            raise SocketClosing(CloseCode.FORBIDDEN, refusal.message) from None
        except Exception as error:
            internal(error)
            raise SocketClosing(CloseCode.INTERNAL_SERVER_ERROR, "Internal server error") from None
        self._initialised = True
        self._patience.reschedule(None)
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, operation_id: str, parameters: Parameters) -> None:
        if not self._initialised:
            raise SocketClosing(CloseCode.UNAUTHORIZED, "Unauthorized")
        if operation_id in self._active:
            reason = f"Subscriber for {operation_id[:50]} already exists"
            raise SocketClosing(CloseCode.SUBSCRIBER_ALREADY_EXISTS, reason)
        if len(self._tasks) >= self._limits.operations:
            await self._send_error(operation_id, _too_many(len(self._tasks), self._limits.operations))
        else:
            task = asyncio.create_task(self._operate(operation_id, parameters))
            self._active[operation_id] = task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _complete(self, operation_id: str) -> None:
        """Its id is free at once, even while its source is still being closed."""
        if (task := self._active.pop(operation_id, None)) is not None:
            task.cancel()

    async def _operate(self, operation_id: str, parameters: Parameters) -> None:
        with suppress(_Gone):
            try:
                await self._perform(operation_id, parameters)
            except _Gone:
                raise
            except Exception as error:
                if self._release(operation_id):
                    await self._send_error(operation_id, request_error(error))
            else:
                if self._release(operation_id):
                    await self._send({"id": operation_id, "type": "complete"})

    def _release(self, operation_id: str) -> bool:
        """Free the id before the client is told, who may use it again at once.

        False where the client has completed the operation, and is to hear no more of it.
        """
        if self._active.get(operation_id) is not asyncio.current_task():
            return False
        del self._active[operation_id]
        return True

    async def _perform(self, operation_id: str, parameters: Parameters) -> None:
        prepared = self._execution.prepare(parameters)
        context = await make_context(self._context_factory, self._websocket)
        async with aclosing(self._execution.stream(prepared, context)) as results:
            async for payloads in results:
                await self._send_texts(_next(operation_id, payloads))

    async def _send_error(self, operation_id: str, error: RequestError) -> None:
        await self._send({"id": operation_id, "type": "error", "payload": error.errors})

    async def _send(self, message: dict[str, object]) -> None:
        await self._send_texts([encode(message)])

    async def _send_texts(self, texts: Sequence[bytes]) -> None:
        """Returns when the socket has taken the messages. Raises _Gone."""
        try:
            async with self._sending, asyncio.timeout(self._limits.send_seconds):
                if TEXTS in self._websocket.scope.get("extensions", ()):
                    await self._websocket.send({"type": "websocket.send", TEXTS: texts})
                else:
                    for text in texts:
                        await self._websocket.send({"type": "websocket.send", "text": text.decode()})
        except TimeoutError:
            self.end(SocketClosing(CloseCode.POLICY_VIOLATION, "Messages are not read"))
            raise _Gone from None
        except (WebSocketDisconnect, RuntimeError):  # RuntimeError: the server has closed it already
            raise _Gone from None


def _next(operation_id: str, payloads: Sequence[Payload]) -> list[bytes]:
    """The messages that carry results; a result is not encoded again for every client."""
    head = b'{"id":%s,"type":"next","payload":' % encode(operation_id)
    return [b"%s%s}" % (head, payload.json) for payload in payloads]


def _too_many(running: int, limit: int) -> RequestError:
    message = f"{running} operations are running on this socket; the limit is {limit}."
    return RequestError.because("TOO_MANY_OPERATIONS", message)
