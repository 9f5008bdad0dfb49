"""`darkroom settings`"""

from __future__ import annotations

from gql.commands.command import DONE, Arguments, Commands, add_command
from gql.commands.output import print_json
from infrastructure.settings import Settings, listing


def add_to(commands: Commands) -> None:
    parser = add_command(
        commands,
        "settings",
        _settings,
        "list what can be set through the environment",
        "Each with its present value. A value that is wrong is told, and the default shown.",
    )
    parser.set_defaults(needs_settings=False)
    parser.add_argument("--json", action="store_true", help="one JSON object, by the names of the variables")


def _settings(arguments: Arguments, settings: Settings) -> int:
    if arguments.json:
        print_json({name: value for name, value, _ in listing(settings)})
    else:
        for name, value, about in listing(settings):
            print(f"{name}={value}\n    {about}")
    return DONE
