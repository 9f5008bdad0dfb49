"""The command `darkroom`.

Installed, the packages live in a folder of their own, so that they meet no other package's names
(PyPI has a `gql` too). This module puts that folder first, in a source tree the tree itself.
"""

import sys
from pathlib import Path


def main() -> int:
    home = Path(__file__).resolve().parent
    installed = home / "darkroom_app"
    sys.path.insert(0, str(installed if installed.is_dir() else home))
    from gql.command_line import run  # noqa: PLC0415  (found only now)

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
