"""Steps of recipes: typed inputs made from the catalogue of operations, and how steps are shown."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

import strawberry

from domain.operations import catalogue
from domain.operations.parameters import ParameterDescription, ParameterType
from domain.recipe import Edit, Step, digest, recipe_data, recipe_of
from gql.schema.region import RegionInput, region_from, shown_region
from gql.schema.scalars import Json

_REGION: Final = "region"


@strawberry.type(description="An operation with its parameters.")
class RecipeStep:
    operation: str
    parameters: Json
    region: Json | None = strawberry.field(
        description="The part of the picture that it is limited to, as RegionInput says it; null: all of it."
    )


@strawberry.type(description="A step of an image's own recipe.")
class ImageStep(RecipeStep):
    number: int = strawberry.field(description="Its name within the image, for life.")
    enabled: bool = strawberry.field(description="Whether it is done, or only kept in its place.")


@strawberry.type(description="What is done to an image's pixels, before any preset.")
class ImageRecipe:
    steps: list[ImageStep]
    hash: str = strawberry.field(description="The same for recipes that do the same; SHA-256, in hex.")


def recipe_step(step: Step) -> RecipeStep:
    return RecipeStep(
        operation=step.operation, parameters=Json(dict(step.parameters)), region=shown_region(step.region)
    )


def image_recipe(edits: Iterable[Edit]) -> ImageRecipe:
    edits = tuple(edits)
    steps = [
        ImageStep(
            number=edit.number,
            enabled=edit.enabled,
            operation=edit.step.operation,
            parameters=Json(dict(edit.step.parameters)),
            region=shown_region(edit.step.region),
        )
        for edit in edits
    ]
    return ImageRecipe(steps=steps, hash=digest(recipe_data(recipe_of(edits))))


def step_from(given: StepInput) -> Step:
    """The one operation that is named, with the parameters that were given."""
    name = next(name for name in catalogue.operations() if getattr(given, name) is not strawberry.UNSET)
    values = {
        key: value for key, value in vars(getattr(given, name)).items() if value is not strawberry.UNSET
    }
    region = values.pop(_REGION, None)
    parameters = {key: _plain(value) for key, value in values.items()}
    return Step(name, parameters, None if region is None else region_from(region))


def steps_from(given: Iterable[StepInput]) -> tuple[Step, ...]:
    return tuple(map(step_from, given))


def _plain(value: Any) -> Any:  # noqa: ANN401  (a parameter of any type)
    return value.value if isinstance(value, Enum) else value


_TYPES: Final[dict[ParameterType, type]] = {
    ParameterType.INTEGER: int,
    ParameterType.NUMBER: float,
    ParameterType.BOOLEAN: bool,
    ParameterType.COLOR: str,
    ParameterType.TEXT: str,
}


def _step_input() -> type:
    """A field for each operation, of which exactly one is given."""
    fields = {
        operation.name: (
            _parameters_input(operation) | None,
            strawberry.field(default=strawberry.UNSET, description=_summary(operation.description)),
        )
        for operation in catalogue.operations().values()
    }
    return strawberry.input(_class("StepInput", fields), one_of=True, description="One operation.")


def _parameters_input(operation: catalogue.Operation[Any]) -> Any:  # noqa: ANN401  (made from a catalogue)
    name = _title(operation.name)
    fields = {
        described.name: (_type(name, described), _parameter_field(described))
        for described in operation.parameters.descriptions
    }
    if not operation.moves_pixels:
        part = "The part of the picture that is changed. Absent: all of it."
        fields[_REGION] = (RegionInput | None, strawberry.field(default=strawberry.UNSET, description=part))
    return strawberry.input(_class(f"{name}Input", fields), description=operation.description)


def _parameter_field(described: ParameterDescription) -> Any:  # noqa: ANN401  (what strawberry makes of a field)
    unit = f" In {described.unit}." if described.unit else ""
    bounds = "" if described.minimum is None else f" {described.minimum:,} to {described.maximum:,}."
    default = "" if described.default is None else f" Absent: {described.default}."
    description = f"{described.description}{unit}{bounds}{default}"
    if described.required:
        return strawberry.field(description=description)
    return strawberry.field(default=strawberry.UNSET, description=description)


def _type(operation: str, described: ParameterDescription) -> Any:  # noqa: ANN401  (a type, made at run time)
    if described.type is ParameterType.CHOICE:
        choices = Enum(  # type: ignore[misc]  # its members are those of the catalogue
            f"{operation}{_title(described.name)}", {choice: choice for choice in described.choices}
        )
        concrete: Any = strawberry.enum(choices)
    else:
        concrete = _TYPES[described.type]
    return concrete if described.required else concrete | None


def _class(name: str, fields: dict[str, tuple[Any, Any]]) -> type:
    annotations = {field: annotation for field, (annotation, _) in fields.items()}
    values = {field: value for field, (_, value) in fields.items()}
    return type(name, (), {"__annotations__": annotations, "__module__": __name__, **values})


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.replace("-", "_").split("_"))


def _summary(description: str) -> str:
    return description.partition("\n")[0]


StepInput: Any = _step_input()
