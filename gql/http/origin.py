"""Whether a request comes from a page of this server, as far as browsers tell.

A browser sends a form to any site with the cookies of that site. What a page of another site cannot
do unasked is to add a header of its own, or to claim another origin (Fetch, "CORS protocol").
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

PREFLIGHT_HEADERS: Final = ("GraphQL-Require-Preflight", "Apollo-Require-Preflight")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def may_have_been_forged(headers: Headers) -> bool:
    """True without any sign that a browser would have let only our own pages send this."""
    if any(headers.get(name) for name in PREFLIGHT_HEADERS):
        return False
    if headers.get("sec-fetch-site") in {"same-origin", "none"}:
        return False
    return not ("origin" in headers and is_same_host(headers))


def is_foreign(headers: Headers) -> bool:
    """True for a page of another host; programs that are no browsers send no `Origin`."""
    return "origin" in headers and not is_same_host(headers)


def is_same_host(headers: Headers) -> bool:
    """Whether `Origin` and `Host` name one host and port; the scheme is lost behind a TLS proxy."""
    origin = _host_and_port(headers.get("origin", ""))
    if origin is None:
        return False
    scheme, *authority = origin
    host = _host_and_port(f"{scheme}://{headers.get('host', '')}")
    return host is not None and [*host][1:] == authority


def _host_and_port(origin: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme)
