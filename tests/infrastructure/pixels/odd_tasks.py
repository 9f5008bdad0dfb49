"""Tasks that no file asks for. As a program: what workers are forked from that know them."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from domain.header import ImageHeader, MediaType
from infrastructure.pixels import environment
from infrastructure.pixels.checkpoint import checkpoint

HEADER = ImageHeader(MediaType.PNG, 10, 10)


class Odd(msgspec.Struct, frozen=True, tag=True):
    header: ImageHeader = HEADER


class Count(Odd, frozen=True):
    """How many bytes there are, and who has counted them."""

    def carry_out(self, content: bytes) -> tuple[int, int]:
        return len(content), os.getpid()


class Spin(Odd, frozen=True):
    """Work without end."""

    def carry_out(self, content: bytes) -> int:
        while True:
            pass


class Heed(Odd, frozen=True):
    """Work without end, unless nobody waits for it."""

    def carry_out(self, content: bytes) -> int:
        while True:
            checkpoint()


class Crash(Odd, frozen=True):
    """A decoder that writes where nothing is."""

    def carry_out(self, content: bytes) -> int:
        ctypes.memset(8, 0, 8)
        return 0


class Take(Odd, frozen=True):
    """So many bytes of memory."""

    byte_size: int = 0

    def carry_out(self, content: bytes) -> int:
        return len(bytearray(self.byte_size))


class Fail(Odd, frozen=True):
    """A mistake in Darkroom."""

    def carry_out(self, content: bytes) -> int:
        raise ZeroDivisionError("somewhere deep")


class Lie(Odd, frozen=True):
    """Another result than is said."""

    def carry_out(self, content: bytes) -> int:
        return "no number"  # type: ignore[return-value]


class Swell(Odd, frozen=True):
    """A result of so many bytes."""

    byte_size: int = 0

    def carry_out(self, content: bytes) -> memoryview:
        return memoryview(bytes(self.byte_size))


class Babble(Odd, frozen=True):
    """Write over the channel what is no reply."""

    said: bytes = b""

    def carry_out(self, content: bytes) -> int:
        for descriptor in range(3, 16):
            try:
                os.write(descriptor, self.said)
            except OSError:
                continue
        return 0


class Escape(Odd, frozen=True):
    """Everything that a decoder has no business with; the answer names what has been possible."""

    folder: str = ""
    port: int = 0

    def carry_out(self, content: bytes) -> list[str]:
        ways: dict[str, Callable[[], object]] = {
            "read a file": lambda: os.open("/etc/hostname", os.O_RDONLY),
            "read its own program": lambda: os.open(__file__, os.O_RDONLY),
            "write a file": lambda: os.open(f"{self.folder}/made", os.O_WRONLY | os.O_CREAT),
            "list a folder": lambda: list(Path(self.folder).iterdir()),
            "make a folder": lambda: Path(self.folder, "made").mkdir(),
            "remove a file": lambda: Path(self.folder, "there").unlink(),
            "rename a file": lambda: Path(self.folder, "there").rename(f"{self.folder}/gone"),
            "stat a file": Path(self.folder).stat,
            "change a mode": lambda: Path(self.folder, "there").chmod(0o777),
            "make a memory file": lambda: os.memfd_create("x"),
            "make a pipe": os.pipe,
            "make a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
            "make a local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
            "look up a name": lambda: socket.getaddrinfo("localhost", self.port),
            "connect": lambda: socket.create_connection(("127.0.0.1", self.port), 1),
            "fork": _fork,
            "start a program": lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"]),  # noqa: S606
            "spawn a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
            "signal its parent": lambda: os.kill(os.getppid(), 0),
            "signal others": lambda: os.kill(1, 0),
            "end itself by another way": lambda: os.kill(os.getpid(), 0),
            "trace": lambda: _library("ptrace", 0, 0, 0, 0),
            "control itself": lambda: _library("prctl", 4, 1, 0, 0, 0),
            "read memory of others": lambda: _library("process_vm_readv", 1, 0, 0, 0, 0, 0),
            "become another user": lambda: os.setuid(1),
            "be less nice": lambda: os.setpriority(os.PRIO_PROCESS, 0, 0),
            "run a thread": lambda: _library("clone", 0, 0, 0x10F00, 0),
            "mount": lambda: _library("mount", 0, b"/", 0, 4096, 0),
            "make memory executable": _executable_memory,
            "raise a limit": _raised_limit,
        }
        return [way for way, do in ways.items() if _possible(do)]


TASKS = (Count, Spin, Heed, Crash, Take, Fail, Lie, Swell, Babble, Escape)


def _possible(do: Callable[[], object]) -> bool:
    try:
        do()
    except (OSError, LookupError):  # the latter where a codec would have to be imported
        return False
    return True


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _library(name: str, *arguments: object) -> None:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def _executable_memory() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    library.mmap.restype = ctypes.c_void_p
    where = library.mmap(None, ctypes.c_size_t(4096), 7, 0x22, -1, ctypes.c_long(0))
    if where == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")


def _raised_limit() -> None:
    import resource  # noqa: PLC0415  (it is there already, and not on every system)

    try:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except ValueError as error:  # which is what Python makes of EPERM here
        raise OSError from error


if __name__ == "__main__":
    environment.prepare(int(sys.argv[2]), environment.LARGEST_SIDE)
    from infrastructure.pixels import fork_server, messages

    messages.TASKS.extend(TASKS)
    sys.exit(fork_server.main(sys.argv[1:]))
