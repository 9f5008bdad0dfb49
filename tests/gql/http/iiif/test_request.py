"""A IIIF URL is understood as the Image API says, or refused with what would be right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.header import MediaType
from domain.picture import TILE, TileName
from domain.recipe import Step
from gql.http.iiif.information import information, scale_factors, scaled, tile_of
from gql.http.iiif.request import (
    FORMATS,
    MOST_PIXELS,
    ImageRequest,
    Quality,
    Size,
    parse,
    parse_region,
    parse_size,
)

PICTURE = Size(300, 200)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("full", (0, 0, 300, 200)),
        ("square", (50, 0, 200, 200)),
        ("125,15,120,140", (125, 15, 120, 140)),
        ("pct:41.6,7.5,40,70", (125, 15, 120, 140)),
        ("125,15,200,200", (125, 15, 175, 185)),
        ("pct:41.6,7.5,66.6,100", (125, 15, 175, 185)),
    ],
)
def test_regions_are_those_of_the_specification(text: str, region: tuple[int, ...]) -> None:
    """Its own examples; what stands out is cut off."""
    assert parse_region(text, PICTURE) == region


@pytest.mark.parametrize(
    "text",
    [
        "",
        "half",
        "0,0,10",
        "0,0,0,10",
        "300,0,5,5",
        "0,200,1,1",
        "-1,0,5,5",
        "pct:0,0,0,10",
        "pct:101,0,5,5",
        "1.5,0,5,5",
        "pct:nan,0,1,1",
        "0,0,99999999999,1",
        "٣,0,5,5",
    ],
)
def test_a_region_of_nothing_is_refused(text: str) -> None:
    """And so is what is no region at all."""
    with pytest.raises(InvalidInput) as refusal:
        parse_region(text, PICTURE)
    assert refusal.value.field == "region"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("max", (300, 200)),
        ("150,", (150, 100)),
        (",150", (225, 150)),
        ("pct:50", (150, 100)),
        ("225,100", (225, 100)),
        ("!225,100", (150, 100)),
        ("!150,190", (150, 100)),
        ("^360,", (360, 240)),
        ("^,240", (360, 240)),
        ("^pct:120", (360, 240)),
        ("^360,360", (360, 360)),
        ("^!360,360", (360, 240)),
        ("^!100,100", (100, 67)),
        ("^max", (5477, 3651)),
    ],
)
def test_sizes_are_those_of_the_specification(text: str, size: tuple[int, int]) -> None:
    """Its own examples; `^` allows scaling up, and does not demand it."""
    assert parse_size(text, PICTURE) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "full",
        ",",
        "^",
        "!,",
        "!5,",
        "0,",
        ",0",
        "0,0",
        "!0,5",
        "pct:0",
        "pct:0.1",
        "360,",
        ",240",
        "pct:120",
        "!360,360",
        "360,100",
        "^9999999,9999999",
        "-5,",
        "5",
        "^^5,",
        "1e2,",
        "pct:1e2",
    ],
)
def test_a_size_that_is_wrong_is_refused(text: str) -> None:
    """Nothing, more than there is without `^`, or more than is made for anybody."""
    with pytest.raises(InvalidInput) as refusal:
        parse_size(text, PICTURE)
    assert refusal.value.field == "size"


def test_the_largest_size_is_bounded() -> None:
    """A picture of 100 MP is not made for a request; its tiles are."""
    size = parse_size("max", Size(20_000, 5_000))
    assert size.width * size.height <= MOST_PIXELS
    assert size.width / size.height == pytest.approx(4, rel=0.001)
    thin = parse_size("max", Size(30_000_000, 1))
    assert thin == (MOST_PIXELS, 1)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("full/max/0/default.jpg", ()),
        ("10,20,100,50/max/0/color.png", (Step("crop", {"x": 10, "y": 20, "width": 100, "height": 50}),)),
        ("full/150,/360/default.jpg", (Step("resize", {"width": 150, "height": 100}),)),
        (
            "full/max/!90/default.jpg",
            (Step("flip", {"axis": "HORIZONTAL"}), Step("rotate", {"degrees": -90.0})),
        ),
        ("full/max/0/gray.tif", (Step("grayscale"),)),
        ("full/max/0/bitonal.webp", (Step("grayscale"), Step("threshold", {"method": "OTSU"}))),
    ],
)
def test_a_request_is_a_recipe(path: str, steps: tuple[Step, ...]) -> None:
    """Region, size, rotation, quality, in this order; rotation is clockwise."""
    assert parse(path, PICTURE).steps(PICTURE) == steps


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("full/max/0", "path"),
        ("full/max/0/default.jpg/more", "path"),
        ("full/max/45/default.jpg", "rotation"),
        ("full/max/-90/default.jpg", "rotation"),
        ("full/max/450/default.jpg", "rotation"),
        ("full/max/!/default.jpg", "rotation"),
        ("full/max/0/native.jpg", "quality"),
        ("full/max/0/default.jp2", "format"),
        ("full/max/0/default", "format"),
    ],
)
def test_what_is_not_understood_is_refused(path: str, field: str) -> None:
    """With the part that is wrong."""
    with pytest.raises(InvalidInput) as refusal:
        parse(path, PICTURE)
    assert refusal.value.field == field


@st.composite
def requests(draw: st.DrawFn) -> tuple[ImageRequest, Size]:
    picture = Size(draw(st.integers(1, 9000)), draw(st.integers(1, 9000)))
    x, y = draw(st.integers(0, picture.width - 1)), draw(st.integers(0, picture.height - 1))
    width, height = draw(st.integers(1, picture.width)), draw(st.integers(1, picture.height))
    size = f"^{draw(st.integers(1, 4000))},{draw(st.integers(1, 4000))}"
    rotation = f"{draw(st.sampled_from(['', '!']))}{draw(st.sampled_from([0, 90, 180, 270]))}"
    last = f"{draw(st.sampled_from(Quality))}.{draw(st.sampled_from(list(FORMATS)))}"
    return parse(f"{x},{y},{width},{height}/{size}/{rotation}/{last}", picture), picture


@given(requests())
def test_the_canonical_form_asks_for_the_same(asked: tuple[ImageRequest, Size]) -> None:
    """Whatever was asked."""
    request, picture = asked
    assert parse(request.canonical(picture), picture) == request


def test_a_format_is_a_media_type() -> None:
    """As it is written."""
    assert parse("full/max/0/default.tif", PICTURE).media_type is MediaType.TIFF


@st.composite
def tiles(draw: st.DrawFn) -> tuple[Size, TileName]:
    picture = Size(draw(st.integers(1, 9000)), draw(st.integers(1, 9000)))
    factor = draw(st.sampled_from(scale_factors(picture)))
    columns, rows = (-(-side // (TILE * factor)) for side in picture)
    return picture, TileName(factor, draw(st.integers(0, columns - 1)), draw(st.integers(0, rows - 1)))


@given(tiles())
def test_what_viewers_ask_for_is_a_tile(drawn: tuple[Size, TileName]) -> None:
    """As the implementation notes have them compute it: cut off at the edges, sizes rounded up."""
    picture, tile = drawn
    side = TILE * tile.factor
    x, y = tile.column * side, tile.row * side
    width, height = min(side, picture.width - x), min(side, picture.height - y)
    size = scaled(Size(width, height), tile.factor)
    path = f"{x},{y},{width},{height}/{size.width},{size.height}/0/default.jpg"
    found = tile_of(parse(path, picture), picture)
    assert found is not None
    assert (found.column * found.factor, found.row * found.factor) == (x // TILE, y // TILE)
    assert scaled(Size(width, height), found.factor) == size


@pytest.mark.parametrize(
    "path",
    [
        "0,0,512,512/511,512/0/default.jpg",
        "0,0,511,512/max/0/default.jpg",
        "1,0,512,512/max/0/default.jpg",
        "0,0,512,512/max/90/default.jpg",
        "0,0,512,512/max/!0/default.jpg",
        "0,0,512,512/max/0/gray.jpg",
        "0,0,512,512/max/0/default.png",
        "full/max/0/default.jpg",
    ],
)
def test_all_else_is_no_tile(path: str) -> None:
    """It is made by itself."""
    assert tile_of(parse("0,0,512,512/max/0/default.jpg", Size(6000, 4000)), Size(6000, 4000)) == (1, 0, 0)
    assert tile_of(parse(path, Size(6000, 4000)), Size(6000, 4000)) is None


def test_information_names_sizes_and_tiles() -> None:
    """Until the whole picture is one tile, and none that is not made for anybody."""
    told = information("http://darkroom.test/iiif/3/x", Size(6000, 4000))
    assert told["tiles"] == [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4, 8, 16]}]
    assert told["sizes"][0] == {"width": 375, "height": 250}
    assert told["sizes"][-1] == {"width": 3000, "height": 2000}
    assert information("", Size(600, 400))["sizes"][-1] == {"width": 600, "height": 400}
    assert scale_factors(Size(512, 512)) == [1]
    assert scaled(Size(5, 4), 2) == (3, 2)
