"""Bad input at every door: it is answered with its code, nothing of it stays, the next good one works."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from PIL import Image

from domain.cursor import CursorBeyondHead
from tests.server import Refused, Server, running_server
from tests.system.doors import (
    CURSORS,
    FILES,
    FORMS,
    IMAGES,
    LARGEST_UPLOAD,
    NAMES,
    PICTURES,
    REQUESTS,
    Door,
    log_cursor,
    outcome,
    store_of,
)
from tests.system.kept import nothing_kept

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """One server for all doors, which renders nothing, so that only uploads move its log."""
    folder = tmp_path_factory.mktemp("doors") / "data"
    async with running_server(folder, max_upload=LARGEST_UPLOAD, upload_presets="") as server:
        yield server
        assert "unexpected error" not in server.told


@pytest_asyncio.fixture(loop_scope="module")
async def unmoved(server: Server) -> AsyncIterator[None]:
    async with nothing_kept(server):
        yield


def every(doors: Mapping[str, Door]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("door", [pytest.param(door, id=name) for name, door in doors.items()])


@every(FILES)
@pytest.mark.usefixtures("unmoved")
async def test_files_that_are_not_taken(server: Server, door: Door) -> None:
    """Each is told what is wrong with it."""
    assert outcome(await door.ask(server)) == door.expected


@every(FORMS)
@pytest.mark.usefixtures("unmoved")
async def test_forms_that_are_not_as_specified(server: Server, door: Door) -> None:
    """Nothing is guessed: a form is right or refused."""
    assert outcome(await door.ask(server)) == door.expected


@every(REQUESTS)
@pytest.mark.usefixtures("unmoved")
async def test_requests_that_cannot_be_carried_out(server: Server, door: Door) -> None:
    """None is a fault of the server."""
    assert outcome(await door.ask(server)) == door.expected


@every(IMAGES)
@pytest.mark.usefixtures("unmoved")
async def test_questions_about_what_is_not_there(server: Server, door: Door) -> None:
    """Ids, cursors and paths are checked before they are used."""
    assert outcome(await door.ask(server)) == door.expected


@pytest.mark.parametrize(("cursor", "code"), CURSORS.values(), ids=CURSORS)
@pytest.mark.usefixtures("unmoved")
async def test_subscriptions_from_nowhere(server: Server, cursor: str, code: str) -> None:
    """Who was told a wrong position must hear of it, and not wait for ever."""
    assert await refusals(server, cursor) == [code] * 2


@pytest.mark.usefixtures("unmoved")
async def test_subscriptions_from_the_future(server: Server) -> None:
    """As after a backup was restored: the position is of this store, and has not been reached."""
    store_id, position = store_of(await server.head())
    cursor = log_cursor(store_id, position + 1)
    assert await refusals(server, cursor) == [CursorBeyondHead.code] * 2


async def refusals(server: Server, cursor: str) -> list[str]:
    """What each subscription says to a cursor."""
    codes: list[str] = []
    for field in ("events", "renditionSettled"):
        document = f"subscription ($after: Cursor) {{ {field}(after: $after) {{ cursor }} }}"
        with pytest.raises(Refused) as refused:
            await anext(server.subscribe(document, after=cursor))
        codes += refused.value.codes
    return codes


@pytest.mark.parametrize(("given", "kept"), NAMES.items(), ids=[f"{name!a}"[:30] for name in NAMES])
async def test_names_are_shown_and_never_paths(server: Server, given: str, kept: str) -> None:
    """In any script, with any sign: the file is the same, under a name that does no harm."""
    before = {path.name for path in server.folder.parent.iterdir()}
    content = PICTURES.make(1000 + list(NAMES).index(given))
    payload = await server.upload(content, given)
    assert payload["userErrors"] == []
    assert payload["image"]["name"] == kept
    answer = await server.http.get(payload["image"]["original"]["url"])
    assert answer.content == content
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert {path.name for path in server.folder.parent.iterdir()} == before


async def test_the_content_says_what_a_file_is(server: Server) -> None:
    """A PNG that is called a JPEG is a PNG."""
    file = io.BytesIO()
    Image.new("RGB", (4, 3)).save(file, "PNG")
    payload = await server.upload(file.getvalue(), "photo.jpg")
    assert payload["image"]["original"]["mediaType"] == "image/png"
    assert payload["image"]["name"] == "photo.jpg"
