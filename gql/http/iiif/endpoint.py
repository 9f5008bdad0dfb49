"""Images for deep zoom: the IIIF Image API 3.0 at level 2, of what an image's recipe makes.

    /iiif/3/<image>~<mark>/{region}/{size}/{rotation}/{quality}.{format}

The mark stands for the recipe, so that what is answered may be kept for ever, and is one that the API alone
gives: whoever has the URL of an image may look at all of it, from pages of any site.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from domain.errors import NotFound, Refusal
from domain.header import MediaType
from domain.operations.catalogue import announced_size, resolve
from domain.output import default_output
from domain.picture import Original, Picture, PictureRequest, TileName
from domain.ports.pictures import Pictures, Tiles
from domain.ports.views import ImageState, ImageView
from domain.recipe import Recipe, digest, recipe_data, recipe_of
from gql.http.conditions import Verdict, verdict
from gql.http.files import Images, OwnerOf
from gql.http.iiif.information import CONTEXT, PROFILE, information, tile_of
from gql.http.iiif.request import Size, parse
from gql.http.made import FOR_EVER, MadePictures, refused
from gql.http.problems import problem
from gql.http.signer import Signer

PURPOSE: Final = "iiif"
PREFIX: Final = "/iiif/3"
MOST_SIZES: Final = 1024

_IDENTIFIER: Final = re.compile(r"([0-9A-Za-z_-]{1,64})~([0-9a-f]{16})")
_JSON: Final = "application/json"
_JSON_LD: Final = "application/ld+json"
_LINKED: Final = f'{_JSON_LD};profile="{CONTEXT}"'
_METHODS: Final = "GET, HEAD, OPTIONS"
_PREFLIGHT: Final = {
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": _METHODS,
    "Access-Control-Max-Age": "86400",
}


def iiif_url(signer: Signer, image_id: str, recipe_hash: str) -> str:
    """What the URLs of an image by the recipe with this hash begin with."""
    return f"{PREFIX}/{image_id}~{signer.mark(PURPOSE, image_id, recipe_hash)}"


@dataclass(frozen=True, slots=True)
class _Shown:
    """An image by its recipe. `url`: what its own URLs begin with, under the name that was asked."""

    image: ImageView
    original: Original
    recipe: Recipe
    size: Size
    url: str


class IiifImages:
    """An ASGI application."""

    def __init__(
        self, pictures: Pictures, tiles: Tiles, images: Images, signer: Signer, owner_of: OwnerOf
    ) -> None:
        """`owner_of` answers whose images the sender of a request may see."""
        self._pictures = pictures
        self._made = MadePictures(pictures)
        self._tiles = tiles
        self._images = images
        self._signer = signer
        self._owner_of = owner_of
        self._sizes: dict[str, Size] = {}

    @property
    def routes(self) -> list[Route]:
        return [
            Route(f"{PREFIX}/{{identifier}}", self, name="iiif"),
            Route(f"{PREFIX}/{{identifier}}/{{path:path}}", self, name="iiif pictures"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except Refusal as refusal:
            answer = refused(refusal)
        answer.headers["Access-Control-Allow-Origin"] = "*"
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        if request.method not in {"GET", "HEAD"}:
            return problem(405, "METHOD_NOT_ALLOWED", "Images are read by GET.", {"Allow": _METHODS})
        shown = await self._shown(request)
        match request.path_params.get("path"):
            case None:
                return RedirectResponse(f"{shown.url}/info.json", 303)
            case "info.json":
                return await self._information(shown, request)
            case path:
                return await self._picture(shown, path, request)

    async def _information(self, shown: _Shown, request: Request) -> Response:
        await self._tiles.prepare(shown.original, shown.recipe)
        linked = _wants_linked(request.headers.get("accept"))
        body = msgspec.json.encode(information(shown.url, shown.size))
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}{"-ld" if linked else ""}"'
        headers = {
            "Cache-Control": FOR_EVER,
            "Cross-Origin-Resource-Policy": "cross-origin",
            "ETag": etag,
            "Link": f'<{PROFILE}>;rel="profile"',
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
        }
        if verdict(request.headers, etag) is Verdict.NOT_MODIFIED:
            return Response(status_code=304, headers=headers)
        return Response(body, 200, headers, _LINKED if linked else _JSON)

    async def _picture(self, shown: _Shown, path: str, request: Request) -> Response:
        asked = parse(path, shown.size)
        canonical = f"{shown.url}/{asked.canonical(shown.size)}"
        headers = {
            "Cache-Control": FOR_EVER,
            "Link": f'<{PROFILE}>;rel="profile", <{canonical}>;rel="canonical"',
        }
        recipe = Recipe((*shown.recipe.steps, *asked.steps(shown.size)))
        wanted = PictureRequest(shown.original, recipe, default_output(asked.media_type), exact=False)
        tile = tile_of(asked, shown.size)
        make = None if tile is None else partial(self._tile, shown, asked.size, tile)
        return await self._made.answer(wanted, shown.image, "detail", headers, request, make=make)

    async def _tile(self, shown: _Shown, size: Size, tile: TileName, wanted: PictureRequest) -> Picture:
        content = await self._tiles.read(shown.original, shown.recipe, tile)
        if content is None:
            made = await self._pictures.make(wanted)
            await self._tiles.prepare(shown.original, shown.recipe)
            return made
        return Picture(content=content, media_type=MediaType.JPEG, width=size.width, height=size.height)

    async def _shown(self, request: Request) -> _Shown:
        """Raises NotFound and Quarantined."""
        found = _IDENTIFIER.fullmatch(request.path_params["identifier"])
        image = found and (await self._images.image(self._owner_of(request), found[1])).value
        if not found or not image or image.state is not ImageState.ACTIVE:
            raise NotFound("There is no such image.")
        recipe = recipe_of(image.edits)
        if not self._signer.is_mark(found[2], PURPOSE, image.image_id, digest(recipe_data(recipe))):
            raise NotFound("The image has another recipe by now. Ask the API for its URL again.")
        size = await self._size(image.source, recipe)
        url = f"{request.url.scheme}://{request.url.netloc}{PREFIX}/{found[0]}"
        return _Shown(image, image.source, recipe, size, url)

    async def _size(self, original: Original, recipe: Recipe) -> Size:
        """Of the image by its recipe: where that is not known before, the picture is made, once."""
        if not any(call.operation.announces_most for call in resolve(recipe)):
            return Size(*announced_size(recipe, original.header.shown_size))
        whole = PictureRequest(original, recipe, default_output(MediaType.JPEG))
        size = self._sizes.get(whole.picture_id)
        if size is None:
            made = await self._pictures.make(whole)
            size = Size(made.width, made.height)
            if len(self._sizes) >= MOST_SIZES:
                self._sizes.clear()
            self._sizes[whole.picture_id] = size
        return size


def _wants_linked(accept: str | None) -> bool:
    """JSON-LD is what those get who do not say, or name it; browsers show plain JSON (section 5.1)."""
    return accept is None or _JSON_LD in accept
