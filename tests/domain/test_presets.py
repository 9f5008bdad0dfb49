"""Presets are named recipes, written in a format."""

from __future__ import annotations

import pytest

from domain.errors import UnknownName
from domain.header import MediaType
from domain.operations.catalogue import announced_size, canonical
from domain.output import Output
from domain.presets import BUILT_IN, Preset, Presets, output_for
from domain.recipe import Recipe


def test_what_is_built_in_can_be_found_and_listed() -> None:
    """Out of the box there are a thumbnail, and what the course application makes."""
    presets = Presets()
    assert [preset.name for preset in presets] == ["thumbnail", "grayscale-300"]
    assert presets.get("thumbnail").media_type is MediaType.WEBP
    assert presets.get("grayscale-300").media_type is None


@pytest.mark.parametrize("preset", BUILT_IN, ids=lambda preset: preset.name)
def test_recipes_that_are_built_in_are_right(preset: Preset) -> None:
    """They name operations and parameters that exist."""
    assert len(canonical(preset.recipe).steps) == len(preset.recipe.steps)


@pytest.mark.parametrize(
    ("original", "thumbnail"),
    [((1536, 1024), (256, 171)), ((30, 20), (30, 20)), ((100, 4000), (6, 256))],
)
def test_a_thumbnail_fits_and_is_never_enlarged(
    original: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    """The shape of the picture is kept."""
    presets = Presets()
    assert announced_size(presets.get("thumbnail").recipe, original) == thumbnail
    assert announced_size(presets.get("grayscale-300").recipe, original) == (300, 300)


def test_an_unknown_preset_is_refused_with_the_nearest_known_one() -> None:
    """Names are never ignored."""
    with pytest.raises(UnknownName, match=r"no preset named 'thumbnale'. Did you mean 'thumbnail'\?"):
        Presets().get("thumbnale")


def test_a_name_belongs_to_one_preset() -> None:
    """Two presets of one name are an error, not a choice."""
    with pytest.raises(ValueError, match="two presets are called 'thumbnail'"):
        Presets([*BUILT_IN, BUILT_IN[0]])


@pytest.mark.parametrize(
    ("media_type", "quality", "original", "output"),
    [
        (None, None, MediaType.PNG, Output(MediaType.PNG)),
        (None, None, MediaType.JPEG, Output(MediaType.JPEG, 85)),
        (None, 70, MediaType.JPEG, Output(MediaType.JPEG, 70)),
        (None, 70, MediaType.PNG, Output(MediaType.PNG)),
        (MediaType.WEBP, None, MediaType.PNG, Output(MediaType.WEBP, 80)),
        (MediaType.WEBP, 50, MediaType.PNG, Output(MediaType.WEBP, 50)),
    ],
)
def test_the_output_follows_from_the_preset_and_else_from_the_original(
    media_type: MediaType | None, quality: int | None, original: MediaType, output: Output
) -> None:
    """A quality means something for lossy formats only."""
    preset = Preset(name="x", description="", recipe=Recipe(), media_type=media_type, quality=quality)
    assert output_for(preset, original) == output


def test_an_original_without_transparency_may_be_written_in_another_format() -> None:
    """A thumbnail of a JPEG is a JPEG, which is made in a fraction of the time; others may be transparent."""
    thumbnail = Presets().get("thumbnail")
    assert output_for(thumbnail, MediaType.JPEG) == Output(MediaType.JPEG, 80)
    assert output_for(thumbnail, MediaType.PNG) == Output(MediaType.WEBP, 80)


def test_what_is_not_written_is_written_as_jpeg() -> None:
    """HEIC in its own format; where a preset says another one, it counts."""
    assert output_for(Presets().get("grayscale-300"), MediaType.HEIC) == Output(MediaType.JPEG, 85)
    assert output_for(Presets().get("thumbnail"), MediaType.HEIC) == Output(MediaType.WEBP, 80)
