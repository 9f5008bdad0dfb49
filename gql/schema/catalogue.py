"""What can be done to pixels, and the named recipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from domain.operations import catalogue, parameters
from domain.operations.parameters import ParameterType
from domain.ports.read_model import Snapshot
from domain.presets import Preset as DomainPreset
from domain.presets import Presets
from domain.recipe import JsonValue
from gql.context import Context
from gql.schema.recipe import RecipeStep, recipe_step
from gql.schema.scalars import Cursor, Json

strawberry.enum(ParameterType, name="OperationParameterType", description="What a parameter's value is.")


@strawberry.type(description="A value that an operation takes.")
class OperationParameter:
    name: str = strawberry.field(description="As it stands in recipes.")
    input_field: str = strawberry.field(description="Its field in the input of the operation.")
    type: ParameterType
    description: str
    unit: str | None
    required: bool
    default: Json | None
    neutral: Json | None = strawberry.field(
        description="Its value where the operation changes nothing; null where it always changes something."
    )
    minimum: float | None
    maximum: float | None
    choices: list[str]


@strawberry.type(description="A pure function on pixels.")
class Operation:
    name: str = strawberry.field(description="As it stands in recipes.")
    input_field: str = strawberry.field(description="Its field in StepInput.")
    description: str
    parameters: list[OperationParameter]
    takes_region: bool = strawberry.field(description="Whether it can be limited to a part of a picture.")


@strawberry.type(description="A named recipe, and how its renditions are written.")
class Preset:
    name: str
    description: str
    steps: list[RecipeStep]
    media_type: str | None = strawberry.field(description="null: that of the original.")
    opaque_media_type: str | None = strawberry.field(
        description="What an original in a format without transparency is written in instead."
    )
    quality: int | None = strawberry.field(description="1 to 100; null: the default of the format.")
    lossless: bool = strawberry.field(description="Without loss, in formats that have the choice.")
    background: str | None = strawberry.field(description="What transparency is shown on; null: kept.")
    version: int = strawberry.field(
        description="Counts how often it was saved; give it as expectedVersion. 0: built in."
    )
    shown_version: int = strawberry.field(
        description="The version whose renditions images show; `replayPreset` makes it the newest."
    )
    as_of: Cursor = strawberry.field(description="What this answer has seen of the log.")


def operation_catalogue() -> list[Operation]:
    return [
        Operation(
            name=operation.name,
            input_field=to_camel_case(operation.name),
            description=operation.description,
            parameters=_parameters(operation),
            takes_region=not operation.moves_pixels,
        )
        for operation in catalogue.operations().values()
    ]


def preset_catalogue(
    built_in: Presets, saved: Snapshot[Sequence[DomainPreset]], context: Context
) -> list[Preset]:
    return [preset_from(preset, saved.as_of, context) for preset in (*built_in, *saved.value)]


def _parameters(operation: catalogue.Operation[Any]) -> list[OperationParameter]:
    neutral = {} if operation.neutral is None else operation.parameters.write(operation.neutral)
    return [
        _parameter(described, neutral.get(described.name)) for described in operation.parameters.descriptions
    ]


def _parameter(described: parameters.ParameterDescription, neutral: JsonValue) -> OperationParameter:
    return OperationParameter(
        name=described.name,
        input_field=to_camel_case(described.name),
        type=described.type,
        description=described.description,
        unit=described.unit,
        required=described.required,
        default=None if described.default is None else Json(described.default),
        neutral=None if neutral is None else Json(neutral),
        minimum=described.minimum,
        maximum=described.maximum,
        choices=list(described.choices),
    )


def preset_from(preset: DomainPreset, as_of: int, context: Context) -> Preset:
    steps = catalogue.canonical(preset.recipe).steps
    return Preset(
        name=preset.name,
        description=preset.description,
        steps=[recipe_step(step) for step in steps],
        media_type=preset.media_type,
        opaque_media_type=preset.opaque_media_type,
        quality=preset.quality,
        lossless=preset.lossless,
        background=preset.background,
        version=preset.version,
        shown_version=preset.shown,
        as_of=Cursor(context.cursor(as_of)),
    )
