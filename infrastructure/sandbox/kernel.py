"""Calls of the Linux kernel that Python has no function for."""

from __future__ import annotations

import ctypes
import os
from typing import Final

_SET_PDEATHSIG: Final = 1
_SET_DUMPABLE: Final = 4
_SET_NO_NEW_PRIVS: Final = 38


def system_call(number: int, *arguments: object) -> int:
    """Raises OSError."""
    return _checked(_library().syscall(ctypes.c_long(number), *arguments))


def process_control(option: int, *arguments: object) -> int:
    """prctl(2). Raises OSError."""
    padded = (*arguments, *(ctypes.c_ulong(0) for _ in range(4 - len(arguments))))
    return _checked(_library().prctl(option, *padded))


def end_with_parent(signal: int) -> None:
    """Have this signal sent when the process that forked this one ends."""
    process_control(_SET_PDEATHSIG, ctypes.c_ulong(signal))


def give_up_privileges() -> None:
    """No program gives this process more rights; no process of this user looks into it."""
    process_control(_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
    process_control(_SET_DUMPABLE, ctypes.c_ulong(0))


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
