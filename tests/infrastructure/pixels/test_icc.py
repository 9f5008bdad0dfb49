"""A profile is known by what it describes, whatever it is called and however it is damaged."""

from __future__ import annotations

import random
import struct

import pytest
from PIL import ImageCms

from infrastructure.pixels.icc import ColorSpace, profile_of, srgb_light
from tests.infrastructure.pixels import profiles

SPACES = [
    (profiles.SRGB, ColorSpace.SRGB),
    (profiles.DISPLAY_P3, ColorSpace.DISPLAY_P3),
]
TABLES = [64, 1024, 4096]


def srgb_table(size: int) -> bytes:
    return profiles.sampled([srgb_light(n / (size - 1)) for n in range(size)])


CURVES = {"formula": profiles.parametric(profiles.SRGB_CURVE)} | {str(n): srgb_table(n) for n in TABLES}


@pytest.mark.parametrize(("colorants", "space"), SPACES)
@pytest.mark.parametrize(
    "curve",
    [profiles.parametric(profiles.SRGB_CURVE), *map(srgb_table, TABLES)],
    ids=["formula", *map(str, TABLES)],
)
@pytest.mark.parametrize("version", [2, 4])
def test_primaries_and_curves_tell_the_space(
    colorants: tuple[tuple[float, ...], ...], space: ColorSpace, curve: bytes, version: int
) -> None:
    """Curves by formula and by table, of both versions of the format; the name plays no part."""
    found = profile_of(profiles.of_colors(colorants, curve, "Gerät № 7" if version == 4 else "X", version))
    assert found.space is space
    assert found.description == ("Gerät № 7" if version == 4 else "X")


@pytest.mark.parametrize(
    "curve",
    [profiles.power(563 / 256), profiles.power(2.2), profiles.parametric(profiles.ADOBE_CURVE)],
    ids=["exact", "rounded", "formula"],
)
def test_adobe_rgb_is_known_by_its_power(curve: bytes) -> None:
    """2.2 is what many write for 2 51/256."""
    assert profile_of(profiles.of_colors(profiles.ADOBE_RGB, curve)).space is ColorSpace.ADOBE_RGB


@pytest.mark.parametrize(
    "icc",
    [
        profiles.FOREIGN,
        profiles.of_colors(profiles.SRGB, profiles.power(2.2), "sRGB"),
        profiles.of_colors(profiles.SRGB, profiles.power(1.0), "sRGB"),
        profiles.of_colors(profiles.SRGB, profiles.sampled([]), "sRGB"),
        profiles.of_colors(profiles.DISPLAY_P3, profiles.power(563 / 256), "Display P3"),
        profiles.of_colors(profiles.ADOBE_RGB, profiles.parametric(profiles.SRGB_CURVE), "Adobe RGB (1998)"),
        profiles.of_colors(profiles.SRGB, b"what\0\0\0\0" + bytes(8), "sRGB"),
        profiles.of_colors(profiles.SRGB, profiles.parametric((9, (1.0,))), "sRGB"),
        profiles.profile({b"desc": profiles.localized("sRGB")}),
        profiles.profile({b"desc": profiles.localized("FOGRA39")}, b"CMYK", kind=b"prtr"),
        profiles.profile({}, kind=b"link"),
    ],
)
def test_other_profiles_are_unknown(icc: bytes) -> None:
    """Also those that bear a known name."""
    assert profile_of(icc).space is ColorSpace.UNKNOWN


def test_an_unknown_profile_tells_its_name() -> None:
    """So that people can be told what was dropped."""
    assert profile_of(profiles.FOREIGN).description == "ProPhoto RGB"
    long = profile_of(profiles.of_colors(profiles.PROPHOTO, profiles.power(1.8), "a\0\n\x1b" * 1000))
    assert long.description == "a" * 50


def test_gray_has_a_curve_alone() -> None:
    """There is nothing to convert but the curve."""
    assert profile_of(profiles.of_gray(profiles.power(2.2))).space is ColorSpace.GRAY


def test_what_littlecms_makes_is_known() -> None:
    """An independent writer."""
    made = profile_of(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert made.space is ColorSpace.SRGB
    assert made.description.startswith("sRGB")
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert profile_of(lab).space is ColorSpace.UNKNOWN


@pytest.mark.parametrize("icc", [profiles.P3, profiles.ADOBE, profiles.of_gray(srgb_table(64))])
def test_garbage_is_unknown_and_never_an_error(icc: bytes) -> None:
    """Cut anywhere, and with any bytes changed."""
    chance = random.Random(1)
    for length in range(len(icc)):
        profile_of(icc[:length])
    for _ in range(3000):
        changed = bytearray(icc)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(changed))
            changed[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        profile_of(bytes(changed))
    assert profile_of(b"").space is profile_of(bytes(4000)).space is ColorSpace.UNKNOWN


def test_numbers_in_a_profile_cost_nothing() -> None:
    """Four billion tags, and curves of four billion entries, are looked at no longer than others."""
    tags = bytearray(profiles.P3)
    struct.pack_into(">I", tags, 128, 0xFFFFFFFF)
    assert profile_of(bytes(tags)).space in {ColorSpace.UNKNOWN, ColorSpace.DISPLAY_P3}
    endless = b"curv\0\0\0\0" + struct.pack(">I", 0xFFFFFFFF) + bytes(8)
    assert profile_of(profiles.of_colors(profiles.SRGB, endless)).space is ColorSpace.UNKNOWN
    worst = profiles.parametric((3, (-32768.0, 0.0, 0.0, 32767.0, -32768.0)))
    assert profile_of(profiles.of_colors(profiles.SRGB, worst)).space is ColorSpace.UNKNOWN
