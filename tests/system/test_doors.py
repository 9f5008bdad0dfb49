"""Bad input at every door: it is answered with its code, nothing of it stays, the next good one works."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from PIL import Image

from domain.cursor import CursorBeyondHead
from domain.errors import InvalidInput
from gql.http.signer import Signer
from tests.server import Refused, Server, running_server
from tests.system.doors import (
    CURSORS,
    FIELDS,
    FILES,
    FORMS,
    IMAGES,
    LARGEST_UPLOAD,
    NAMES,
    PICTURES,
    REQUESTS,
    STEPS,
    Door,
    Outcome,
    asked,
    changed,
    log_cursor,
    outcome,
    store_of,
)
from tests.system.kept import nothing_kept

KEY = "k" * 32
SIGNER = Signer([KEY.encode()])

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """One server for all doors, which renders nothing, so that only uploads move its log."""
    folder = tmp_path_factory.mktemp("doors") / "data"
    settings = {"max_upload": LARGEST_UPLOAD, "upload_presets": "", "transforms": "signed", "url_keys": KEY}
    async with running_server(folder, **settings) as server:
        yield server
        assert "unexpected error" not in server.told


@pytest_asyncio.fixture(loop_scope="module")
async def unmoved(server: Server) -> AsyncIterator[None]:
    async with nothing_kept(server):
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def image_id(server: Server) -> str:
    """Of a picture that is there, and examined: nothing more will be said of it."""
    image_id: str = (await server.upload(PICTURES.make(999), "there.jpg"))["image"]["id"]
    async for told in server.subscribe(
        "subscription ($id: ID!) { imageChanged(id: $id) { image { examined } } }", id=image_id
    ):
        if told["imageChanged"]["image"]["examined"]:
            break
    return image_id


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


@pytest.mark.parametrize("name", STEPS)
async def test_steps_that_cannot_be_done(server: Server, image_id: str, name: str) -> None:
    """They are refused at once, wherever steps are taken, and are nowhere kept."""
    steps, code = STEPS[name], InvalidInput.code
    if len(steps) > 5_000:
        code = "TOO_MANY_VALUES"
    trial = "query ($id: ID!, $steps: [StepInput!]) { image(id: $id) { %s } }"
    async with nothing_kept(server):
        for door in (
            changed("requestRendition", code, imageId=image_id, steps=steps),
            changed("appendSteps", code, id=image_id, steps=steps),
            asked(trial % "preview(width: 10, steps: $steps)", code, id=image_id, steps=steps),
            asked(trial % "transformUrl(steps: $steps)", code, id=image_id, steps=steps),
        ):
            assert outcome(await door.ask(server)) == door.expected


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
async def test_fields_of_an_image_that_cannot_be_given(server: Server, image_id: str, field: str) -> None:
    """Arguments are checked before anything is made."""
    door = asked(f"query ($id: ID!) {{ image(id: $id) {{ {field} }} }}", InvalidInput.code, id=image_id)
    async with nothing_kept(server):
        assert outcome(await door.ask(server)) == door.expected


async def test_urls_that_nobody_signed(server: Server, image_id: str) -> None:
    """Neither what was changed, nor what is for something else, nor what is no URL of ours."""
    key = image_id.removeprefix("img_")
    query = "query ($id: ID!) { image(id: $id) { preview(width: 10) } }"
    good: str = (await server.query(query, id=image_id))["image"]["preview"]
    assert (await server.http.get(good)).status_code == 200
    for path in (
        good[:-4] + "AAAA",
        good.rpartition(".")[0],
        good.replace("/previews/", "/transforms/"),
        good.replace(key, "0" * 32),
        f"/previews/{key}/x.y",
        f"/transforms/{key}/{'x' * 9_000}",
    ):
        assert outcome(await server.http.get(path)) == (403, "NOT_SIGNED"), path


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"expires": 1}, (403, "URL_EXPIRED")),
        ({"steps": [{"operation": "speia", "parameters": {}}]}, (400, "UNKNOWN_NAME")),
        ({"steps": [{"operation": "resize", "parameters": {"width": -5}}]}, (400, "INVALID_INPUT")),
        ({"steps": [{"operation": "resize", "parameters": {"width": "x"}}]}, (400, "INVALID_INPUT")),
        ({"output": {"media_type": "image/gif"}}, (400, "INVALID_INPUT")),
        ({"output": {"media_type": "image/jpeg", "quality": 1_000}}, (400, "INVALID_INPUT")),
        ({"output": {"media_type": "image/avif"}}, (400, "INVALID_INPUT")),
        ({"output": {"media_type": "image/jpeg", "background": "x"}}, (400, "INVALID_INPUT")),
        ({"colour": 1}, (404, "NOT_FOUND")),
    ],
)
async def test_urls_that_somebody_else_signed_wrongly(
    server: Server, image_id: str, data: dict[str, object], expected: Outcome
) -> None:
    """Whoever has the key may sign; what is signed is checked all the same."""
    key = image_id.removeprefix("img_")
    whole = {"steps": [], "output": {"media_type": "image/jpeg"}, **data}
    answer = await server.http.get(f"/transforms/{key}/{SIGNER.signed('transforms', key, whole)}")
    assert outcome(answer) == expected


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
