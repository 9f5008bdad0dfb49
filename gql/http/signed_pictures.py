"""Pictures by signed URLs: `/<purpose>/<image>/<payload>.<signature>`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Protocol

import msgspec
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import NotFound, Refusal
from domain.picture import PictureRequest
from domain.ports.views import ImageState, ImageView
from gql.http.files import Images, OwnerOf
from gql.http.image_memo import KEPT, ImageMemo
from gql.http.made import MadePictures, refused
from gql.http.problems import problem
from gql.http.signer import Signer


class Asked(Protocol):
    """What a payload asks for."""

    def request(self, image: ImageView) -> PictureRequest:
        """Raises Refusal."""
        ...

    def caching(self) -> str:
        """What is said in Cache-Control. Raises Refusal where the time of the URL is over."""
        ...


class _Opened:
    """A URL whose signature was checked."""

    def __init__(self, asked: Asked) -> None:
        self.request = ImageMemo(asked.request).of
        self.caching = asked.caching


class SignedPictures:
    """An ASGI application for one purpose, whose payloads are of one kind."""

    def __init__(  # noqa: PLR0913 -- what it is for, and what it works with
        self,
        *,
        purpose: str,
        kind: type[Asked],
        made: MadePictures,
        images: Images,
        signer: Signer,
        owner_of: OwnerOf,
    ) -> None:
        """`owner_of` answers whose images the sender of a request may see."""
        self._purpose: Final = purpose
        self._decoder: msgspec.json.Decoder[Asked] = msgspec.json.Decoder(kind)
        self._made = made
        self._images = images
        self._signer = signer
        self._owner_of = owner_of
        self._opened = lru_cache(KEPT)(self._open)

    @property
    def route(self) -> Route:
        return Route(f"/{self._purpose}/{{image_id}}/{{signed}}", self, name=self._purpose)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> ASGIApp:
        if request.method not in {"GET", "HEAD"}:
            return problem(405, "METHOD_NOT_ALLOWED", "Pictures are read by GET.", {"Allow": "GET, HEAD"})
        image_id = request.path_params["image_id"]
        try:
            opened = self._opened(image_id, request.path_params["signed"])
        except msgspec.DecodeError:
            return problem(404, NotFound.code, "The URL is of another version of Darkroom.")
        if opened is None:
            return problem(403, "NOT_SIGNED", "Such a picture has a URL that the API gives.")
        image = (await self._images.image(self._owner_of(request), image_id)).value
        if image is None or image.state is not ImageState.ACTIVE:
            return problem(404, NotFound.code, "There is no such image.")
        try:
            wanted, caching = opened.request(image), {"Cache-Control": opened.caching()}
        except Refusal as refusal:
            return refused(refusal)
        return await self._made.answer(wanted, image, self._purpose.rstrip("s"), caching, request)

    def _open(self, image_id: str, signed: str) -> _Opened | None:
        """None for what was not signed here. Raises msgspec.DecodeError."""
        payload = self._signer.opened(self._purpose, image_id, signed)
        return None if payload is None else _Opened(self._decoder.decode(payload))
