"""The corpus, made once, and small well-formed files to start from."""

import random
from pathlib import Path

import pytest

from tests.nasty import bases, corpus
from tests.nasty.avif import Tile
from tests.nasty.case import Case


@pytest.fixture(scope="session")
def nasty() -> list[Case]:
    return corpus.build()


@pytest.fixture(scope="session")
def nasty_folder(nasty: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nasty")
    corpus.write(nasty, folder, seed=corpus.SEED, big=False)
    return folder


@pytest.fixture(scope="session")
def base() -> dict[str, bytes]:
    """The well-formed files by name: 160 by 120 pixels."""
    return bases.build(random.Random(corpus.SEED))


@pytest.fixture(scope="session")
def tile(base: dict[str, bytes]) -> Tile:
    """An AV1 picture of 160 by 120 pixels."""
    return Tile.of(base["rgb.avif"])
