"""A process that may use few system calls: seccomp filters, seccomp(2).

What is not on the list fails with EPERM. In particular nothing is opened, connected, started, signalled or
traced, no memory becomes executable, and no limit is changed.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from typing import Final, NamedTuple

from infrastructure.sandbox.kernel import process_control


class _Numbers(NamedTuple):
    x86_64: int
    aarch64: int


_ALLOWED: Final = (
    # its channel, and the files that come through it
    _Numbers(0, 63),  # read
    _Numbers(1, 64),  # write
    _Numbers(3, 57),  # close
    _Numbers(17, 67),  # pread64
    _Numbers(7, 73),  # poll, ppoll
    _Numbers(271, 73),  # ppoll
    _Numbers(44, 206),  # sendto
    _Numbers(45, 207),  # recvfrom
    _Numbers(46, 211),  # sendmsg
    _Numbers(47, 212),  # recvmsg
    # memory
    _Numbers(11, 215),  # munmap
    _Numbers(12, 214),  # brk
    _Numbers(25, 216),  # mremap
    _Numbers(28, 233),  # madvise
    # locks, time and itself
    _Numbers(13, 134),  # rt_sigaction
    _Numbers(14, 135),  # rt_sigprocmask
    _Numbers(15, 139),  # rt_sigreturn
    _Numbers(131, 132),  # sigaltstack
    _Numbers(219, 128),  # restart_syscall
    _Numbers(202, 98),  # futex
    _Numbers(24, 124),  # sched_yield
    _Numbers(204, 123),  # sched_getaffinity
    _Numbers(309, 168),  # getcpu
    _Numbers(39, 172),  # getpid
    _Numbers(186, 178),  # gettid
    _Numbers(96, 169),  # gettimeofday
    _Numbers(98, 165),  # getrusage
    _Numbers(228, 113),  # clock_gettime
    _Numbers(230, 115),  # clock_nanosleep
    _Numbers(318, 278),  # getrandom
    _Numbers(60, 93),  # exit
    _Numbers(231, 94),  # exit_group
)
_ALLOWED_UNLESS_EXECUTABLE: Final = (
    _Numbers(9, 222),  # mmap
    _Numbers(10, 226),  # mprotect
)
"""Both have the protection of the memory as their third argument."""

_MACHINES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_*, for each machine whose numbers are known."""

_PROT_EXEC: Final = 4
_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2

# linux/filter.h, linux/seccomp.h
_LOAD, _IF_EQUAL, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _MACHINE, _THIRD_ARGUMENT = 0, 4, 16 + 2 * 8
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM
_KILL: Final = 0x80000000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict() -> bool:
    """For this process and for good; False where machine or kernel know no filter.

    Needs `give_up_privileges` before it.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _MACHINES or sys.maxsize < 2**32:
        return False
    filter_ = _filter(machine)
    program = _Program(len(filter_) // 8, filter_)
    try:
        process_control(_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program))
    except OSError:
        return False
    return True


def _filter(machine: str) -> bytes:
    """In classic BPF; numbers of the 32-bit interfaces of x86-64 are on no list."""
    statements = [
        _statement(_LOAD, _MACHINE),
        _statement(_IF_EQUAL, _MACHINES[machine], then=1),
        _statement(_RETURN, _KILL),
        _statement(_LOAD, _NUMBER),
    ]
    for numbers in _ALLOWED:
        statements += [
            _statement(_IF_EQUAL, getattr(numbers, machine), otherwise=1),
            _statement(_RETURN, _ALLOW),
        ]
    for numbers in _ALLOWED_UNLESS_EXECUTABLE:
        statements += [
            _statement(_IF_EQUAL, getattr(numbers, machine), otherwise=4),
            _statement(_LOAD, _THIRD_ARGUMENT),
            _statement(_IF_ANY_BIT, _PROT_EXEC, then=1),
            _statement(_RETURN, _ALLOW),
            _statement(_RETURN, _REFUSE),
        ]
    statements.append(_statement(_RETURN, _REFUSE))
    return b"".join(statements)


def _statement(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; `then` and `otherwise` are how many it skips."""
    return struct.pack("=HBBI", code, then, otherwise, value)
