"""An owner's images behind the routes of files, made by hand."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx
from starlette.applications import Starlette
from starlette.requests import Request

from domain.header import MediaType
from domain.ports.content import ContentStore
from domain.ports.read_model import Snapshot
from domain.ports.views import ImageState, ImageView, RenditionState, RenditionView
from gql.http.files import file_routes
from gql.http.recent_blobs import RecentBlobs
from infrastructure.memory.content import MemoryContentStore
from infrastructure.memory.read_model import MemoryReadModel
from tests.content import put
from tests.examples import ACTOR, HEADER, OWNER

ORIGINAL = b"the original bytes"
RENDITION = b"a thumbnail"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def rendition(content: bytes = RENDITION) -> RenditionView:
    return RenditionView(
        image_id="image-1",
        rendition_id="rendition-1",
        preset="thumbnail",
        state=RenditionState.READY,
        attempts=1,
        sha256=sha256(content),
        byte_size=len(content),
        media_type=MediaType.WEBP,
        width=256,
        height=192,
        failure_code=None,
        failure_message=None,
    )


def image(content: bytes = ORIGINAL, *renditions: RenditionView) -> ImageView:
    return ImageView(
        image_id="image-1",
        position=1,
        changed_at=1,
        version=1,
        owner=OWNER,
        uploaded_by=ACTOR,
        uploaded_at=datetime(2026, 1, 1, tzinfo=UTC),
        name="holiday.jpg",
        description="",
        description_source=None,
        tags=(),
        edits=(),
        state=ImageState.ACTIVE,
        sha256=sha256(content),
        byte_size=len(content),
        media_type=MediaType.JPEG,
        width=640,
        height=480,
        orientation=1,
        frames=1,
        quarantine=None,
        renditions=renditions or (rendition(),),
    )


class OneImage(MemoryReadModel):
    """A read model with one image, which its owner sees and nobody else."""

    def __init__(self, view: ImageView) -> None:
        super().__init__()
        self.view = view

    async def image(self, owner: str, image_id: str, as_of: int | None = None) -> Snapshot[ImageView | None]:
        known = (owner, image_id) == (self.view.owner, self.view.image_id)
        return Snapshot(self.view if known else None, as_of=as_of or 1)


def _owner(_: Request) -> str:
    return OWNER


@dataclass(kw_only=True)
class Gallery:
    """One image with one rendition, and the bytes of both in a store, unless told otherwise."""

    view: ImageView = field(default_factory=image)
    content: ContentStore = field(default_factory=lambda: MemoryContentStore(lambda _: HEADER))
    owner_of: Callable[[Request], str] = _owner
    recent: RecentBlobs = field(default_factory=lambda: RecentBlobs(0))

    @classmethod
    def stocked(cls, original: bytes = ORIGINAL, small: bytes = RENDITION, **changes: object) -> "Gallery":
        view = replace(image(original, rendition(small)), **changes)  # type: ignore[arg-type]
        gallery = cls(view=view)
        put(gallery.content, original)
        put(gallery.content, small)
        return gallery

    @property
    def app(self) -> Starlette:
        return Starlette(routes=file_routes(self.content, self.recent, OneImage(self.view), self.owner_of))

    async def ask(
        self, url: str, method: str = "GET", headers: dict[str, str] | list[tuple[str, str]] | None = None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://darkroom") as client:
            return await client.request(method, url, headers=headers)
