"""A process without files and network: Landlock, landlock(7)."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

from infrastructure.sandbox.kernel import system_call

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION: Final = 1

_FILES: Final = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
"""Kinds of access to files that can be denied, by the version of the interface; later ones have no more."""

_BIND_AND_CONNECT: Final = 3
_SOCKETS_AND_SIGNALS: Final = 3


class _Ruleset(ctypes.Structure):
    """What is denied: with no rule, all of it."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def restrict() -> int:
    """For this process and for good: the version of Landlock in force, 0 where the kernel has none.

    From version 4 on it binds and connects no TCP port, from 6 on it signals and connects to no process
    outside. What is open stays usable. Needs `give_up_privileges` before it.
    """
    if sys.platform != "linux":
        return 0
    try:
        version = system_call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_ASK_VERSION))
        ruleset = _Ruleset(
            _FILES[min(version, max(_FILES))],
            _BIND_AND_CONNECT if version >= 4 else 0,
            _SOCKETS_AND_SIGNALS if version >= 6 else 0,
        )
        size = 8 if version < 4 else 16 if version < 6 else 24
        descriptor = system_call(
            _CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint(0)
        )
        system_call(_RESTRICT_SELF, ctypes.c_int(descriptor), ctypes.c_uint(0))
        os.close(descriptor)
    except OSError:
        return 0
    return version
