"""Values as the read file holds them."""

from __future__ import annotations

import hashlib

import msgspec

from domain.output import Output
from domain.recipe import Recipe, canonical_json, recipe_data

_NOTHING_DONE = "[]"


def to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def own_recipe(recipe: Recipe) -> str:
    """What is done to an image itself, in the one form in which two of them are compared."""
    return canonical_json(recipe_data(recipe)) if recipe.steps else _NOTHING_DONE


def manner(recipe: Recipe, output: Output) -> str:
    """What is done after the image's own steps, in a form of one length in which two of it are compared."""
    return hashlib.sha256(msgspec.json.encode((recipe, output), order="sorted")).hexdigest()[:32]
