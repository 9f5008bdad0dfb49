"""Previews: an image by its recipe, or by steps on trial, at most so wide.

    /previews/<image>/<payload>.<signature>

All that a preview depends on stands in its URL, so that it can be kept for ever: the hash of the image's own
recipe, or the steps themselves. It is signed, so that nobody makes the server compute what it was not asked
for through the API. A preview is a JPEG, or a PNG where it is transparent: both are written in a few
milliseconds and read by everybody, so that nothing is negotiated. What a replay would make of an image is
shown as it would be written.
"""

from __future__ import annotations

from typing import Final, Self

import msgspec

from domain.errors import InvalidInput, NotFound
from domain.header import MediaType
from domain.operations.catalogue import announced_size, canonical
from domain.output import Output, default_output
from domain.picture import PictureRequest
from domain.ports.views import ImageView
from domain.recipe import Recipe, Step, digest, recipe_data, recipe_of
from domain.rendition import ENGINE
from gql.http.made import FOR_EVER
from gql.http.signer import Signer

WIDEST: Final = 4096
PURPOSE: Final = "previews"
_JPEG: Final = default_output(MediaType.JPEG)
_PNG: Final = default_output(MediaType.PNG)


class Preview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`recipe` is the hash of the image's own recipe; without it, `steps` are done. With an output it is
    written as a rendition would be, in its whole width."""

    width: int = WIDEST
    recipe: str | None = None
    steps: tuple[Step, ...] = ()
    output: Output | None = None
    engine: str = ENGINE
    """Another one makes other pixels, which have another URL."""

    @classmethod
    def of(cls, width: int, recipe: str, trial: tuple[Step, ...] | None) -> Self:
        """By the recipe with this hash, or by the steps on trial. Raises InvalidInput and UnknownName."""
        if not 1 <= width <= WIDEST:
            message = f"A preview is 1 to {WIDEST:,} px wide; this is {width:,}."
            raise InvalidInput(message, field="width")
        if trial is None:
            return cls(width, recipe)
        return cls(width, steps=canonical(Recipe(trial)).steps)

    @classmethod
    def by(cls, image: ImageView, recipe: Recipe, output: Output) -> Self:
        """As a rendition would be, but for AVIF, which takes too long here. Raises Refusal."""
        announced_size(recipe, image.source.header.shown_size)
        if output.media_type is MediaType.AVIF:
            output = Output(MediaType.WEBP, None, lossless=True, background=output.background)
        return cls(steps=canonical(recipe).steps, output=output)

    def url(self, image_id: str, signer: Signer) -> str:
        """Raises InvalidInput where the steps are too long for it."""
        return f"/{PURPOSE}/{image_id}/{signer.signed(PURPOSE, image_id, msgspec.to_builtins(self))}"

    def request(self, image: ImageView) -> PictureRequest:
        """Raises NotFound where the image has another recipe by now."""
        steps = self.steps
        if self.recipe is not None:
            own = recipe_of(image.edits)
            if digest(recipe_data(own)) != self.recipe:
                raise NotFound("The image has another recipe by now. Ask for its preview again.")
            steps = own.steps
        if self.output is not None:
            return PictureRequest(image.source, Recipe(steps), self.output)
        narrowed = Step("resize", {"width": self.width, "enlarge": False})
        return PictureRequest(image.source, Recipe((*steps, narrowed)), _JPEG, _PNG, exact=False)

    def caching(self) -> str:
        return FOR_EVER
