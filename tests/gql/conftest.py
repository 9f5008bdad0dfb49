"""The server that tests of the API ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from gql.app import application
from gql.command_line import run
from infrastructure.settings import Settings
from tests.background import in_one_task
from tests.gql.api import Api
from tests.gql.told import Darkroom, Told


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    settings = replace(Settings(), data=tmp_path / "data", threads=1, isolation="thread")
    async with in_one_task(application(settings)) as app:
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Api(http)


@pytest.fixture
def darkroom(capsys: pytest.CaptureFixture[str]) -> Darkroom:
    """Carries out a command line."""

    def carried_out(*arguments: object) -> Told:
        try:
            code = run([str(argument) for argument in arguments])
        except SystemExit as exited:  # of argparse
            code = int(str(exited.code))
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    return carried_out
