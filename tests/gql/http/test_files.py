"""Originals and renditions over HTTP, as a browser or a program asks for them."""

import asyncio
import errno
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.types import Message

from domain.header import MediaType
from domain.ports.views import ImageState, RenditionState
from gql.http.blob_stream import PIECE, CutShort
from gql.http.files import file_routes, original_url, rendition_url
from gql.http.recent_blobs import RecentBlobs
from infrastructure.memory.content import MemoryContentStore
from tests.examples import HEADER
from tests.gql.http.gallery import ORIGINAL, RENDITION, Gallery, OneImage, image, rendition, sha256

MIB = 1024 * 1024
LARGE = bytes(range(256)) * (3 * MIB // 256) + b"end"

ORIGINAL_URL = original_url(image())
RENDITION_URL = rendition_url(rendition()) or ""
URLS = [ORIGINAL_URL, RENDITION_URL]


@pytest.fixture
def gallery() -> Gallery:
    return Gallery.stocked()


# -- URLs


def test_urls_name_the_image_and_the_bytes() -> None:
    """And nothing that somebody wrote: URLs end up in logs."""
    assert original_url(image()) == f"/originals/image-1/{sha256(ORIGINAL)}"
    assert rendition_url(rendition()) == f"/renditions/image-1/{sha256(RENDITION)}.webp"


@pytest.mark.parametrize("state", [RenditionState.PENDING, RenditionState.RENDERING, RenditionState.FAILED])
async def test_a_rendition_that_is_not_ready_has_no_url(state: RenditionState) -> None:
    """And would not be found under the one it will have."""
    waiting = replace(rendition(), state=state)
    assert rendition_url(waiting) is None
    assert (await Gallery.stocked(renditions=(waiting,)).ask(RENDITION_URL)).status_code == 404


# -- what is sent


async def test_an_original_is_saved_under_its_own_name(gallery: Gallery) -> None:
    """Unchanged, as what it is, and never shown by the browser."""
    response = await gallery.ask(ORIGINAL_URL)
    assert (response.status_code, response.content) == (200, ORIGINAL)
    assert dict(response.headers) == {
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=31536000, immutable",
        "content-disposition": "attachment; filename=\"holiday.jpg\"; filename*=UTF-8''holiday.jpg",
        "content-length": str(len(ORIGINAL)),
        "content-security-policy": "default-src 'none'; sandbox",
        "content-type": "image/jpeg",
        "cross-origin-resource-policy": "same-origin",
        "etag": f'"{sha256(ORIGINAL)}"',
        "x-content-type-options": "nosniff",
    }


async def test_a_rendition_is_shown_in_place(gallery: Gallery) -> None:
    """On pages of other sites too."""
    response = await gallery.ask(RENDITION_URL)
    assert (response.status_code, response.content) == (200, RENDITION)
    assert dict(response.headers) == {
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=31536000, immutable",
        "content-disposition": (
            "inline; filename=\"holiday-thumbnail.webp\"; filename*=UTF-8''holiday-thumbnail.webp"
        ),
        "content-length": str(len(RENDITION)),
        "content-security-policy": "default-src 'none'; sandbox",
        "content-type": "image/webp",
        "cross-origin-resource-policy": "cross-origin",
        "etag": f'"{sha256(RENDITION)}"',
        "x-content-type-options": "nosniff",
    }


@pytest.mark.parametrize("query", ["download", "download=", "download=1"])
async def test_a_rendition_can_be_saved(gallery: Gallery, query: str) -> None:
    """Where the link says so."""
    response = await gallery.ask(f"{RENDITION_URL}?{query}")
    assert response.headers["content-disposition"].startswith('attachment; filename="holiday-thumbnail.webp"')


async def test_the_type_is_that_of_the_bytes_not_of_the_name() -> None:
    """A page that calls itself a picture stays a picture for the browser."""
    gallery = Gallery.stocked(name="page.html", media_type=MediaType.GIF)
    response = await gallery.ask(ORIGINAL_URL)
    assert response.headers["content-type"] == "image/gif"
    assert 'filename="page.html.gif"' in response.headers["content-disposition"]


@pytest.mark.parametrize("url", URLS)
async def test_head_tells_what_get_would(gallery: Gallery, url: str) -> None:
    """All headers, and no byte."""
    got, told = await gallery.ask(url), await gallery.ask(url, "HEAD")
    assert (told.status_code, told.headers, told.content) == (200, got.headers, b"")


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, len(LARGE)])
async def test_files_of_any_size_arrive_whole(size: int) -> None:
    """Those that are sent at once, and those that are sent in pieces."""
    response = await Gallery.stocked(LARGE[:size]).ask(original_url(image(LARGE[:size])))
    assert response.content == LARGE[:size]
    assert response.headers["content-length"] == str(size)


