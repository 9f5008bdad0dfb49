"""Bytes of the content store over HTTP: whole or in part, only when needed, never wrong ones."""

import logging
from functools import partial
from io import SEEK_END
from typing import BinaryIO, Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from domain.errors import NotFound
from domain.ports.content import ContentStore
from gql.http.blob import Blob
from gql.http.blob_stream import BlobStream
from gql.http.conditions import Verdict, range_applies, verdict, wants_all
from gql.http.prepared import Prepared
from gql.http.problems import problem
from gql.http.ranges import Span, Unsatisfiable, requested_span
from gql.http.recent_blobs import LARGEST, RecentBlobs

AT_ONCE: Final = 1024 * 1024
"""Bytes that are read in one hop to a thread and sent as one body."""

THREADS: Final = 8

log = logging.getLogger("darkroom.files")


class Unreadable(Exception):
    """Content that is recorded, and is missing or not as long as recorded."""


class Blobs:
    """Answers requests for blobs by RFC 9110: conditions, then ranges, then the bytes."""

    def __init__(self, content: ContentStore, recent: RecentBlobs) -> None:
        self._content = content
        self._recent = recent
        self._limiter = CapacityLimiter(THREADS)

    async def answer(self, blob: Blob, request: Request) -> ASGIApp:
        kept = self._recent.find(blob.sha256) if wants_all(request.scope) else None
        if kept is not None:
            return Prepared(kept, blob.raw_headers)
        match verdict(request.headers, blob.etag):
            case Verdict.NOT_MODIFIED:
                return Response(status_code=304, headers=blob.caching)
            case Verdict.PRECONDITION_FAILED:
                return problem(412, "PRECONDITION_FAILED", "The file is not the one named by If-Match.")
            case Verdict.SEND:
                return await self._content_answer(blob, request)

    async def _content_answer(self, blob: Blob, request: Request) -> ASGIApp:
        try:
            span = _span(blob, request)
        except Unsatisfiable:
            headers = {"Content-Range": f"bytes */{blob.byte_size}"}
            return problem(416, "RANGE_NOT_SATISFIABLE", f"The file has {blob.byte_size} bytes.", headers)
        try:
            return await self._bytes_answer(blob, span, request.method == "HEAD")
        except (Unreadable, OSError) as fault:
            log.error("content %s %s", blob.sha256, fault)  # noqa: TRY400  (the message says it all)
            message = "The file is known, but this server cannot read it. Its operator finds more in the log."
            return problem(500, "CONTENT_UNREADABLE", message)

    async def _bytes_answer(self, blob: Blob, span: Span | None, head: bool) -> ASGIApp:
        status, headers = 200, blob.headers
        if span is None:
            span = Span(0, blob.byte_size)
        else:
            status, headers["Content-Range"] = 206, span.content_range(blob.byte_size)
        headers["Content-Length"] = str(span.size)
        if head:
            await to_thread.run_sync(self._check, blob, limiter=self._limiter)
            return Response(status_code=status, headers=headers)
        if span.size <= AT_ONCE:
            return Response(await self._body(blob, span), status, headers)
        file = await to_thread.run_sync(self._open, blob, span.start, limiter=self._limiter)
        return BlobStream(file, span.size, status, headers, self._limiter)

    async def _body(self, blob: Blob, span: Span) -> bytes:
        read = partial(to_thread.run_sync, self._read, blob, span, limiter=self._limiter)
        if span.size == blob.byte_size <= LARGEST:
            return await self._recent.read(blob.sha256, read)
        return await read()

    def _check(self, blob: Blob) -> None:
        self._open(blob, 0).close()

    def _read(self, blob: Blob, span: Span) -> bytes:
        with self._open(blob, span.start) as file:
            content = file.read(span.size)
        if len(content) != span.size:
            raise Unreadable("ended while it was read")
        return content

    def _open(self, blob: Blob, start: int) -> BinaryIO:
        try:
            file = self._content.open(blob.sha256)
        except NotFound:
            raise Unreadable("is missing") from None
        size = file.seek(0, SEEK_END)
        if size != blob.byte_size:
            file.close()
            raise Unreadable(f"has {size} bytes, and should have {blob.byte_size}")
        file.seek(start)
        return file


def _span(blob: Blob, request: Request) -> Span | None:
    """The part asked for; only GET has parts (RFC 9110, section 14.2). Raises Unsatisfiable."""
    if request.method != "GET" or not range_applies(request.headers, blob.etag):
        return None
    return requested_span(request.headers.get("range"), blob.byte_size)
