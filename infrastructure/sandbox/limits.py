"""What a process may use of the machine, getrlimit(2)."""

from __future__ import annotations

import resource
from typing import Final

CPU_SECONDS: Final = 3600
"""In the whole life of the process: far more than its work takes. The clock of its parent comes before."""

OPEN_FILES: Final = 16

_LIMITS: Final = {
    "CORE": 0,
    "CPU": CPU_SECONDS,
    "FSIZE": 0,
    "MEMLOCK": 0,
    "MSGQUEUE": 0,
    "NOFILE": OPEN_FILES,
    "NPROC": 0,
}


def restrict() -> tuple[str, ...]:
    """For this process and for good; the names of the limits that are in force."""
    for name, limit in _LIMITS.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
    return tuple(_LIMITS)


def bound_memory(pid: int, byte_count: int) -> None:
    """Bound the address space of another process of this user, which cannot raise it. Linux."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (byte_count, hard))
