"""What is asked of an output is what its format can do."""

import pytest

from domain.errors import InvalidInput
from domain.header import MediaType
from domain.output import WRITTEN, Output, check_written, checked_output, default_output

JPEG, PNG, WEBP, AVIF = MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.AVIF


@pytest.mark.parametrize("media_type", WRITTEN)
def test_every_default_is_right(media_type: MediaType) -> None:
    """Also on a background."""
    output = default_output(media_type)
    assert checked_output(output) == output
    assert checked_output(Output(media_type, background="#A0b1C2")).background == "#a0b1c2"


@pytest.mark.parametrize("media_type", [WEBP, AVIF])
def test_two_formats_have_the_choice_to_be_lossless(media_type: MediaType) -> None:
    """And then no quality."""
    assert checked_output(Output(media_type, lossless=True)).lossless


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (Output(PNG, 80), "image/png has no quality"),
        (Output(MediaType.TIFF, 80), "image/tiff has no quality"),
        (Output(JPEG, 0), "1 to 100, not 0"),
        (Output(WEBP, 101), "1 to 100, not 101"),
        (Output(WEBP, 80, lossless=True), "Give one of the two"),
        (Output(JPEG, lossless=True), "Only image/avif and image/webp can be asked for without loss"),
        (Output(PNG, lossless=True), "not image/png"),
        (Output(JPEG, background="white"), "as #rrggbb"),
        (Output(JPEG, background="#fff"), "as #rrggbb"),
        (Output(JPEG, background="#ffffff80"), "as #rrggbb"),
        (Output(JPEG, background="#ffffff\n"), "as #rrggbb"),
        (Output(JPEG, background=""), "as #rrggbb"),
    ],
)
def test_nonsense_is_refused(output: Output, message: str) -> None:
    """In words that say what would be right."""
    with pytest.raises(InvalidInput, match=message) as refused:
        checked_output(output)
    assert refused.value.field == "output"


@pytest.mark.parametrize("media_type", set(MediaType) - set(WRITTEN))
def test_what_is_not_written_cannot_be_asked_for(media_type: MediaType) -> None:
    """It is only kept where an original is in that format."""
    with pytest.raises(InvalidInput, match="not written as"):
        check_written(media_type)
