"""Where something stands in a picture: in its middle, at a side, or in a corner."""

from enum import StrEnum

from domain.operations.catalogue import Size


class Anchor(StrEnum):
    CENTER = "CENTER"
    TOP = "TOP"
    BOTTOM = "BOTTOM"
    LEFT = "LEFT"
    RIGHT = "RIGHT"
    TOP_LEFT = "TOP_LEFT"
    TOP_RIGHT = "TOP_RIGHT"
    BOTTOM_LEFT = "BOTTOM_LEFT"
    BOTTOM_RIGHT = "BOTTOM_RIGHT"

    def place(self, inner: Size, outer: Size) -> tuple[int, int]:
        """Left and top of what stands so; half a pixel goes to the left and to the top."""
        sides = self.value.split("_")
        return (
            _offset(outer[0] - inner[0], start="LEFT" in sides, end="RIGHT" in sides),
            _offset(outer[1] - inner[1], start="TOP" in sides, end="BOTTOM" in sides),
        )


def _offset(free: int, *, start: bool, end: bool) -> int:
    if start:
        return 0
    return free if end else free // 2
