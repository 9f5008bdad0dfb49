"""What HTML needs to load a picture in the width that fits."""

from __future__ import annotations

from typing import Final

import strawberry

from domain.errors import InvalidInput
from domain.operations.catalogue import announced_size
from domain.ports.views import ImageView
from domain.presets import Preset
from domain.recipe import Recipe, digest, recipe_data, recipe_of
from gql.context import Context
from gql.http.previews import WIDEST, Preview

WIDTHS: Final = (320, 640, 960, 1280, 1920, 2560)
MOST_WIDTHS: Final = 12


@strawberry.type(description="The attributes of an img element.")
class ResponsiveImage:
    src: str = strawberry.field(description="For those who do not look at the others: the widest.")
    src_set: str = strawberry.field(description="Each width with its URL, the narrowest first.")
    sizes: str
    width: int = strawberry.field(description="In pixels; with the height it reserves the place.")
    height: int
    placeholder: str | None = strawberry.field(
        description="As of the image; null while its own recipe or a preset makes another picture of it."
    )


def responsive(
    image: ImageView, preset: Preset | None, widths: list[int] | None, sizes: str, context: Context
) -> ResponsiveImage:
    """Raises InvalidInput."""
    if widths is not None and not 1 <= len(widths) <= MOST_WIDTHS:
        message = f"There are 1 to {MOST_WIDTHS} widths; these are {len(widths)}."
        raise InvalidInput(message, field="widths")
    own = recipe_of(image.edits)
    recipe = own if preset is None else Recipe((*own.steps, *preset.recipe.steps))
    full = announced_size(recipe, image.source.header.shown_size)
    trial = None if preset is None else recipe.steps
    own_hash = digest(recipe_data(own))
    urls = {
        width: context.urls.preview(image.image_id, Preview.of(width, own_hash, trial))
        for width in sorted({min(width, full[0], WIDEST) for width in widths or WIDTHS})
    }
    return ResponsiveImage(
        src=urls[max(urls)],
        src_set=", ".join(f"{url} {width}w" for width, url in urls.items()),
        sizes=sizes,
        width=full[0],
        height=full[1],
        placeholder=None if recipe.steps or image.findings is None else image.findings.placeholder,
    )
