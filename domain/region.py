"""The part of a picture that a step is limited to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Final

from domain.errors import InvalidInput

MOST_POINTS: Final = 1000
WIDEST_FEATHER: Final = 1000

_DIGITS: Final = 3
"""Decimal places of a pixel that are kept: finer ones cannot be seen, and would make other hashes."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle or a polygon, in pixels of the step's input, from its top left corner.

    A polygon is closed by itself; what it winds around is within, however often. `feather` is how far, in
    pixels, the edge fades to either side.
    """

    rectangle: Rectangle | None = None
    polygon: tuple[Point, ...] = ()
    feather: float = 0.0

    def checked(self, operation: str) -> Region:
        """The same in its one canonical form. Raises InvalidInput for what encloses nothing."""
        field = f"{operation}.region"
        if (self.rectangle is None) is (not self.polygon):
            message = f"A region is a rectangle or a polygon of 3 to {MOST_POINTS:,} points: one of them."
            raise InvalidInput(message, field=field)
        if not all(map(isfinite, (*self._numbers(), self.feather))):
            raise InvalidInput("A region is given in finite numbers.", field=field)
        if not 0 <= self.feather <= WIDEST_FEATHER:
            message = f"The feather of a region is 0 to {WIDEST_FEATHER:,} px; this is {self.feather:,}."
            raise InvalidInput(message, field=field)
        if self.rectangle is not None:
            _check_rectangle(self.rectangle, field)
        else:
            _check_polygon(self.polygon, field)
        return self._rounded()

    def check_within(self, width: int, height: int, operation: str) -> None:
        """Raises InvalidInput where a part of it lies outside a picture of this size."""
        left, top, right, bottom = self.bounds
        if left < 0 or top < 0 or right > width or bottom > height:
            raise InvalidInput(
                f"The region of {operation} reaches from ({left:,g}, {top:,g}) to ({right:,g}, {bottom:,g}); "
                f"the picture there is {width:,} x {height:,} pixels.",
                field=f"{operation}.region",
            )

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, without the feather."""
        if self.rectangle is not None:
            x, y = self.rectangle.x, self.rectangle.y
            return x, y, x + self.rectangle.width, y + self.rectangle.height
        across, down = [point.x for point in self.polygon], [point.y for point in self.polygon]
        return min(across), min(down), max(across), max(down)

    def scaled(self, across: float, down: float) -> Region:
        """The same part of a picture whose sides are scaled by these factors."""
        rectangle, polygon = self.rectangle, self.polygon
        return Region(
            rectangle
            and Rectangle(
                rectangle.x * across, rectangle.y * down, rectangle.width * across, rectangle.height * down
            ),
            tuple(Point(point.x * across, point.y * down) for point in polygon),
            self.feather * min(across, down),
        )

    def _numbers(self) -> tuple[float, ...]:
        if self.rectangle is not None:
            return self.rectangle.x, self.rectangle.y, self.rectangle.width, self.rectangle.height
        return tuple(number for point in self.polygon for number in (point.x, point.y))

    def _rounded(self) -> Region:
        numbers = [round(float(number), _DIGITS) + 0.0 for number in self._numbers()]
        if self.rectangle is not None:
            return Region(Rectangle(*numbers), (), round(float(self.feather), _DIGITS))
        points = tuple(map(Point, numbers[::2], numbers[1::2]))
        return Region(None, points, round(float(self.feather), _DIGITS))


def region_data(region: Region) -> dict[str, object]:
    """As plain values."""
    if region.rectangle is not None:
        return {"rectangle": asdict(region.rectangle) | {"feather": region.feather}}
    return {"polygon": {"points": list(map(asdict, region.polygon)), "feather": region.feather}}


def _check_rectangle(rectangle: Rectangle, field: str) -> None:
    if rectangle.width < 1 or rectangle.height < 1:
        raise InvalidInput(
            "The rectangle of a region is at least 1 px wide and high; "
            f"this is {rectangle.width:,g} x {rectangle.height:,g}.",
            field=field,
        )


def _check_polygon(points: tuple[Point, ...], field: str) -> None:
    if not 3 <= len(points) <= MOST_POINTS:
        message = f"The polygon of a region has 3 to {MOST_POINTS:,} points; this has {len(points):,}."
        raise InvalidInput(message, field=field)
    first = points[0]
    farthest = max(points, key=lambda point: abs(point.x - first.x) + abs(point.y - first.y))
    across, down = farthest.x - first.x, farthest.y - first.y
    if not any(abs(across * (p.y - first.y) - down * (p.x - first.x)) >= 1 for p in points):
        raise InvalidInput("The polygon of a region encloses nothing: its points lie on a line.", field=field)
