"""Steps as data: what is done to an original, in a form that can be stored, compared and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from domain.region import Region, region_data

JsonValue: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """An operation by its name, with its parameters as plain values; without a region, for all of it."""

    operation: str
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A step of an image's own recipe; its number is given once in the life of the image."""

    number: int
    step: Step
    enabled: bool = True


def recipe_of(edits: Iterable[Edit]) -> Recipe:
    """What is done to the pixels: the steps that are not switched off."""
    return Recipe(tuple(edit.step for edit in edits if edit.enabled))


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no spaces, no NaN (the idea of RFC 8785)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def recipe_data(recipe: Recipe) -> list[dict[str, object]]:
    return [_step_data(step) for step in recipe.steps]


def _step_data(step: Step) -> dict[str, object]:
    data: dict[str, object] = {"operation": step.operation, "parameters": dict(step.parameters)}
    return data if step.region is None else data | {"region": region_data(step.region)}


def digest(value: object) -> str:
    """SHA-256, in hex, of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
