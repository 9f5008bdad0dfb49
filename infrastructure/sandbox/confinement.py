"""A process locked in. Linux alone."""

from __future__ import annotations

import os

from infrastructure.sandbox import landlock, limits, seccomp
from infrastructure.sandbox.kernel import give_up_privileges
from infrastructure.sandbox.protections import Protections


def confine(nice: int) -> Protections:
    """Lock this process in, for good. All that it will ever import, open or start is there before.

    Raises OSError where what every Linux has is denied.
    """
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    give_up_privileges()
    version = landlock.restrict()
    in_force = limits.restrict()
    return Protections(
        isolation="worker",
        landlock=version,
        limits=("AS", *in_force),
        no_new_privileges=True,
        seccomp=seccomp.restrict(),
    )
