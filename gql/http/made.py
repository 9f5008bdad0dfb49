"""Answers with pictures that are made on demand."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from domain.errors import (
    InvalidInput,
    NotFound,
    NotRendered,
    Quarantined,
    Refusal,
    UnacceptableFile,
    Unavailable,
)
from domain.header import MediaType
from domain.picture import Picture, PictureRequest
from domain.ports.pictures import Pictures
from domain.ports.views import ImageView
from gql.http.conditions import Verdict, verdict, wants_all
from gql.http.departure import unless_gone
from gql.http.file_names import Disposition, rendition_disposition
from gql.http.prepared import Prepared, RawHeaders, raw
from gql.http.problems import problem

Make: TypeAlias = Callable[[PictureRequest], Coroutine[Any, Any, Picture]]

FOR_EVER = "private, max-age=31536000, immutable"
"""By the client alone, as for all files: only this server knows whose they are."""

_GONE = 499
"""Of those who have gone nobody reads it; so nginx calls it in logs."""


class MadePictures:
    """Makes what is asked for, unless the client has it already or goes away meanwhile."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    async def answer(  # noqa: PLR0913 -- what is asked, of what, how it is answered, and to whom
        self,
        wanted: PictureRequest,
        image: ImageView,
        use: str,
        caching: Mapping[str, str],
        request: Request,
        *,
        make: Make | None = None,
    ) -> Response:
        """`use` is what the file is called for beside the image: the name of a preset, or the like.
        `make`: where it comes from, if not from where all do."""
        try:
            if not wants_all(request.scope):
                match verdict(request.headers, f'"{wanted.picture_id}"'):
                    case Verdict.NOT_MODIFIED:
                        return Response(
                            status_code=304, headers={**caching, "ETag": _etag(wanted.picture_id)}
                        )
                    case Verdict.PRECONDITION_FAILED:
                        message = "The picture is not the one named by If-Match."
                        return problem(412, "PRECONDITION_FAILED", message)
            picture = self._pictures.kept(wanted) or await unless_gone(
                (make or self._pictures.make)(wanted), request.receive
            )
        except Refusal as refusal:
            return refused(refusal)
        if picture is None:
            return Response(status_code=_GONE)
        headers = _headers(
            tuple(caching.items()),
            wanted.picture_id,
            image.name,
            use,
            picture.media_type,
            len(picture.content),
        )
        return Prepared(b"" if request.method == "HEAD" else picture.content, headers)


@lru_cache(512)
def _headers(  # noqa: PLR0913, PLR0917 -- all that is said of a picture
    caching: tuple[tuple[str, str], ...],
    picture_id: str,
    name: str,
    use: str,
    media_type: MediaType,
    size: int,
) -> RawHeaders:
    return raw(
        {
            **dict(caching),
            "ETag": _etag(picture_id),
            "Content-Disposition": rendition_disposition(Disposition.INLINE, name, use, media_type),
            "Content-Length": str(size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Type": media_type,
            "Cross-Origin-Resource-Policy": "cross-origin",
            "X-Content-Type-Options": "nosniff",
        }
    )


def _etag(picture_id: str) -> str:
    """Weak (RFC 9110, section 8.8.1): another build of an encoder may write other bytes."""
    return f'W/"{picture_id}"'


def refused(refusal: Refusal) -> Response:
    """What is said of a picture that is not made."""
    match refusal:
        case Unavailable():
            retry = {"Retry-After": str(refusal.retry_after)}
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, refusal.code, refusal.message, retry)
        case NotFound():
            status = HTTPStatus.NOT_FOUND
        case InvalidInput():
            status = HTTPStatus.BAD_REQUEST
        case UnacceptableFile() | Quarantined():
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        case NotRendered():
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        case _:
            status = HTTPStatus.FORBIDDEN
    return problem(status, refusal.code, refusal.message)
