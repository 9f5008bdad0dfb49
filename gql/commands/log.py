"""`darkroom log`: what can be done with the log, beside the server.

Only an import needs the data folder for itself. All else opens its files to read, whether a server has
them open or not.
"""

from __future__ import annotations

from gql.commands import log_copies, log_events, log_trust
from gql.commands.command import EXIT_CODES, Commands


def add_to(commands: Commands) -> None:
    parser = commands.add_parser(
        "log",
        help="read, verify, prove, export and import the log",
        description="Work with the log of the data folder that DARKROOM_DATA names, while a server runs too.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for part in (log_events, log_trust, log_copies):
        part.add_to(actions)
