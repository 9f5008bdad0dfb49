"""An operation on a part of a picture: with its true surroundings, and blended at the edge.

The result is that of the operation on the whole picture, shown through a mask. Only what the mask needs is
computed: its box, and around it the margin that the operation looks at.
"""

from itertools import pairwise
from math import ceil, floor
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

from domain.operations.catalogue import Call, Pixels
from domain.region import Point, Rectangle, Region

_LINES: Final = 8
"""Lines into which a row is divided to find how much of a pixel a polygon covers."""

_ROWS: Final = 64
"""Rows that are blended at a time: their floats stay in the processor's cache."""

_REACH: Final = 1.5
"""Feathers within which the edge has faded; the feather is two standard deviations of a Gaussian."""


class Box(NamedTuple):
    """Whole pixels: the first ones, and those behind the last."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        return self.right - self.left, self.bottom - self.top

    def of(self, pixels: Pixels) -> Pixels:
        return pixels[self.top : self.bottom, self.left : self.right]

    def grown(self, by: int, size: tuple[int, int]) -> "Box":
        """Larger on all sides, within a picture of this size."""
        left, top = max(self.left - by, 0), max(self.top - by, 0)
        return Box(left, top, min(self.right + by, size[0]), min(self.bottom + by, size[1]))

    def within(self, outer: "Box") -> "Box":
        """The same, counted from the top left of another one."""
        x, y = outer.left, outer.top
        return Box(self.left - x, self.top - y, self.right - x, self.bottom - y)


def apply_within(call: Call[Any], region: Region, pixels: Pixels) -> Pixels:
    """The picture, changed within the region. Alpha is blended as the colours are."""
    size = (pixels.shape[1], pixels.shape[0])
    box = _box(region, size)
    mask = coverage(region, box)
    measured = call.measured(box.of(pixels), mask)
    margin = call.operation.margin(call.parameters)
    seen = Box(0, 0, *size) if margin is None else box.grown(margin, size)
    changed = box.within(seen).of(call.run(seen.of(pixels), measured))
    before, changed = _alike(pixels, changed)
    result = before.copy()
    blend(box.of(result), changed, mask)
    return result


def coverage(region: Region, box: Box) -> Pixels:
    """How much of each pixel in a box is within the region: (height, width), uint8, 255 is all of it."""
    if region.rectangle is not None:
        mask = _rectangle(region.rectangle, box)
    else:
        mask = _polygon(region.polygon, box)
    if region.feather == 0:
        return mask
    side = 2 * ceil(_REACH * region.feather) + 1
    return cv2.GaussianBlur(mask, (side, side), region.feather / 2, borderType=cv2.BORDER_REPLICATE)


def _box(region: Region, size: tuple[int, int]) -> Box:
    left, top, right, bottom = region.bounds
    inner = Box(floor(left), floor(top), max(ceil(right), floor(left) + 1), max(ceil(bottom), floor(top) + 1))
    return inner.grown(ceil(_REACH * region.feather), size)


def _rectangle(rectangle: Rectangle, box: Box) -> Pixels:
    across = _covered(rectangle.x - box.left, rectangle.width, box.size[0])
    down = _covered(rectangle.y - box.top, rectangle.height, box.size[1])
    different, each = np.unique(down, return_inverse=True)  # those at the edge, and all between
    rows: Pixels = np.rint(np.outer(different, across) * 255)
    return rows.astype(np.uint8)[each]


def _covered(start: float, length: float, count: int) -> Pixels:
    """How much of each of so many pixels in a row lies between two places."""
    edges = np.arange(count + 1).clip(start, start + length)
    return np.diff(edges)


def _polygon(points: tuple[Point, ...], box: Box) -> Pixels:
    """Along thin lines, what lies to the right of each edge is added or taken off, as the edge goes down or
    up; what remains is how often the polygon winds around a place."""
    width, height = box.size
    change = np.zeros((height, width + 2), np.float32)
    corners = [(point.x - box.left, point.y - box.top) for point in points]
    for start, end in pairwise([*corners, corners[0]]):
        _add_edge(change, start, end)
    winding = np.cumsum(change, axis=1, out=change)[:, :width]
    return cv2.convertScaleAbs(winding, alpha=255)


def _add_edge(change: Pixels, start: tuple[float, float], end: tuple[float, float]) -> None:
    (x, y), (x_end, y_end) = start, end
    first, last = sorted((round(y * _LINES), round(y_end * _LINES)))
    if first == last:
        return
    lines = np.arange(first, last)
    places = x + ((lines + 0.5) / _LINES - y) * (x_end - x) / (y_end - y)
    places = places.clip(0, change.shape[1] - 2)
    rows, columns = lines // _LINES, places.astype(np.intp)
    part, sign = places - columns, (1 if y < y_end else -1) / _LINES
    np.add.at(change, (rows, columns), sign * (1 - part))
    np.add.at(change, (rows, columns + 1), sign * part)


def _alike(one: Pixels, other: Pixels) -> tuple[Pixels, Pixels]:
    """Both with the channels of the one that has more: colours beside gray become colours."""
    most = max(_channels(one), _channels(other))
    return _widened(one, most), _widened(other, most)


def _channels(pixels: Pixels) -> int:
    return 1 if pixels.ndim == 2 else pixels.shape[2]


def _widened(pixels: Pixels, channels: int) -> Pixels:
    if _channels(pixels) == channels:
        return pixels
    planes = cv2.split(pixels)
    return cv2.merge((planes[0],) * 3 + tuple(planes[1:]))


def blend(pixels: Pixels, changed: Pixels, mask: Pixels) -> None:
    """Put another picture over one, in place, through a mask: (height, width) of uint8."""
    same = _channels(pixels) in {1, 3} or np.array_equal(pixels[..., -1], changed[..., -1])
    mixed = _mixed if same else _mixed_with_alpha
    for top in range(0, len(mask), _ROWS):
        rows = np.s_[top : top + _ROWS]
        pixels[rows] = mixed(pixels[rows], changed[rows], mask[rows])


def _mixed(before: Pixels, changed: Pixels, mask: Pixels) -> Pixels:
    if mask.min() == 255:
        return changed
    weight = mask.astype(np.float32) / np.float32(255)
    weight = weight if before.ndim == 2 else weight[..., None]
    mixed: Pixels = np.rint(before + (changed.astype(np.float32) - before) * weight)
    return mixed.astype(before.dtype)


def _mixed_with_alpha(before: Pixels, changed: Pixels, mask: Pixels) -> Pixels:
    """What is transparent gives no colour to the mixture."""
    weight = mask.astype(np.float32) / np.float32(255)
    first, second = before[..., -1] * (1 - weight), changed[..., -1] * weight
    alpha = first + second
    share = np.divide(second, alpha, out=np.zeros_like(alpha), where=alpha > 0)[..., None]
    colors = before[..., :-1] * (1 - share) + changed[..., :-1] * share
    mixed: Pixels = np.rint(np.dstack([colors, alpha]))
    return mixed.astype(before.dtype)
