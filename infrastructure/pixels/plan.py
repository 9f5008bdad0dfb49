"""How an original is decoded, once, for several renditions of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Call, Pixels, Size, resolve
from domain.operations.grayscale import Grayscale, Method
from domain.recipe import Recipe
from infrastructure.pixels.checkpoint import checkpoint
from infrastructure.pixels.codec import SCALES

Calls: TypeAlias = Sequence[Call[Any]]

_NEAR_EDGES_STAY: Final = {1, 5}
"""Orientations that leave the first row and column first. Where a side is not divided without rest, the
last pixel of a reduced copy is seen in part; operations expect it to stay the last."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The scale by which the decoder divides, whether gray is enough, and the size that is not decoded.

    `exact`: it is scaled down exactly; of a JPEG, which is nearly the picture alone, nearly exactly.
    """

    scale: int
    gray: bool
    size: Size
    exact: bool

    def apply(self, calls: Calls, pixels: Pixels, *, copy: bool = False) -> Pixels:
        """One rendition, from what was decoded. `copy`: of a file that is a smaller copy of its picture; it
        is scaled as if it were half of what there is. Raises Superseded, and InvalidInput as steps do."""
        exact = self.exact and not copy
        for call in calls:
            checkpoint()
            reduction = call.operation.reduction
            if reduction is None or exact:
                pixels = call.apply(pixels)
                continue
            size, scale = self._scaled_down(pixels, copy=copy)
            call.announced(size)
            pixels = reduction.apply(pixels, call.parameters, size, scale)
            exact = True
        checkpoint()
        return pixels

    def _scaled_down(self, pixels: Pixels, *, copy: bool) -> tuple[Size, int]:
        """The size that a picture had, and by what it was divided."""
        size = (pixels.shape[1], pixels.shape[0])
        if self.scale > 1:
            return self.size, self.scale
        return ((2 * size[0], 2 * size[1]), 2) if copy else (size, 1)


def applicable(recipe: Recipe, size: Size) -> Calls:
    """Raises Refusal where the recipe cannot be applied to a picture of this size."""
    calls = resolve(recipe)
    for call in calls:
        size = call.announced(size)
    return calls


def plan(header: ImageHeader, renditions: Collection[Calls]) -> Plan:
    """The least that must be decoded for these renditions, of which there is one at least."""
    size = header.shown_size
    if header.media_type is not MediaType.JPEG:
        return Plan(1, gray=False, size=size, exact=True)
    scale = max(
        scale
        for scale in SCALES
        if _is_exact(header, scale) and all(_suffices(size, calls, scale) for calls in renditions)
    )
    return Plan(scale, gray=all(map(_begins_with_luma, renditions)), size=size, exact=False)


def _is_exact(header: ImageHeader, scale: int) -> bool:
    divisible = header.width % scale == 0 and header.height % scale == 0
    return divisible or header.orientation in _NEAR_EDGES_STAY


def _suffices(size: Size, calls: Calls, scale: int) -> bool:
    """Whether a copy reduced by this scale is enough: what scales down comes first, or after what may
    change places with averaging."""
    for call in calls:
        reduction = call.operation.reduction
        if reduction is not None:
            return scale == 1 or reduction.suffices(*size, call.parameters, scale)
        if call.region or call.operation.moves_pixels or not call.operation.commutes_with_averaging:
            break
    return scale == 1


def _begins_with_luma(calls: Calls) -> bool:
    """Whether it begins with what a JPEG holds as its first channel."""
    luma = Grayscale(method=Method.LUMA_601)
    return bool(calls) and calls[0].parameters == luma and calls[0].region is None
