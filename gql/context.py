"""What every resolver has at hand: who asks, and the parts of Darkroom that answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from strawberry.types import Info

from domain.album_service import AlbumService
from domain.bulk_service import BulkService
from domain.cursor import decode_cursor, encode_cursor
from domain.ports.log import EventLog
from domain.ports.pictures import Histograms
from domain.ports.read_model import ReadModel
from domain.ports.views import ImageView, RenditionView
from domain.ports.webhooks import Webhooks
from domain.preset_service import PresetService
from domain.presets import Presets
from domain.rendition_service import RenditionService
from domain.replay_service import ReplayService
from domain.requests import Caller
from domain.service import ImageService
from domain.webhook_service import WebhookService
from gql.http.previews import Preview
from gql.http.transforms import Transform
from gql.recent import RecentImages


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the bytes of originals and renditions are served."""

    original: Callable[[ImageView], str]
    rendition: Callable[[RenditionView], str | None]
    preview: Callable[[str, Preview], str]
    """From the id of an image."""
    iiif: Callable[[str, str], str]
    """From the id of an image and the hash of its recipe."""
    transform: Callable[[str, Transform], str] | None = None
    """From the id of an image; None where there are none."""


@dataclass(frozen=True, slots=True)
class Context:
    caller: Caller
    images: ImageService
    renditions: RenditionService
    saved_presets: PresetService
    albums: AlbumService
    webhooks: WebhookService
    known_webhooks: Webhooks
    bulk: BulkService
    replays: ReplayService
    log: EventLog
    read_model: ReadModel
    recent: RecentImages
    presets: Presets
    histograms: Histograms
    urls: Urls
    shows_locations: bool = False
    last_event_id: str | None = None
    """The cursor of the last event that a client has of a broken stream of server-sent events."""

    def cursor(self, position: int) -> str:
        return encode_cursor(self.log.store_id, position)

    def position(self, cursor: str, *, field: str = "after") -> int:
        """Raises InvalidCursor."""
        return decode_cursor(cursor, self.log.store_id, self.log.end, field=field)

    def start(self, after: str | None) -> int | None:
        """Where a subscription goes on; None where it begins. Raises InvalidCursor."""
        cursor = self.last_event_id or after
        return None if cursor is None else self.position(cursor)


Ask: TypeAlias = Info[Context, None]
