"""Bytes of the content store, and what is said of them when they are sent."""

from dataclasses import dataclass
from functools import cached_property

from domain.header import MediaType
from gql.http.prepared import RawHeaders, raw


@dataclass(frozen=True, kw_only=True)
class Blob:
    """Bytes, and what is said of them.

    `resource_policy` tells browsers which sites may embed them (Cross-Origin-Resource-Policy).
    """

    sha256: str
    byte_size: int
    media_type: MediaType
    disposition: str
    resource_policy: str

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'

    @property
    def caching(self) -> dict[str, str]:
        """For ever, as the hash stands in the URL; but by the client alone.

        A shared cache would hand the bytes to whoever has the URL, and go on when the image is
        deleted: only this server knows whose they are.
        """
        return {"Cache-Control": "private, max-age=31536000, immutable", "ETag": self.etag}

    @property
    def headers(self) -> dict[str, str]:
        """Whatever the bytes are, a browser runs nothing of them and takes them for nothing else."""
        return {
            **self.caching,
            "Accept-Ranges": "bytes",
            "Content-Disposition": self.disposition,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Type": self.media_type,
            "Cross-Origin-Resource-Policy": self.resource_policy,
            "X-Content-Type-Options": "nosniff",
        }

    @cached_property
    def raw_headers(self) -> RawHeaders:
        """Of all of it."""
        return raw({**self.headers, "Content-Length": str(self.byte_size)})
