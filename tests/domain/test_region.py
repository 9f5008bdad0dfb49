"""A region is a part of a picture, and nothing else is accepted as one."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.region import MOST_POINTS, Point, Rectangle, Region, region_data

TRIANGLE = (Point(0, 0), Point(10, 0), Point(0, 10))


def test_a_rectangle_and_a_polygon_are_regions() -> None:
    """Numbers are kept to a thousandth of a pixel."""
    box = Region(Rectangle(1, 2.00049, 3, 4), feather=2).checked("blur")
    assert box == Region(Rectangle(1.0, 2.0, 3.0, 4.0), feather=2.0)
    assert Region(polygon=TRIANGLE).checked("blur").polygon == TRIANGLE


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (Region(), "one of them"),
        (Region(Rectangle(0, 0, 5, 5), TRIANGLE), "one of them"),
        (Region(Rectangle(5, 5, -3, 2)), "-3 x 2"),
        (Region(Rectangle(5, 5, 0, 2)), "0 x 2"),
        (Region(Rectangle(float("nan"), 0, 5, 5)), "finite"),
        (Region(Rectangle(0, 0, float("inf"), 5)), "finite"),
        (Region(Rectangle(0, 0, 5, 5), feather=-1), "0 to 1,000"),
        (Region(Rectangle(0, 0, 5, 5), feather=float("inf")), "finite"),
        (Region(polygon=TRIANGLE[:2]), "3 to 1,000 points"),
        (Region(polygon=(Point(0, 0),) * (MOST_POINTS + 1)), "this has 1,001"),
        (Region(polygon=(Point(0, 0), Point(5, 5), Point(9, 9))), "on a line"),
        (Region(polygon=(Point(3, 3),) * 3), "on a line"),
    ],
)
def test_what_encloses_nothing_is_refused(region: Region, words: str) -> None:
    """With what was wrong, and whose region it is."""
    with pytest.raises(InvalidInput, match=words) as refusal:
        region.checked("blur")
    assert refusal.value.field == "blur.region"


@pytest.mark.parametrize(
    "region",
    [
        Region(Rectangle(-1, 0, 5, 5)),
        Region(Rectangle(16, 0, 5, 5)),
        Region(Rectangle(0, 6, 5, 5)),
        Region(polygon=(Point(0, 0), Point(20.5, 5), Point(3, 9))),
    ],
)
def test_what_reaches_beyond_the_picture_is_refused(region: Region) -> None:
    """The bounds are told."""
    with pytest.raises(InvalidInput, match=r"the picture there is 20 x 10 pixels"):
        region.check_within(20, 10, "blur")


def test_what_touches_the_edges_is_within() -> None:
    """The whole picture is a region too."""
    Region(Rectangle(0, 0, 20, 10), feather=50).check_within(20, 10, "blur")


def test_a_region_is_scaled_with_its_picture() -> None:
    """A preview is smaller, and so is what is changed in it."""
    assert Region(Rectangle(2, 4, 6, 8), feather=3).scaled(0.5, 0.25) == Region(
        Rectangle(1, 1, 3, 2), feather=0.75
    )
    assert Region(polygon=TRIANGLE).scaled(2, 3).bounds == (0, 0, 20, 30)


def test_regions_are_written_with_what_there_is_of_them() -> None:
    """In the form in which they are asked for."""
    assert region_data(Region(Rectangle(1, 2, 3, 4))) == {
        "rectangle": {"x": 1, "y": 2, "width": 3, "height": 4, "feather": 0.0}
    }
    assert region_data(Region(polygon=TRIANGLE[:1], feather=1)) == {
        "polygon": {"points": [{"x": 0, "y": 0}], "feather": 1}
    }
