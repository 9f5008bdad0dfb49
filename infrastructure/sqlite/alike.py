"""Images that look like another one: the same pixels, or perceptual hashes that are near each other.

Those that are near are found by looking at all hashes there are.
"""

from __future__ import annotations

from typing import NamedTuple

from domain.query import ImageFilter
from infrastructure.sqlite.hamming import FUNCTION
from infrastructure.sqlite.image_filter import ImageConditions
from infrastructure.sqlite.image_rows import image_columns
from infrastructure.sqlite.moment import image_versions
from infrastructure.sqlite.statement import Values, with_checkpoint


class AlikeQuery(NamedTuple):
    """The image that others are compared with, and how many of them are wanted at most."""

    owner: str
    image_id: str
    limit: int
    as_of: int | None


def same_pixels(query: AlikeQuery) -> tuple[str, Values]:
    return _alike(query, Values(), "0", "e.pixel_hash = me.pixel_hash")


def near_duplicates(query: AlikeQuery, within: int) -> tuple[str, Values]:
    values = Values()
    distance = f"{FUNCTION}(e.perceptual_hash, me.perceptual_hash)"
    near = f"e.perceptual_hash IS NOT NULL AND {distance} <= {values.mark(within)}"
    return _alike(query, values, distance, near)


def _alike(query: AlikeQuery, values: Values, distance: str, alike: str) -> tuple[str, Values]:
    images = image_versions(values, query.as_of)
    mine = values.mark(query.owner)
    parts = [
        f"one.owner = {mine}",
        f"one.image_id = {values.mark(query.image_id)}",
        "me.findings IS NOT NULL",
        f"now.owner = {mine}",
        "now.position <> one.position",
        ImageConditions(values, images, ImageFilter()).of_state(),
    ]
    if images.at is not None:
        parts += [f"me.settled <= {images.at}", f"e.settled <= {images.at}"]
    found = (
        f"SELECT {distance} AS distance, e.image AS position "
        "FROM images one CROSS JOIN examinations me ON me.image = one.position "
        f"CROSS JOIN examinations e ON {alike} "
        f"CROSS JOIN {images.source} ON now.position = e.image {images.join} "
        f"WHERE {' AND '.join(parts)} ORDER BY 1, 2 LIMIT {values.mark(query.limit)}"
    )
    source = f"(({found}) alike CROSS JOIN {images.source} ON now.position = alike.position {images.join})"
    columns = f"alike.distance, {image_columns(images)}"
    return f"{with_checkpoint(columns, source)} ORDER BY alike.distance, alike.position", values
