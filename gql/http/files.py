"""The routes of originals and renditions, and their URLs.

The hash of the bytes stands in every URL, so that what is answered can be kept for ever; the image
stands there too, because it is the image that somebody may see. Its name does not: URLs end up in
logs and histories. A deleted image has no files: 404 and not 410, because it can be restored.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Protocol, TypeAlias

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import NotFound
from domain.header import EXTENSIONS
from domain.ports.content import ContentStore
from domain.ports.read_model import Snapshot
from domain.ports.views import ImageState, ImageView, RenditionState, RenditionView
from gql.http.blob import Blob
from gql.http.blobs import Blobs
from gql.http.file_names import Disposition, content_disposition, original_name, rendition_disposition
from gql.http.image_memo import KEPT, ImageMemo
from gql.http.problems import problem
from gql.http.recent_blobs import RecentBlobs

_PATH: Final = re.compile(r"([A-Za-z0-9_-]{1,64})/([A-Za-z0-9.]{1,80})")
"""The id of an image and the name of a file."""

OwnerOf: TypeAlias = Callable[[Request], str]
Find: TypeAlias = Callable[[ImageView, str, bool], Blob | None]
"""The blob of an image by the name of the file, and whether it is to be saved in any case."""


class Images(Protocol):
    """Where images are found, as they are now."""

    async def image(self, owner: str, image_id: str) -> Snapshot[ImageView | None]: ...


def original_url(image: ImageView) -> str:
    return f"/originals/{image.image_id}/{image.sha256}"


def rendition_url(rendition: RenditionView) -> str | None:
    """None until it is ready."""
    file = _rendition_file(rendition)
    return None if file is None else f"/renditions/{rendition.image_id}/{file}"


def file_routes(content: ContentStore, recent: RecentBlobs, images: Images, owner_of: OwnerOf) -> list[Route]:
    """`owner_of` answers whose images the sender of a request may see."""
    blobs = Blobs(content, recent)
    return [
        Route("/originals/{path:path}", Files(_original, blobs, images, owner_of), name="originals"),
        Route("/renditions/{path:path}", Files(_rendition, blobs, images, owner_of), name="renditions"),
    ]


class Files:
    """An ASGI application for one kind of file, answering whatever is asked below its path."""

    def __init__(self, find: Find, blobs: Blobs, images: Images, owner_of: OwnerOf) -> None:
        self._blobs = blobs
        self._images = images
        self._owner_of = owner_of
        self._find = find
        self._memo = lru_cache(KEPT)(self._new_memo)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> ASGIApp:
        if request.method not in {"GET", "HEAD"}:
            return problem(405, "METHOD_NOT_ALLOWED", "Files are read by GET.", {"Allow": "GET, HEAD"})
        blob = await self._blob(request)
        if blob is None:
            return problem(404, NotFound.code, "There is no such file.")
        return await self._blobs.answer(blob, request)

    async def _blob(self, request: Request) -> Blob | None:
        path = _PATH.fullmatch(request.path_params["path"])
        if path is None:
            return None
        image_id, file = path.groups()
        image = (await self._images.image(self._owner_of(request), image_id)).value
        if image is None or image.state is not ImageState.ACTIVE:
            return None
        return self._memo(image_id, file, _is_download(request)).of(image)

    def _new_memo(self, _: str, file: str, download: bool) -> ImageMemo[Blob | None]:
        return ImageMemo(lambda image: self._find(image, file, download))


def _is_download(request: Request) -> bool:
    return bool(request.scope["query_string"]) and "download" in request.query_params


def _original(image: ImageView, file: str, _: bool) -> Blob | None:
    """To be saved, never shown: nobody has looked at more of it than its header."""
    if file != image.sha256:
        return None
    name = original_name(image.name, image.media_type)
    return Blob(
        sha256=image.sha256,
        byte_size=image.byte_size,
        media_type=image.media_type,
        disposition=content_disposition(Disposition.ATTACHMENT, name),
        resource_policy="same-origin",
    )


def _rendition(image: ImageView, file: str, download: bool) -> Blob | None:
    """To be shown, on pages of any site: that is what renditions are for, and who embeds one has its hash."""
    for rendition in image.renditions:
        if _rendition_file(rendition) == file:
            return _rendition_blob(image, rendition, download)
    return None


def _rendition_blob(image: ImageView, rendition: RenditionView, download: bool) -> Blob | None:
    if rendition.sha256 is None or rendition.byte_size is None:
        return None
    return Blob(
        sha256=rendition.sha256,
        byte_size=rendition.byte_size,
        media_type=rendition.media_type,
        disposition=rendition_disposition(
            Disposition.ATTACHMENT if download else Disposition.INLINE,
            image.name,
            rendition.preset,
            rendition.media_type,
        ),
        resource_policy="cross-origin",
    )


def _rendition_file(rendition: RenditionView) -> str | None:
    if rendition.state is not RenditionState.READY or rendition.sha256 is None:
        return None
    return f"{rendition.sha256}.{EXTENSIONS[rendition.media_type]}"
