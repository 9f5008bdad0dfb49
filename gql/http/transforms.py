"""Transforms: pictures by any steps and in any form, for as long as their URL says.

    /transforms/<image>/<payload>.<signature>

All that the picture depends on stands in the URL. Whoever shares a key of `DARKROOM_URL_KEYS` may sign URLs
as well as the API.
"""

from __future__ import annotations

import time
from typing import Final, Self

import msgspec

from domain.errors import InvalidInput, Refusal
from domain.header import MediaType
from domain.operations.catalogue import announced_size, canonical
from domain.output import Output, check_written, checked_output, default_output
from domain.picture import PictureRequest
from domain.ports.views import ImageView
from domain.recipe import Recipe, Step, recipe_of
from domain.wanted_output import WantedOutput, output_from, shrinking
from gql.http.made import FOR_EVER
from gql.http.signer import Signer

PURPOSE: Final = "transforms"
LONGEST_SECONDS: Final = 366 * 24 * 3600


class UrlExpired(Refusal):
    code = "URL_EXPIRED"


class TransformsOff(Refusal):
    code = "TRANSFORMS_OFF"


class Transform(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Steps on the original; `expires` in seconds since 1970."""

    steps: tuple[Step, ...]
    output: Output
    transparent: Output | None = None
    expires: int | None = None

    @classmethod
    def of(
        cls, image: ImageView, steps: tuple[Step, ...], wanted: WantedOutput, expires_in: int | None
    ) -> Self:
        """The image by its recipe as it stands, then by these steps. Raises InvalidInput and UnknownName."""
        if expires_in is not None and not 1 <= expires_in <= LONGEST_SECONDS:
            message = f"A URL may expire in 1 to {LONGEST_SECONDS:,} seconds; this is {expires_in:,}."
            raise InvalidInput(message, field="expiresIn")
        recipe = canonical(Recipe((*recipe_of(image.edits).steps, *steps, *shrinking(wanted))))
        announced_size(recipe, image.source.header.shown_size)
        output = output_from(wanted, default_output(MediaType.JPEG))
        chosen = wanted.media_type is not None or wanted.background is not None
        transparent = None if chosen else default_output(MediaType.PNG)
        expires = None if expires_in is None else int(time.time()) + expires_in
        return cls(recipe.steps, _quick(output), transparent, expires)

    def url(self, image_id: str, signer: Signer) -> str:
        """Raises InvalidInput where the steps are too long for it."""
        return f"/{PURPOSE}/{image_id}/{signer.signed(PURPOSE, image_id, msgspec.to_builtins(self))}"

    def request(self, image: ImageView) -> PictureRequest:
        """Raises InvalidInput."""
        transparent = None if self.transparent is None else _quick(self.transparent)
        return PictureRequest(image.source, Recipe(self.steps), _quick(self.output), transparent)

    def caching(self) -> str:
        """Raises UrlExpired."""
        if self.expires is None:
            return FOR_EVER
        now = time.time()
        if self.expires <= now:
            raise UrlExpired("This URL has expired. Ask the API for another one.")
        return f"private, max-age={self.expires - int(now)}"


def _quick(output: Output) -> Output:
    """AVIF takes 76 to 279 ms for 1600 x 1200 pixels, while somebody waits. Raises InvalidInput."""
    if output.media_type is MediaType.AVIF:
        raise InvalidInput("AVIF is not written while somebody waits: request a rendition.", field="output")
    check_written(output.media_type)
    return checked_output(output)
