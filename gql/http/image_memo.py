"""What a URL comes to for an image, worked out once for each state that the image is found in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from domain.ports.views import ImageView

T = TypeVar("T")

KEPT: Final = 512
"""URLs, of a kind, of which is kept what they come to."""


class ImageMemo(Generic[T]):
    """Keeps the last result of a function; any change of the image makes another view of it."""

    def __init__(self, function: Callable[[ImageView], T]) -> None:
        self._function = function
        self._last: tuple[ImageView, T] | None = None

    def of(self, image: ImageView) -> T:
        """Raises what the function raises."""
        if self._last is None or self._last[0] is not image:
            self._last = image, self._function(image)
        return self._last[1]
