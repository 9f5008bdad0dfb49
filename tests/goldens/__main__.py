"""Add the goldens that are missing: `make goldens`."""

from __future__ import annotations

from domain.events import WIRE_NAMES
from tests.goldens import corpus, pictures

FOLDERS = (corpus.FOLDER, pictures.FOLDER)

before = {path for folder in FOLDERS for path in folder.iterdir()}
corpus.update(WIRE_NAMES)
pictures.update()
for path in sorted({path for folder in FOLDERS for path in folder.iterdir()} - before):
    print("new:", path.relative_to(corpus.FOLDER.parents[2]))
