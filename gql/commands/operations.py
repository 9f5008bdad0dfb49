"""`darkroom operations`"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from gql.commands.command import DONE, Arguments, Commands, add_command
from infrastructure.pixels.environment import LARGEST_SIDE, prepare
from infrastructure.settings import Settings

if TYPE_CHECKING:
    from domain.operations.catalogue import Operation
    from domain.operations.parameters import ParameterDescription
    from domain.recipe import JsonValue

_TITLE: Final = """# Operations

What can be done to the pixels of an image. Each is a field of `StepInput` in the
[schema](schema.graphql), where names are written in camel case: `hue_saturation` is `hueSaturation`. The
query `operations` tells the same as this page. Lengths are in pixels of a step's own input. Where an
operation takes a region, a step may be limited to a part of the picture.

`make operations` writes this page."""


def add_to(commands: Commands) -> None:
    about = "print what can be done to pixels"
    add_command(commands, "operations", _operations, about, "With all parameters, in Markdown.")


def _operations(_: Arguments, settings: Settings) -> int:
    prepare(settings.max_pixels, LARGEST_SIDE)
    from domain.operations.catalogue import operations  # noqa: PLC0415

    print(_TITLE, *map(_section, operations().values()), sep="\n\n")
    return DONE


def _section(operation: Operation[Any]) -> str:
    region = "" if operation.moves_pixels else "Takes a region."
    table = "\n".join(_table(operation.parameters.descriptions))
    return "\n\n".join(filter(None, (f"## {operation.name}", operation.description, region, table)))


def _table(parameters: tuple[ParameterDescription, ...]) -> Iterator[str]:
    if parameters:
        yield "| parameter | value | default | |"
        yield "|---|---|---|---|"
    for described in parameters:
        default = "" if described.default is None else f"`{_plain(described.default)}`"
        yield f"| `{described.name}` | {described.expectation} | {default} | {described.description} |"


def _plain(value: JsonValue) -> str:
    """As GraphQL writes it."""
    return value if isinstance(value, str) else json.dumps(value)
