"""Work that has no end yet, with all that is needed to carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.header import ImageHeader
from domain.output import Output
from domain.quarantine import Quarantine
from domain.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingExamination:
    """An original whose examination has no end, with all that is needed to carry it out.

    `image_version` is that of the image, which must not be purged meanwhile.
    """

    image_id: str
    original: str
    byte_size: int
    header: ImageHeader
    image_version: int
    attempts: int
    version: int
    owner: str
    correlation_id: str
    quarantine: Quarantine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRendering:
    """A rendering without a terminal event, with all that is needed to carry it out."""

    image_id: str
    rendition_id: str
    original: str
    byte_size: int
    header: ImageHeader
    recipe: Recipe
    output: Output
    attempts: int
    version: int
    owner: str
    correlation_id: str
    quarantine: Quarantine | None


class Erasable(StrEnum):
    IMAGE = "image"
    ALBUM = "album"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingErasure:
    """A purged thing whose key and bytes are not known to be destroyed yet.

    `blobs` are the hashes of its original and its renditions; `settled` says that no rendering is under
    way, so that there will be no more.
    """

    kind: Erasable
    thing_id: str
    owner: str
    purged_at: int
    version: int
    correlation_id: str
    blobs: tuple[str, ...]
    settled: bool
