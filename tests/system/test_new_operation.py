"""A new operation is one file: the one that CONTRIBUTING.md shows, in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.server import PATIENCE, ROOT, Data, Server, running_server

EXTENDED = """
import domain.operations
domain.operations.__path__.append({folder!r})
"""
"""What Python runs when it starts, so that the folder belongs to the package."""

OPERATIONS = """{
    operations { name description takesRegion parameters { name type unit default minimum maximum } }
}"""
TYPES = """{
    steps: __type(name: "StepInput") { inputFields { name description type { name } } }
    parameters: __type(name: "NegativeInput") { inputFields { name description } }
}"""
APPEND = """mutation ($id: ID!, $amount: Float!) {
    appendSteps(input: {id: $id, steps: [{negative: {
        amount: $amount, region: {rectangle: {x: 0, y: 0, width: 4, height: 8}}
    }}]}) {
        image { recipe { steps { operation parameters } } }
        userErrors { code message field }
    }
}"""
RENDITIONS = """query ($id: ID!) {
    image(id: $id) { recipe { steps { number } } rendition(preset: "grayscale-300") { state url } }
}"""


@pytest.fixture
def with_new_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Python is started has one operation more."""
    (source,) = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    package, start = tmp_path / "package", tmp_path / "start"
    package.mkdir()
    start.mkdir()
    (package / "negative.py").write_text(source)
    (start / "sitecustomize.py").write_text(EXTENDED.format(folder=str(package)))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (start, ROOT))))


@pytest.fixture
async def server(tmp_path: Path, with_new_operation: None) -> AsyncIterator[Server]:
    async with running_server(tmp_path / "data") as server:
        yield server


async def test_a_file_is_all_that_an_operation_needs(server: Server) -> None:
    """It is described, typed, bounded, recorded and carried out, also in a region."""
    await described(server)
    uploaded = await server.upload(picture(shade=250), "white.png")
    image_id = uploaded["image"]["id"]

    refused = (await server.query(APPEND, id=image_id, amount=2))["appendSteps"]
    (error,) = refused["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["negative", "amount"])
    assert "a number from 0 to 1" in error["message"]

    changed = (await server.query(APPEND, id=image_id, amount=1))["appendSteps"]
    (step,) = changed["image"]["recipe"]["steps"]
    assert step == {"operation": "negative", "parameters": {"amount": 1}}

    content = (await server.http.get(await rendered(server, image_id))).content
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    np.testing.assert_allclose(pixels[:, :80], 5, atol=1)
    np.testing.assert_allclose(pixels[:, -80:], 250, atol=1)


def picture(*, shade: int) -> bytes:
    return cv2.imencode(".png", np.full((8, 8, 3), shade, np.uint8))[1].tobytes()


async def described(server: Server) -> None:
    operations = (await server.query(OPERATIONS))["operations"]
    (entry,) = (operation for operation in operations if operation["name"] == "negative")
    assert entry["description"] == "Turn light into dark, as far as is asked for."
    assert entry["takesRegion"]
    assert entry["parameters"] == [
        {"name": "amount", "type": "NUMBER", "unit": None, "default": 1.0, "minimum": 0.0, "maximum": 1.0}
    ]
    types = await server.query(TYPES)
    fields = {field["name"]: field for field in types["steps"]["inputFields"]}
    assert fields["negative"]["type"] == {"name": "NegativeInput"}
    assert fields["negative"]["description"] == entry["description"]
    parameters = {field["name"]: field["description"] for field in types["parameters"]["inputFields"]}
    assert parameters["amount"] == "How much of it. 0 to 1. Absent: 1.0."
    assert set(parameters) == {"amount", "region"}


async def rendered(server: Server, image_id: str) -> str:
    """Where the rendition of the edited image is, once it is made."""
    async with asyncio.timeout(PATIENCE):
        while True:
            image: Data = (await server.query(RENDITIONS, id=image_id))["image"]
            assert image["recipe"]["steps"] == [{"number": 1}]
            if image["rendition"]["state"] == "READY":
                url: str = image["rendition"]["url"]
                return url
            assert image["rendition"]["state"] != "FAILED"
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("with_new_operation")
def test_the_property_tests_take_it_in() -> None:
    """And it passes them."""
    properties = ROOT / "tests" / "domain" / "operations" / "test_every_operation.py"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "negative",
        properties,
    ]
    told = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
    assert int(re.findall(r"(\d+) passed", told.stdout)[0]) > 5