# -- what the client has already


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_known_bytes_are_not_sent_again(gallery: Gallery, url: str, method: str) -> None:
    """304 says how long they may be kept, and which they are."""
    etag = (await gallery.ask(url)).headers["etag"]
    response = await gallery.ask(url, method, {"If-None-Match": f'"other", W/{etag}'})
    assert (response.status_code, response.content) == (304, b"")
    assert dict(response.headers) == {"etag": etag, "cache-control": "private, max-age=31536000, immutable"}


async def test_a_condition_that_fails_is_said(gallery: Gallery) -> None:
    """For a client that continues another file."""
    response = await gallery.ask(ORIGINAL_URL, headers={"If-Match": '"other"'})
    assert (response.status_code, response.json()["code"]) == (412, "PRECONDITION_FAILED")


# -- parts


async def test_a_part_is_sent_alone(gallery: Gallery) -> None:
    """With its place in the whole, and the validator that lets the next part be asked for."""
    response = await gallery.ask(ORIGINAL_URL, headers={"Range": "bytes=4-11"})
    assert (response.status_code, response.content) == (206, b"original")
    assert response.headers["content-range"] == f"bytes 4-11/{len(ORIGINAL)}"
    assert response.headers["content-length"] == "8"
    assert response.headers["etag"] == f'"{sha256(ORIGINAL)}"'


async def test_a_part_behind_the_end_is_refused_with_the_size(gallery: Gallery) -> None:
    """So that the client knows where the end is."""
    response = await gallery.ask(ORIGINAL_URL, headers={"Range": "bytes=18-"})
    assert (response.status_code, response.json()["code"]) == (416, "RANGE_NOT_SATISFIABLE")
    assert response.headers["content-range"] == "bytes */18"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,3-4"},
        {"Range": "lines=0-1"},
        {"Range": "bytes=1-2", "If-Range": '"another version"'},
        {"Range": "bytes=1-2", "If-Range": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ],
)
async def test_the_whole_is_sent_where_no_part_is_meant(gallery: Gallery, headers: dict[str, str]) -> None:
    """Several parts, other units, and parts of something else."""
    response = await gallery.ask(ORIGINAL_URL, headers=headers)
    assert (response.status_code, response.content) == (200, ORIGINAL)


async def test_a_part_of_the_same_bytes_is_sent(gallery: Gallery) -> None:
    """As a download is continued."""
    headers = {"Range": "bytes=13-", "If-Range": f'"{sha256(ORIGINAL)}"'}
    response = await gallery.ask(ORIGINAL_URL, headers=headers)
    assert (response.status_code, response.content) == (206, b"bytes")


async def test_head_has_no_parts(gallery: Gallery) -> None:
    """RFC 9110, section 14.2: ranges are for GET."""
    response = await gallery.ask(ORIGINAL_URL, "HEAD", {"Range": "bytes=0-1"})
    assert (response.status_code, response.headers["content-length"]) == (200, str(len(ORIGINAL)))


@settings(max_examples=50, deadline=None)
@given(first=st.integers(0, len(LARGE) - 1), count=st.integers(1, len(LARGE)))
def test_parts_are_slices(first: int, count: int) -> None:
    """Of large files too, whether they are sent at once or in pieces."""
    asked = Gallery.stocked(LARGE).ask(
        original_url(image(LARGE)), headers={"Range": f"bytes={first}-{first + count - 1}"}
    )
    response = asyncio.run(asked)
    assert response.status_code == 206
    assert response.content == LARGE[first : first + count]


