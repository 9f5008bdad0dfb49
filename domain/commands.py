"""Everything that can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from domain.header import ImageHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadImage:
    """The original is in the content store's staging area, hashed and inspected."""

    image_id: str
    sha256: str
    byte_size: int
    header: ImageHeader
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeImage:
    """What is None stays as it is; tags are the whole set wanted."""

    image_id: str
    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteImage:
    image_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreImage:
    image_id: str


ChangeImage: TypeAlias = DescribeImage | DeleteImage | RestoreImage
ImageCommand: TypeAlias = UploadImage | ChangeImage
