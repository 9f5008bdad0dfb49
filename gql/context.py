"""What every resolver has at hand: who asks, and the parts of Darkroom that answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from strawberry.types import Info

from domain.cursor import decode_cursor, encode_cursor
from domain.ports import EventLog, ImageView, ReadModel, RenditionView
from domain.presets import Presets
from domain.service import Caller, ImageService


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the bytes of originals and renditions are served."""

    original: Callable[[ImageView], str]
    rendition: Callable[[RenditionView], str | None]


@dataclass(frozen=True, slots=True)
class Context:
    caller: Caller
    images: ImageService
    log: EventLog
    read_model: ReadModel
    presets: Presets
    urls: Urls

    def cursor(self, position: int) -> str:
        return encode_cursor(self.log.store_id, position)

    def position(self, cursor: str) -> int:
        """Raises InvalidCursor."""
        return decode_cursor(cursor, self.log.store_id, self.log.end)


Ask: TypeAlias = Info[Context, None]
