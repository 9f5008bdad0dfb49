"""Add the goldens that are missing: `make goldens`."""

from __future__ import annotations

from domain.events import WIRE_NAMES
from tests.goldens.corpus import FOLDER, update

before = set(FOLDER.iterdir())
update(WIRE_NAMES)
for path in sorted(set(FOLDER.iterdir()) - before):
    print("new:", path.relative_to(FOLDER.parents[2]))
