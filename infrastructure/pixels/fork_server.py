"""The process that workers are forked from. As a program:

    python -m infrastructure.pixels.fork_server <descriptor> <most pixels of a picture>

It imports all that workers need, once; a worker is then there in some milliseconds and shares that memory.
It never sees a file itself, has one thread, and ends when its parent does.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from typing import Final

from infrastructure.pixels.environment import LARGEST_SIDE, prepare, verify

START: Final = b"+"
"""A request for a worker; a socket for it comes along, its process id goes back."""

END: Final = b"-"
"""A request to end a worker, with its process id; its wait status goes back."""

PID: Final = struct.Struct("=i")
REQUEST_BYTES: Final = 1 + PID.size


class ForkServer:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._workers: set[int] = set()

    def serve(self) -> None:
        """Until the other end of the control socket is closed."""
        while True:
            message, descriptors = self._request()
            if not message:
                break
            if message[:1] == START:
                answer = self._start(descriptors[0])
            else:
                answer = self._end(*PID.unpack(message[1:]))
            with suppress(BrokenPipeError, ConnectionResetError):
                self._control.send(PID.pack(answer))
        for pid in list(self._workers):
            self._end(pid)

    def _request(self) -> tuple[bytes, list[int]]:
        """Nothing, where the other end is closed; it may have been killed with an answer unread."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, REQUEST_BYTES, 1)
        except ConnectionResetError:
            return b"", []
        return message, descriptors

    def _start(self, descriptor: int) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            os.close(descriptor)
            self._workers.add(pid)
            return pid
        try:
            from infrastructure.pixels.worker import work  # noqa: PLC0415 -- imported before, see `main`

            work(socket.socket(fileno=descriptor), parent)
            os._exit(0)
        finally:
            os._exit(1)

    def _end(self, pid: int) -> int:
        """A process that was not waited for keeps its number: this is no other one."""
        if pid not in self._workers:
            return 0
        self._workers.remove(pid)
        os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]


def main(arguments: list[str]) -> int:
    control, pixels = socket.socket(fileno=int(arguments[0])), int(arguments[1])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # told to all processes at once: work is still to be ended
    prepare(pixels, LARGEST_SIDE)
    verify(pixels)
    from infrastructure.pixels.warm_up import warm_up  # noqa: PLC0415 -- not before `prepare`

    warm_up()
    gc.collect()
    gc.freeze()  # the collector of a worker writes into no memory that is shared
    ForkServer(control).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
