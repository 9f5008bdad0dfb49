"""A rendition is known by all that it depends on, and by nothing else."""

from __future__ import annotations

import hashlib

import pytest

from domain.errors import UnknownName
from domain.header import MediaType
from domain.output import Output
from domain.recipe import Recipe, Step
from domain.rendition import ENGINE, rendition_id

ORIGINAL = "0" * 64
RECIPE = Recipe((Step("resize", {"width": 256, "height": 256}),))
OUTPUT = Output(MediaType.WEBP, 80)


def test_an_id_is_32_hex_digits_and_never_changes() -> None:
    """Ids stand in addresses and in the log: the same request is the same rendition for ever."""
    text = (
        f'{{"engine":"1","original":"{ORIGINAL}","output":{{"mediaType":"image/webp","quality":80}},'
        '"recipe":[{"operation":"resize","parameters":{"enlarge":true,"fit":"FILL","height":256,"width":256}}]}'
    )
    assert rendition_id(ORIGINAL, RECIPE, OUTPUT, "1") == hashlib.sha256(text.encode()).hexdigest()[:32]


def test_recipes_that_mean_the_same_have_one_id() -> None:
    """Whether a default is written out, and in which order, is no difference."""
    written_out = Recipe((Step("resize", {"fit": "FILL", "enlarge": True, "height": 256, "width": 256}),))
    assert rendition_id(ORIGINAL, written_out, OUTPUT, ENGINE) == rendition_id(
        ORIGINAL, RECIPE, OUTPUT, ENGINE
    )


def test_whatever_it_depends_on_makes_another_id() -> None:
    """Original, recipe, format, quality and engine."""
    ids = {
        rendition_id(ORIGINAL, RECIPE, OUTPUT, ENGINE),
        rendition_id("1" * 64, RECIPE, OUTPUT, ENGINE),
        rendition_id(ORIGINAL, Recipe(), OUTPUT, ENGINE),
        rendition_id(ORIGINAL, RECIPE, Output(MediaType.AVIF, 80), ENGINE),
        rendition_id(ORIGINAL, RECIPE, Output(MediaType.WEBP, 81), ENGINE),
        rendition_id(ORIGINAL, RECIPE, OUTPUT, f"{ENGINE}+"),
    }
    assert len(ids) == 6


def test_a_recipe_that_is_wrong_has_no_id() -> None:
    """It is refused before anything is asked for."""
    with pytest.raises(UnknownName):
        rendition_id(ORIGINAL, Recipe((Step("resise"),)), OUTPUT, ENGINE)
