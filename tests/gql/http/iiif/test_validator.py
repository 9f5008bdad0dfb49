"""The validator of the IIIF Consortium finds nothing wrong."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import cv2
import numpy as np
import pytest

from tests.server import running_server

VERSION: Final = "3.0"
LEVEL: Final = 2


@pytest.fixture
def validator(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """Two of its tests, of optional formats, want libmagic, which not every machine has."""
    monkeypatch.setitem(sys.modules, "magic", ModuleType("magic"))
    from iiif_validator import validator  # noqa: PLC0415

    random.seed(VERSION)  # which colours it looks at, and what nonsense it asks for
    return validator


def squares(colors: list[list[tuple[int, int, int]]]) -> bytes:
    """The picture it knows: 10 x 10 squares of 100 pixels a side, column by column."""
    rgb = np.array(colors, np.uint8).transpose(1, 0, 2)
    whole = rgb.repeat(100, axis=0).repeat(100, axis=1)
    return cv2.imencode(".png", whole[..., ::-1])[1].tobytes()


def passed(validator: Any, server: str, url: str) -> dict[str, bool]:  # noqa: ANN401
    """Whether each test passes that a server of this level has to. Blocks."""
    prefix, _, identifier = url.strip("/").rpartition("/")
    suite = validator.TestSuite(validator.ValidationInfo())
    told = {}
    for name, about in suite.list_tests(VERSION).items():
        if about["level"] <= LEVEL:
            service = validator.ImageAPI(identifier, server, prefix, version=VERSION, debug=False)
            result = suite.run_test(name, service)
            told[name] = service.exception is None and result is not None
    return told


async def test_the_official_validator_is_content(validator: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """With everything that level 2 asks of a server."""
    picture = squares(validator.ValidationInfo().colorInfo)
    async with running_server(tmp_path / "data") as server:
        image = (await server.upload(picture, "squares.png"))["image"]
        found = await server.query("query ($id: ID!) { image(id: $id) { iiif } }", id=image["id"])
        address = server.url.removeprefix("http://")
        told = await asyncio.to_thread(passed, validator, address, found["image"]["iiif"])
    assert len(told) == 33
    assert all(told.values()), told
