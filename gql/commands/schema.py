"""`darkroom schema`"""

from __future__ import annotations

from gql.commands.command import DONE, Arguments, Commands, add_command
from infrastructure.pixels.environment import LARGEST_SIDE, prepare
from infrastructure.settings import Settings


def add_to(commands: Commands) -> None:
    add_command(commands, "schema", _schema, "print the GraphQL schema", "In its own language, SDL.")


def _schema(_: Arguments, settings: Settings) -> int:
    prepare(settings.max_pixels, LARGEST_SIDE)
    from gql.schema import build_schema  # noqa: PLC0415

    print(build_schema().as_str())
    return DONE
