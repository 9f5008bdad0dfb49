"""What is asked of an output is what its format can do."""

import pytest

from domain.errors import InvalidInput
from domain.header import MediaType
from domain.output import WRITTEN, Output, checked_output, default_output

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
    ("output", "field", "message"),
    [
        (Output(MediaType.GIF), "mediaType", r"GIF is not written\. Written are JPG, PNG, WEBP, AVIF, TIF\."),
        (Output(MediaType.BMP), "mediaType", "BMP is not written"),
        (Output(PNG, 80), "quality", "PNG has no quality"),
        (Output(MediaType.TIFF, 80), "quality", "TIF has no quality"),
        (Output(JPEG, 0), "quality", "from 1 to 100"),
        (Output(WEBP, 101), "quality", "from 1 to 100"),
        (Output(WEBP, 80, lossless=True), "quality", "lossless has no quality"),
        (Output(JPEG, lossless=True), "lossless", "JPG has no choice to be lossless; AVIF and WEBP have"),
        (Output(PNG, lossless=True), "lossless", "PNG has no choice"),
        (Output(JPEG, background="white"), "background", "as #rrggbb"),
        (Output(JPEG, background="#fff"), "background", "as #rrggbb"),
        (Output(JPEG, background="#ffffff80"), "background", "as #rrggbb"),
        (Output(JPEG, background="#ffffff\n"), "background", "as #rrggbb"),
        (Output(JPEG, background=""), "background", "as #rrggbb"),
    ],
)
def test_nonsense_is_refused(output: Output, field: str, message: str) -> None:
    """In words that say what would be right, and for which field."""
    with pytest.raises(InvalidInput, match=message) as refused:
        checked_output(output)
    assert refused.value.field == field
