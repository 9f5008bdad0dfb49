"""The catalogue knows every operation, and refuses what it does not know."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from domain.errors import InvalidInput, UnknownName
from domain.operations import catalogue
from domain.operations.catalogue import Pixels, announced_size, apply, canonical, operation, operations
from domain.recipe import Recipe, Step


@dataclass(frozen=True)
class Nothing:
    pass


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue that may be written into."""
    operations.cache_clear()
    monkeypatch.setattr(catalogue, "_registry", dict(catalogue._registry))
    yield
    operations.cache_clear()


def test_the_seed_operations_are_found() -> None:
    """Every file of the package is in the catalogue, in alphabetical order."""
    assert list(operations()) == sorted(operations())
    assert {"grayscale", "resize"} <= set(operations())


def test_nothing_is_imported_before_the_first_use() -> None:
    """OpenCV reads its limits when it is imported: that must not happen by the way."""
    code = "import sys; import domain.presets, domain.rendition; sys.exit('cv2' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.usefixtures("registry")
def test_a_name_is_given_once() -> None:
    """A second operation of the same name is an error, not a replacement."""
    with pytest.raises(ValueError, match="two operations are called 'resize'"):
        operation("resize", Nothing)(lambda pixels, _: pixels)


@pytest.mark.usefixtures("registry")
def test_an_operation_documents_itself() -> None:
    """Without a docstring there is nothing to show to people."""
    with pytest.raises(TypeError, match="docstring"):
        operation("secret", Nothing)(lambda pixels, _: pixels)


@pytest.mark.usefixtures("registry")
def test_a_new_operation_is_one_decorated_function() -> None:
    """Nothing else is needed before it can stand in a recipe."""

    @operation("negative", Nothing)
    def negative(pixels: Pixels, _: Nothing) -> Pixels:
        """Turn light into dark."""
        return ~pixels

    assert operations()["negative"].description == "Turn light into dark."
    np.testing.assert_array_equal(
        apply(Recipe((Step("negative"),)), np.zeros((1, 2), np.uint8)), [[255, 255]]
    )


def test_an_unknown_operation_is_refused_with_the_nearest_known_one() -> None:
    """Names are never ignored."""
    with pytest.raises(UnknownName, match="Did you mean 'grayscale'"):
        canonical(Recipe((Step("greyscale"),)))


def test_a_canonical_recipe_has_its_defaults_filled_in() -> None:
    """Two ways to write a recipe are one recipe."""
    written_out = Recipe((Step("grayscale", {"method": "LUMA_601"}),))
    assert canonical(Recipe((Step("grayscale"),))) == written_out
    assert canonical(written_out) == written_out


def test_sizes_are_announced_step_by_step() -> None:
    """What becomes of a size is known without a pixel."""
    recipe = Recipe((Step("grayscale"), Step("resize", {"width": 200}), Step("resize", {"height": 10})))
    assert announced_size(recipe, (400, 300)) == (13, 10)


@pytest.mark.parametrize("wanted", [{"width": 32_768, "height": 1_600}, {"width": 300, "height": None}])
def test_a_size_over_the_limits_is_refused(wanted: dict[str, int | None]) -> None:
    """50 million pixels, 32,768 a side: for every step, not only the last one."""
    recipe = Recipe((Step("resize", wanted), Step("resize", {"width": 1, "height": 1})))
    with pytest.raises(InvalidInput, match=r"32,768 a side and 50,000,000 in all") as refused:
        announced_size(recipe, (1, 200))
    assert refused.value.field == "resize"


def test_steps_are_applied_in_order() -> None:
    """The result of one is the input of the next."""
    pixels = np.zeros((4, 6, 3), np.uint8)
    recipe = Recipe((Step("resize", {"width": 3}), Step("grayscale")))
    assert apply(recipe, pixels).shape == (2, 3)
    assert apply(Recipe(), pixels) is pixels
