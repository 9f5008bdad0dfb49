"""Worker processes as the server sees them: started, asked, ended."""

from __future__ import annotations

import io
import logging
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec

from domain.errors import TooSlow, WorkerDied
from infrastructure.pixels.checkpoint import Superseded
from infrastructure.pixels.fork_server import END, PID, START
from infrastructure.pixels.messages import (
    Attached,
    BadReply,
    Kind,
    Reply,
    receive_reply,
    result_of,
    send_task,
)
from infrastructure.pixels.stop import Stop
from infrastructure.pixels.tasks import Task
from infrastructure.sandbox.limits import bound_memory
from infrastructure.sandbox.protections import Protections

R = TypeVar("R")

HOME: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = ("-m", "infrastructure.pixels.fork_server")
START_SECONDS: Final = 60.0
"""More than a slow machine takes to import what workers need."""

END_SECONDS: Final = 5.0

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")

_INHERITED: Final = ("PATH", "LANG", "LC_", "LD_", "PYTHON", "TZ", "VIRTUAL_ENV", "HOME", "TMPDIR")
"""Beginnings of the variables that a process may need to start at all. Others, such as keys, stay here."""

log: Final = logging.getLogger("darkroom.renderer")


class CannotStart(Exception):
    """There is no worker, and why."""


class WorkerProcess:
    """One worker. `tasks` counts those it was given."""

    def __init__(self, server: ForkServerProcess, pid: int, channel: socket.socket) -> None:
        self._server = server
        self._channel = channel
        self.pid = pid
        self.tasks = 0
        self._memory = _opened_memory(pid)
        self.protections = self._first_reply()
        self._address_space = self._pages(0)

    @property
    def resident_bytes(self) -> int:
        return self._pages(1)

    @property
    def waits(self) -> bool:
        """Whether it lives and has nothing to say that nobody asked for."""
        self._channel.settimeout(0)
        try:
            self._channel.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def carry_out(
        self, task: Task[R], file: BinaryIO, *, seconds: float, memory: int, stop: Stop | None = None
    ) -> R:
        """The result. `memory` bounds what the worker takes for it, and the size of the result.

        Raises MemoryError, RuntimeError and Superseded where the task ended so; TooSlow and WorkerDied,
        after which the worker is of no use.
        """
        self.tasks += 1
        with ExitStack() as stack:
            real = _of_the_system(file, stack)
            byte_size = os.fstat(real.fileno()).st_size - real.tell()
            needless = None if stop is None else stack.enter_context(stop.as_descriptor())
            reply = self._asked(task, Attached(real, byte_size, needless), seconds, memory)
        _tell(reply)
        match reply.kind:
            case Kind.DONE | Kind.FAULTY:
                return self._result(task, reply)
            case Kind.NO_MEMORY:
                raise MemoryError
            case Kind.FAILED:
                raise RuntimeError("a task failed in its worker")
            case Kind.SUPERSEDED:
                raise Superseded

    def _asked(self, task: Task[R], attached: Attached, seconds: float, memory: int) -> Reply:
        deadline = time.monotonic() + seconds
        try:
            bound_memory(self.pid, self._address_space + memory)
            self._channel.settimeout(seconds)
            send_task(self._channel, task, attached)
            return receive_reply(self._channel, deadline, memory)
        except TimeoutError:
            raise TooSlow(f"Working on the picture took longer than {seconds:.0f} s.") from None
        except (EOFError, OSError, BadReply) as error:
            raise _died() from error

    @staticmethod
    def _result(task: Task[R], reply: Reply) -> R:
        try:
            return result_of(task, reply.kind, reply.body)
        except BadReply as error:
            raise _died() from error

    def end(self) -> int:
        """Kill it, if it lives; the result is its wait status. May be called once."""
        status = self._server.end_worker(self.pid)
        self._channel.close()
        self._memory.close()
        return status

    def _first_reply(self) -> Protections:
        try:
            reply = receive_reply(self._channel, time.monotonic() + START_SECONDS, 4096)
            _tell(reply)
            return msgspec.msgpack.decode(reply.body, type=Protections)
        except (EOFError, OSError, BadReply, msgspec.MsgspecError) as error:
            self.end()
            raise CannotStart("a worker could not be locked in") from error

    def _pages(self, column: int) -> int:
        return int(os.pread(self._memory.fileno(), 256, 0).split()[column]) * _PAGE_BYTES


class ForkServerProcess:
    """The process that workers are forked from; it starts at once and is waited for at the first worker."""

    def __init__(self, pixels: int, environment: Mapping[str, str], program: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  (our own program)
                [sys.executable, *program, str(theirs.fileno()), str(pixels)],
                cwd=HOME,
                env={**_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control.settimeout(START_SECONDS)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def start_worker(self) -> WorkerProcess:
        """Raises CannotStart."""
        ours, theirs = socket.socketpair()
        with ExitStack() as undo:
            undo.callback(ours.close)
            with theirs:
                pid = self._ask(START, theirs.fileno())
            worker = WorkerProcess(self, pid, ours)
            undo.pop_all()
        return worker

    def end_worker(self, pid: int) -> int:
        """Its wait status; 0 where nobody knows it."""
        try:
            return self._ask(END + PID.pack(pid))
        except CannotStart:
            return 0  # it has ended with the process that forked it

    def close(self) -> None:
        """End it and all workers."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # wakes who waits for an answer
        with self._lock:
            self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, request: bytes, *descriptors: int) -> int:
        try:
            with self._lock:
                socket.send_fds(self._control, [request], descriptors)
                answer = self._control.recv(PID.size)
            number: int = PID.unpack(answer)[0]
        except (OSError, struct.error) as error:
            raise CannotStart("the process that workers are forked from has ended") from error
        return number


def _of_the_system(file: BinaryIO, stack: ExitStack) -> BinaryIO:
    """A file that has a descriptor; what has none is copied into memory that has one."""
    try:
        file.fileno()
    except io.UnsupportedOperation:
        copy = stack.enter_context(os.fdopen(os.memfd_create("picture"), "w+b"))
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        return copy
    return file


def _opened_memory(pid: int) -> BinaryIO:
    """The sizes of a process in pages, proc(5): asked for after each task. Raises CannotStart."""
    try:
        return Path(f"/proc/{pid}/statm").open("rb", buffering=0)
    except OSError as error:
        raise CannotStart("a worker has ended before it began") from error


def _tell(reply: Reply) -> None:
    if reply.logged:
        log.error("a worker: %s", reply.logged.rstrip())


def _died() -> WorkerDied:
    return WorkerDied("The process that worked on the picture died of it.")


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name.startswith(_INHERITED)}
    return inherited | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
