"""`darkroom rebuild`"""

from __future__ import annotations

from gql.commands.command import DONE, Arguments, Commands, add_command
from gql.commands.output import bars, printable
from infrastructure.settings import Settings


def add_to(commands: Commands) -> None:
    add_command(
        commands,
        "rebuild",
        _rebuild,
        "make the read model anew from the log, while no server runs",
        "A server makes it anew by itself when it has to, and goes on serving meanwhile.",
    )


def _rebuild(_: Arguments, settings: Settings) -> int:
    from infrastructure.sqlite.offline import rebuild_offline  # noqa: PLC0415

    with bars() as progress:
        position = rebuild_offline(settings.data, lambda done, of: progress("folding", done, of))
    shown = f"The read model of {settings.data} shows all {position:,} events, folded anew."
    print(printable(shown))
    return DONE
