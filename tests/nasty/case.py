"""One file of the corpus, and what a safe service does with it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Want(StrEnum):
    ACCEPT = "accept"
    """Well-formed and within sane limits: it must be rendered."""

    STRIP = "strip"
    """It renders, but nothing of its payload may reach a rendition."""

    LIMIT = "limit"
    """Refuse it before decoding: it is too large or too costly."""

    REFUSE = "refuse"
    """Not an image of the allow list: the wrong type, active content, nothing."""

    DAMAGED = "damaged"
    """Broken: refuse it, or fail to decode it; never crash, hang or balloon."""


@dataclass(frozen=True, slots=True)
class Case:
    """A file; width, height (pixels) and frames are what a naive decoder would allocate."""

    group: str
    name: str
    data: bytes
    want: Want
    width: int = 0
    height: int = 0
    frames: int = 1
    note: str = ""

    @property
    def path(self) -> str:
        return f"{self.group}/{self.name}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()
