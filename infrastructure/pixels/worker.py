"""A worker: a process that is locked in and carries out one task after another."""

from __future__ import annotations

import io
import logging
import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from domain.ports.rendering import RenderFailure
from infrastructure.pixels.checkpoint import Superseded, watched
from infrastructure.pixels.environment import give_memory_back
from infrastructure.pixels.messages import (
    Kind,
    Request,
    encoded,
    receive_task,
    send_reply,
    task_decoder,
)
from infrastructure.pixels.pool import IDLE_SECONDS, NICE
from infrastructure.pixels.tasks import Task
from infrastructure.sandbox.confinement import confine
from infrastructure.sandbox.kernel import end_with_parent

log: Final = logging.getLogger("darkroom.renderer")


def work(channel: socket.socket, parent: int) -> None:
    """Until the other end of the channel is closed. The first reply says what protections are in force.

    `parent`: the process that has forked this one, and with which it ends.
    """
    end_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        return
    _close_all_but(channel.fileno())
    told = _gathered_log()
    try:
        protections = confine(NICE)
    except OSError:
        log.exception("locking a worker in")
        send_reply(channel, Kind.FAILED, told.getvalue())
        return
    send_reply(channel, Kind.DONE, "", encoded(protections))
    decoder = task_decoder()
    arrival = select.poll()
    arrival.register(channel, select.POLLIN)
    while True:
        if not arrival.poll(IDLE_SECONDS * 1000):
            give_memory_back()
        request = receive_task(channel)
        if request is None:
            return
        _carry_out(channel, decoder, request, told)


def _carry_out(
    channel: socket.socket,
    decoder: msgspec.msgpack.Decoder[Task[Any]],
    request: Request,
    told: io.StringIO,
) -> None:
    try:
        with _ended_when_needless(request.needless):
            task = decoder.decode(request.task)
            content = os.pread(request.descriptor, request.byte_size, request.offset)
            os.close(request.descriptor)
            result = task.carry_out(content)
        kind, body = Kind.FAULTY if isinstance(result, RenderFailure) else Kind.DONE, encoded(result)
    except Superseded:
        kind, body = Kind.SUPERSEDED, b""
    except MemoryError:
        kind, body = Kind.NO_MEMORY, b""
    except Exception:
        log.exception("carrying out a task")
        kind, body = Kind.FAILED, b""
    send_reply(channel, kind, told.getvalue(), body)
    told.seek(0)
    told.truncate()


@contextmanager
def _ended_when_needless(descriptor: int | None) -> Iterator[None]:
    if descriptor is None:
        yield
        return
    end = select.poll()
    end.register(descriptor, select.POLLIN)
    try:
        with watched(lambda: bool(end.poll(0))):
            yield
    finally:
        os.close(descriptor)


def _gathered_log() -> io.StringIO:
    """What is logged from now on: it goes with the replies, because nothing else gets out."""
    told = io.StringIO()
    logging.basicConfig(stream=told, format="%(message)s", level=logging.WARNING, force=True)
    return told


def _close_all_but(descriptor: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
