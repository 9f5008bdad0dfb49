"""Parts of pictures, as they are given and shown."""

from __future__ import annotations

import strawberry

from domain.region import Point, Rectangle, Region, region_data
from gql.schema.scalars import Json


@strawberry.input(description="In pixels, from the top left corner.")
class PointInput:
    x: float
    y: float


@strawberry.input(description="In pixels, from the top left corner.")
class RectangleInput:
    x: float
    y: float
    width: float
    height: float
    feather: float = strawberry.field(
        default=0.0, description="How far the edge fades to either side, in px."
    )


@strawberry.input(description="Closed by itself; what it winds around is within.")
class PolygonInput:
    points: list[PointInput]
    feather: float = strawberry.field(
        default=0.0, description="How far the edge fades to either side, in px."
    )


@strawberry.input(
    one_of=True,
    description="A part of a picture, in pixels of the step's input. What is changed there is computed with "
    "its true surroundings; means and histograms are those of the part.",
)
class RegionInput:
    rectangle: RectangleInput | None = strawberry.UNSET
    polygon: PolygonInput | None = strawberry.UNSET


def region_from(given: RegionInput) -> Region:
    if given.polygon:
        points = tuple(Point(point.x, point.y) for point in given.polygon.points)
        return Region(polygon=points, feather=given.polygon.feather)
    assert given.rectangle  # noqa: S101  (one of the two is given: @oneOf)
    box = given.rectangle
    return Region(Rectangle(box.x, box.y, box.width, box.height), feather=box.feather)


def shown_region(region: Region | None) -> Json | None:
    """In the form of RegionInput."""
    return None if region is None else Json(region_data(region))
