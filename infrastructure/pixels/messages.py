"""What goes between the server and a worker process, over a socket.

A task is a msgpack document; the file comes beside it as a descriptor, and at times a second one, which is
at its end once nobody waits for the result. A reply is its kind, what was logged and a body: the result, as
msgpack of the type that the task says it has.
"""

from __future__ import annotations

import mmap
import socket
import struct
import time
from array import array
from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from types import UnionType
from typing import Any, BinaryIO, Final, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from domain.ports.rendering import RenderFailure
from infrastructure.pixels.count_levels import CountLevels
from infrastructure.pixels.draw import Draw, MakeProxy
from infrastructure.pixels.examine import Examine
from infrastructure.pixels.pyramid import BuildPyramid
from infrastructure.pixels.tasks import Render, Task

R = TypeVar("R")

TASKS: Final[list[type[Task[Any]]]] = [
    Render,
    Examine,
    Draw,
    MakeProxy,
    CountLevels,
    BuildPyramid,
]
"""Every kind of task that a worker carries out."""

MOST_LOGGED: Final = 64 * 1024
"""Bytes of what a worker has logged that are told, for each task."""

_MANY: Final = 256 * 1024

_TASK: Final = struct.Struct("=IQQ")
_REPLY: Final = struct.Struct("=BIQ")

_encoder: Final = msgspec.msgpack.Encoder()


class Kind(IntEnum):
    """How a task ended. FAULTY: with a RenderFailure. FAILED: by an exception, which has been logged.
    SUPERSEDED: at a checkpoint."""

    DONE = 0
    FAULTY = 1
    NO_MEMORY = 2
    FAILED = 3
    SUPERSEDED = 4


class BadReply(Exception):
    """No worker that is in order replies so."""


class Reply(NamedTuple):
    kind: Kind
    logged: str
    body: memoryview


class Attached(NamedTuple):
    """What comes with a task: a file of the system, how much of it there is from where it stands, and a
    descriptor that is at its end once the result is needless."""

    file: BinaryIO
    byte_size: int
    needless: int | None = None


class Request(NamedTuple):
    """A task as bytes, where its file stands in a descriptor, and what tells that its result is needless."""

    task: bytes
    descriptor: int
    offset: int
    byte_size: int
    needless: int | None


def _send(channel: socket.socket, head: bytes, body: bytes, descriptors: Sequence[int] = ()) -> None:
    """At once where it can be: whatever arrives wakes the other side."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))] if descriptors else []
    sent = channel.sendmsg([head, body], rights)
    if sent < len(head) + len(body):
        channel.sendall((head + body)[sent:])


# -- the server's side


def send_task(channel: socket.socket, task: Task[Any], attached: Attached) -> None:
    body = _encoder.encode(task)
    file, byte_size, needless = attached
    head = _TASK.pack(len(body), file.tell(), byte_size)
    _send(channel, head, body, [file.fileno(), *(() if needless is None else (needless,))])


def receive_reply(channel: socket.socket, deadline: float, most: int) -> Reply:
    """Raises TimeoutError at the deadline (of the monotonic clock), EOFError, OSError and BadReply."""
    kind, logged, size = _REPLY.unpack(_received(channel, _REPLY.size, deadline))
    if kind not in set(Kind) or logged > MOST_LOGGED or size > most:
        raise BadReply(f"a reply of kind {kind} and {size:,} bytes")
    text = str(_received(channel, logged, deadline), "utf-8", "replace")
    return Reply(Kind(kind), text, _received(channel, size, deadline))


def result_of(task: Task[R], kind: Kind, body: memoryview) -> R:
    """The result of a task that is DONE or FAULTY, which may refer to the body. Raises BadReply."""
    try:
        result: R = _decoders(type(task))[kind].decode(body)
    except (msgspec.MsgspecError, KeyError, ValueError) as error:
        raise BadReply(f"no result of {type(task).__name__}: {error}") from error
    return result


@cache
def _decoders(task: type[Task[Any]]) -> dict[Kind, msgspec.msgpack.Decoder[Any]]:
    """Of what a task makes, and of the failure that some have instead."""
    hint = get_type_hints(task.carry_out)["return"]
    types = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    made = tuple(each for each in types if each is not RenderFailure)
    decoders: dict[Kind, msgspec.msgpack.Decoder[Any]] = {Kind.DONE: msgspec.msgpack.Decoder(Union[made])}  # noqa: UP007
    if RenderFailure in types:
        decoders[Kind.FAULTY] = msgspec.msgpack.Decoder(RenderFailure)
    return decoders


def _received(channel: socket.socket, size: int, deadline: float) -> memoryview:
    """So many bytes. Where they are many, their memory goes back to the system as soon as nobody needs it."""
    received = memoryview(mmap.mmap(-1, size) if size >= _MANY else bytearray(size))
    rest = received
    while rest:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
        count = channel.recv_into(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return received


# -- the worker's side


def receive_task(channel: socket.socket) -> Request | None:
    """Waits for it; None at the end."""
    head, descriptors, _, _ = socket.recv_fds(channel, _TASK.size, 2)
    if not head:
        return None
    size, offset, byte_size = _TASK.unpack(head)
    task = bytearray(size)
    channel.recv_into(task, size, socket.MSG_WAITALL)
    needless = descriptors[1] if len(descriptors) > 1 else None
    return Request(bytes(task), descriptors[0], offset, byte_size, needless)


def task_decoder() -> msgspec.msgpack.Decoder[Task[Any]]:
    return msgspec.msgpack.Decoder(Union[tuple(TASKS)])  # noqa: UP007  (of a list)


def send_reply(channel: socket.socket, kind: Kind, logged: str, body: bytes = b"") -> None:
    told = logged.encode(errors="replace")[:MOST_LOGGED]
    _send(channel, _REPLY.pack(kind, len(told), len(body)) + told, body)


def encoded(result: object) -> bytes:
    return _encoder.encode(result)
