"""What a rendition is: its identity is the hash of all that it depends on."""

from typing import Final

from domain.operations.catalogue import canonical
from domain.output import Output, output_data
from domain.recipe import Recipe, digest, recipe_data

ENGINE: Final = "2"
"""Changes whenever the same recipe would give other pixels or bytes than before."""


def rendition_id(original: str, recipe: Recipe, output: Output, engine: str) -> str:
    """32 hex digits. `original` is the SHA-256 of its bytes, in hex.

    Recipes that are written differently and mean the same have the same id. Raises UnknownName and
    InvalidInput.
    """
    depends_on = {
        "original": original,
        "recipe": recipe_data(canonical(recipe)),
        "output": output_data(output),
        "engine": engine,
    }
    return digest(depends_on)[:32]
