"""A watermark is written where its anchor says, and hides as much as its opacity says."""

from __future__ import annotations

import numpy as np
import pytest

from domain.operations.anchor import Anchor
from domain.operations.catalogue import Pixels
from domain.operations.parameters import Color, Text
from domain.operations.watermark import Watermark, watermark

BLACK: Pixels = np.zeros((120, 300, 3), np.uint8)


def ink(pixels: Pixels, before: Pixels = BLACK) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is changed."""
    rows, columns = np.nonzero((pixels != before).any(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("anchor", Anchor)
def test_it_keeps_its_distance_from_the_edge(anchor: Anchor) -> None:
    """On the sides that its anchor names, to the pixel; else it is in the middle."""
    result = watermark(BLACK, Watermark(text=Text("Tag"), margin=10, opacity=1, anchor=anchor))
    left, top, right, bottom = ink(result)
    names = anchor.value.split("_")
    across = left - 10 if "LEFT" in names else right - 290 if "RIGHT" in names else (left + right - 300) // 2
    down = top - 10 if "TOP" in names else bottom - 110 if "BOTTOM" in names else (top + bottom - 120) // 2
    assert abs(across) <= 1
    assert abs(down) <= 1


def test_opacity_is_how_much_it_hides() -> None:
    """Half of white over black is gray; alpha of the colour counts."""
    text = Text("\u2588\u2588III")
    for parameters, most in (
        (Watermark(text=text, size=60, opacity=1), 255),
        (Watermark(text=text, size=60, opacity=0.5), 128),
        (Watermark(text=text, size=60, opacity=0.5, color=Color("#ffffff80")), 64),
    ):
        assert abs(int(watermark(BLACK, parameters).max()) - most) <= 1


def test_a_text_too_long_is_written_smaller() -> None:
    """All of it is seen, within the margins."""
    left, _, right, _ = ink(watermark(BLACK, Watermark(text=Text("W" * 40), size=100, margin=10)))
    assert left >= 10
    assert right <= 290
    assert right - left > 200


def test_letters_of_many_scripts_are_known() -> None:
    """Each looks different, and none like the question mark of those that are not."""
    written = {
        watermark(BLACK, Watermark(text=Text(letter), size=80)).tobytes() for letter in "AßяλשÑ漢か한?"
    }
    assert len(written) == 10
    face, mark = (watermark(BLACK, Watermark(text=Text(letter), size=80)) for letter in "\U0001f642?")
    np.testing.assert_array_equal(face, mark)


def test_it_is_seen_where_the_picture_is_transparent() -> None:
    """In its own colour."""
    clear = np.zeros((60, 60, 4), np.uint8)
    result = watermark(clear, Watermark(text=Text("I"), size=40, opacity=1, color=Color("#ff0000")))
    assert result[..., 3].max() == 255
    assert (result[result[..., 3] > 0][:, :3] == (0, 0, 255)).all()


def test_there_may_be_no_room() -> None:
    """A picture smaller than its margins, or a text of nothing but spaces, changes nothing."""
    assert watermark(BLACK, Watermark(text=Text("A"), margin=200)) is BLACK
    assert watermark(BLACK, Watermark(text=Text("  "))) is BLACK