# -- what is not sent


@pytest.mark.parametrize(
    "url",
    [
        "/originals/",
        "/originals/image-1",
        "/originals/image-1/",
        f"/originals/image-2/{sha256(ORIGINAL)}",
        f"/originals/image-1/{sha256(RENDITION)}",
        f"/originals/image-1/{sha256(ORIGINAL).upper()}",
        f"/originals/image-1/{sha256(ORIGINAL)}/",
        f"/originals/image-1/{sha256(ORIGINAL)}.jpg",
        f"/originals/image-1%00/{sha256(ORIGINAL)}",
        f"/originals/{'a' * 5000}/{sha256(ORIGINAL)}",
        "/originals/..%2f..%2fetc/passwd",
        "/originals/image-1/..%2f..%2fetc%2fpasswd",
        "/renditions/",
        f"/renditions/image-1/{sha256(RENDITION)}",
        f"/renditions/image-1/{sha256(RENDITION)}.png",
        f"/renditions/image-1/{sha256(ORIGINAL)}.webp",
        f"/renditions/image-1/{sha256(ORIGINAL)}.jpg",
        f"/renditions/image-2/{sha256(RENDITION)}.webp",
        "/renditions/image-1/None.webp",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_no_file_of_the_image_is_not_found(gallery: Gallery, url: str, method: str) -> None:
    """Bytes that are there are not enough: an image has to refer to them, as what is asked for."""
    response = await gallery.ask(url, method)
    assert (response.status_code, response.headers["cache-control"]) == (404, "no-store")
    if method == "GET":
        assert response.json() == {"code": "NOT_FOUND", "message": "There is no such file."}


@pytest.mark.parametrize("url", URLS)
async def test_images_of_others_are_not_found(gallery: Gallery, url: str) -> None:
    """Whoever knows the URL."""
    gallery.owner_of = lambda _: "somebody else"
    assert (await gallery.ask(url)).status_code == 404


@pytest.mark.parametrize("url", URLS)
async def test_a_deleted_image_has_no_files(url: str) -> None:
    """Until it is restored."""
    gallery = Gallery.stocked(state=ImageState.DELETED)
    assert (await gallery.ask(url)).status_code == 404


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
async def test_files_are_only_read(gallery: Gallery, url: str, method: str) -> None:
    """Every other method is told so."""
    response = await gallery.ask(url, method)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    assert response.json()["code"] == "METHOD_NOT_ALLOWED"


# -- what cannot be sent


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_missing_bytes_are_our_fault(caplog: pytest.LogCaptureFixture, method: str) -> None:
    """The client is told that it did nothing wrong, and the operator which bytes are missing."""
    response = await Gallery().ask(ORIGINAL_URL, method)
    assert (response.status_code, response.headers["cache-control"]) == (500, "no-store")
    assert f"content {sha256(ORIGINAL)} is missing" in caplog.text


class FixedContent(MemoryContentStore):
    """Gives the same file, whatever is asked for."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(lambda _: HEADER)
        self._file = file

    def open(self, sha256: str) -> BinaryIO:
        del sha256
        return self._file


class WatchedFile(BytesIO):
    """Remembers how it was read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.reads.append(len(content))
        return content


class FailingFile(BytesIO):
    """Lies on a disk that fails."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


class ShortFile(BytesIO):
    """Says that it is whole, and ends at a MiB."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(max(0, min(size or 0, MIB - self.tell())))


def holding(content: bytes, file: BinaryIO) -> Gallery:
    """An original that should have this content, and is in this file."""
    return Gallery(view=image(content), content=FixedContent(file))


@pytest.mark.parametrize(
    "file", [BytesIO(b""), BytesIO(ORIGINAL[:-1]), BytesIO(ORIGINAL + b"!"), FailingFile(ORIGINAL)]
)
async def test_wrong_bytes_are_never_sent(caplog: pytest.LogCaptureFixture, file: BytesIO) -> None:
    """Not even the right part of them."""
    response = await holding(ORIGINAL, file).ask(ORIGINAL_URL, headers={"Range": "bytes=0-1"})
    assert (response.status_code, response.json()["code"]) == (500, "CONTENT_UNREADABLE")
    assert caplog.text.count(sha256(ORIGINAL)) == 1
    assert file.closed


async def test_a_file_that_ends_while_it_is_sent_breaks_the_connection() -> None:
    """The client has been told how much to expect, and sees that it is not all."""
    file = ShortFile(LARGE)
    with pytest.raises(CutShort):
        await holding(LARGE, file).ask(original_url(image(LARGE)))
    assert file.closed


class Connection:
    """A client of the application, which goes away after so many messages, or does not read on."""

    def __init__(self, stays: int = 1000, reads: int = 1000) -> None:
        self.messages: list[Message] = []
        self._stays = stays
        self._reads = reads

    async def receive(self) -> Message:
        if len(self.messages) < self._stays:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if len(self.messages) == self._reads:
            await asyncio.Event().wait()
        self.messages.append(message)

    async def get(self, gallery: Gallery, path: str) -> None:
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        await gallery.app(scope, self.receive, self.send)


async def test_a_large_file_is_read_piece_by_piece() -> None:
    """Each when the client has taken the one before."""
    file = WatchedFile(LARGE)
    task = asyncio.create_task(Connection(reads=3).get(holding(LARGE, file), original_url(image(LARGE))))
    await asyncio.sleep(0.1)
    assert file.reads == [PIECE] * 3
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert file.closed


async def test_a_client_that_goes_away_is_sent_no_more() -> None:
    """And its file is closed."""
    file = WatchedFile(LARGE)
    connection = Connection(stays=3)
    await connection.get(holding(LARGE, file), original_url(image(LARGE)))
    assert len(connection.messages) == 3
    assert file.reads == [PIECE] * 2
    assert file.closed


# -- from memory


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("query", ["", "?download", "?download=1&other", "?other"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Range": "bytes=2-4"},
        {"Range": "bytes=99-"},
        {"Range": "bytes=2-4", "If-Range": '"another"'},
        {"If-None-Match": f'"{sha256(RENDITION)}"'},
        {"If-None-Match": '"another"'},
        {"If-Match": '"another"'},
    ],
)
async def test_what_is_in_memory_is_answered_alike(method: str, query: str, headers: dict[str, str]) -> None:
    """Whatever is asked for, the answer does not tell where the bytes were."""
    gallery, remembering = Gallery.stocked(), Gallery.stocked()
    remembering.recent = RecentBlobs(MIB)
    await remembering.ask(RENDITION_URL)
    assert remembering.recent.find(sha256(RENDITION)) == RENDITION
    expected = await gallery.ask(RENDITION_URL + query, method, headers)
    answer = await remembering.ask(RENDITION_URL + query, method, headers)
    assert (answer.status_code, answer.content) == (expected.status_code, expected.content)
    assert answer.headers.raw == expected.headers.raw


async def test_memory_tells_nothing_old() -> None:
    """What is said of a file, and whether it may be seen, is what holds now."""
    gallery = Gallery.stocked()
    images = OneImage(gallery.view)
    app = Starlette(routes=file_routes(gallery.content, RecentBlobs(MIB), images, gallery.owner_of))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        for _ in range(2):
            assert "holiday" in (await http.get(RENDITION_URL)).headers["content-disposition"]
        images.view = replace(gallery.view, name="other.jpg")
        assert "other" in (await http.get(RENDITION_URL)).headers["content-disposition"]
        images.view = replace(gallery.view, renditions=())
        assert (await http.get(RENDITION_URL)).status_code == 404
        images.view = replace(gallery.view, state=ImageState.DELETED)
        assert (await http.get(RENDITION_URL)).status_code == 404
        images.view = gallery.view
        assert (await http.get(RENDITION_URL)).content == RENDITION
