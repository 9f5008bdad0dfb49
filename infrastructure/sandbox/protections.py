"""What stands between the files of strangers and the machine."""

from __future__ import annotations

import msgspec


class Protections(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Those in force. `landlock` is its version, 0 where there is none; `limits` are names of RLIMIT_*."""

    isolation: str
    seccomp: bool = False
    landlock: int = 0
    limits: tuple[str, ...] = ()
    no_new_privileges: bool = False

    def __str__(self) -> str:
        if self.isolation != "worker":
            return "in threads of the server, not locked in"
        missing = [
            name for name, there in (("seccomp", self.seccomp), ("Landlock", self.landlock)) if not there
        ]
        kinds = ["limits"]
        kinds += ["seccomp"] if self.seccomp else []
        kinds += [f"Landlock {self.landlock}"] if self.landlock else []
        without = f"; without {' and '.join(missing)}" if missing else ""
        return f"in worker processes, locked in by {', '.join(kinds)}{without}"
