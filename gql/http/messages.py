"""The messages of graphql-transport-ws that a client may send, and the codes a socket is closed with.

See PROTOCOL.md of enisdenjo/graphql-ws.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Final, TypeAlias

import msgspec

from gql.http.parameters import Parameters

PROTOCOL: Final = "graphql-transport-ws"
_MAX_REASON_BYTES: Final = 123
"""RFC 6455 §5.5.1."""


class CloseCode(IntEnum):
    """As the reference server has them; below 4000 those of RFC 6455."""

    GOING_AWAY = 1001
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    INVALID_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429
    INTERNAL_SERVER_ERROR = 4500


class SocketClosing(Exception):
    """The socket has to be closed, with this code and reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")


Payload: TypeAlias = dict[str, object] | None
OperationId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]


class ConnectionInit(msgspec.Struct, tag_field="type", tag="connection_init"):
    payload: Payload = None


class Ping(msgspec.Struct, tag_field="type", tag="ping"):
    payload: Payload = None


class Pong(msgspec.Struct, tag_field="type", tag="pong"):
    payload: Payload = None


class Subscribe(msgspec.Struct, tag_field="type", tag="subscribe"):
    id: OperationId
    payload: Parameters


class Complete(msgspec.Struct, tag_field="type", tag="complete"):
    id: OperationId


Message: TypeAlias = ConnectionInit | Ping | Pong | Subscribe | Complete


def decode(content: bytes) -> Message:
    """Raises SocketClosing on anything that the protocol does not describe."""
    try:
        message: Message = msgspec.json.decode(content, type=Message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise SocketClosing(CloseCode.INVALID_MESSAGE, "Invalid message received") from None
    return message
