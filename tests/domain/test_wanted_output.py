"""How a rendition is written where somebody wants it otherwise than usual."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.header import MediaType
from domain.output import Output
from domain.recipe import Step
from domain.wanted_output import AS_USUAL, WantedOutput, output_from, shrinking

JPEG_90 = Output(MediaType.JPEG, 90)
PNG = Output(MediaType.PNG)
LOSSLESS = Output(MediaType.WEBP, None, lossless=True)


@pytest.mark.parametrize("usual", [JPEG_90, PNG, LOSSLESS, Output(MediaType.GIF)])
def test_what_is_not_wanted_otherwise_stays_as_it_is_usual(usual: Output) -> None:
    """Also in a format that cannot be asked for."""
    assert output_from(AS_USUAL, usual) == usual


@pytest.mark.parametrize(
    ("wanted", "usual", "output"),
    [
        (WantedOutput(quality=40), JPEG_90, Output(MediaType.JPEG, 40)),
        (WantedOutput(media_type=MediaType.PNG), JPEG_90, PNG),
        (WantedOutput(media_type=MediaType.JPEG), PNG, Output(MediaType.JPEG, 85)),
        (WantedOutput(media_type=MediaType.WEBP, lossless=True), JPEG_90, LOSSLESS),
        (WantedOutput(lossless=False), LOSSLESS, Output(MediaType.WEBP, 80)),
        (WantedOutput(quality=30), LOSSLESS, Output(MediaType.WEBP, 30)),
        (WantedOutput(media_type=MediaType.AVIF), LOSSLESS, Output(MediaType.AVIF, 60)),
        (WantedOutput(background="#FFaa00"), PNG, Output(MediaType.PNG, background="#ffaa00")),
    ],
)
def test_what_is_wanted_takes_its_place(wanted: WantedOutput, usual: Output, output: Output) -> None:
    """A quality belongs to its format: another one has its own."""
    assert output_from(wanted, usual) == output


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (WantedOutput(media_type=MediaType.GIF), "not written as image/gif"),
        (WantedOutput(media_type=MediaType.PNG, quality=50), "image/png has no quality"),
        (WantedOutput(quality=0), "1 to 100, not 0"),
        (WantedOutput(quality=101), "1 to 100, not 101"),
        (WantedOutput(lossless=True), "Only image/avif and image/webp"),
        (WantedOutput(media_type=MediaType.WEBP, lossless=True, quality=50), "Give one of the two"),
        (WantedOutput(background="red"), "as #rrggbb"),
        (WantedOutput(background="#12345"), "as #rrggbb"),
        (WantedOutput(background="#12345678"), "as #rrggbb"),
    ],
)
def test_what_a_format_has_not_is_refused(wanted: WantedOutput, message: str) -> None:
    """With what would be right."""
    with pytest.raises(InvalidInput, match=message) as refusal:
        output_from(wanted, JPEG_90)
    assert refusal.value.field == "output"


def test_the_largest_size_is_a_step() -> None:
    """So that it is part of what a rendition depends on."""
    assert shrinking(AS_USUAL) == ()
    assert shrinking(WantedOutput(largest=64)) == (
        Step("resize", {"width": 64, "height": 64, "fit": "INSIDE", "enlarge": False}),
    )


@pytest.mark.parametrize("largest", [0, -1, 32_769])
def test_a_size_that_cannot_be_made_is_refused(largest: int) -> None:
    """By the name that it was asked for by."""
    with pytest.raises(InvalidInput, match="1 to 32,768 px") as refusal:
        shrinking(WantedOutput(largest=largest))
    assert refusal.value.field == "output"
