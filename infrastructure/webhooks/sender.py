"""One request to one receiver: short, bounded, straight to where it was meant for."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import anyio
import httpcore

from domain.ports.webhooks import DeliveryFailure
from infrastructure.webhooks.network import CheckedNetwork, HostNotFound, TargetForbidden
from infrastructure.webhooks.retry import parse_retry_after

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 15.0
KEEP_SECONDS: Final = 10.0
LONGEST_ANSWER: Final = 64 * 1024
"""So much of an answer is read, so that the connection can be used again; nothing of it is kept."""

_GONE: Final = 410
_ASK_TO_WAIT: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request: a status, or a failure; after so many milliseconds."""

    status: int | None = None
    failure: DeliveryFailure | None = None
    retry_after: float | None = None
    duration: int = 0

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == _GONE


class Sender:
    """Sends by HTTP/1.1, follows no redirect, asks no proxy, keeps no cookie and unpacks nothing: all that is
    what httpcore alone leaves out."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What a receiver does is an answer, whatever it is; only faults of our own are raised."""
        start = time.monotonic()
        status, retry_after, failure = None, None, None
        try:
            with anyio.fail_after(TOTAL_SECONDS):
                async with self._pool.stream(
                    "POST", url, headers=_headers(url, headers), content=body, extensions=_TIMEOUTS
                ) as response:
                    status, retry_after = response.status, _retry_after(response)
                    await _drain(response)
        except Exception as error:
            failure = _failure(error)
        duration = round((time.monotonic() - start) * 1000)
        if status is not None:  # whatever came behind it
            failure = None
        return Answer(status=status, failure=failure, retry_after=retry_after, duration=duration)


@asynccontextmanager
async def open_sender(network: CheckedNetwork, at_once: int) -> AsyncIterator[Sender]:
    """Certificates are checked against those that the system trusts."""
    trust = await asyncio.to_thread(ssl.create_default_context)
    async with httpcore.AsyncConnectionPool(
        ssl_context=trust,
        max_connections=at_once,
        keepalive_expiry=KEEP_SECONDS,
        network_backend=network,
    ) as pool:
        yield Sender(pool)


_TIMEOUTS: Final = {
    "timeout": {
        "connect": CONNECT_SECONDS,
        "read": TOTAL_SECONDS,
        "write": TOTAL_SECONDS,
        "pool": TOTAL_SECONDS,
    }
}

_FAILURES: Final[Mapping[type[Exception], DeliveryFailure]] = {
    TargetForbidden: DeliveryFailure.TARGET_NOT_ALLOWED,
    HostNotFound: DeliveryFailure.HOST_NOT_FOUND,
    TimeoutError: DeliveryFailure.TIMED_OUT,
    httpcore.TimeoutException: DeliveryFailure.TIMED_OUT,
    httpcore.ProtocolError: DeliveryFailure.INVALID_ANSWER,
    httpcore.NetworkError: DeliveryFailure.CONNECTION_FAILED,
}


def _failure(error: Exception) -> DeliveryFailure:
    for kind, failure in _FAILURES.items():
        if isinstance(error, kind):
            return failure
    raise error


def _headers(url: str, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        ("host", urlsplit(url).netloc),
        ("user-agent", "Darkroom"),
        ("content-type", "application/json"),
        *headers.items(),
    ]


def _retry_after(response: httpcore.Response) -> float | None:
    if response.status not in _ASK_TO_WAIT:
        return None
    values = [value for name, value in response.headers if name.lower() == b"retry-after"]
    return parse_retry_after(values[0].decode("latin-1"), time.time()) if values else None


async def _drain(response: httpcore.Response) -> None:
    read = 0
    async with aclosing(response.aiter_stream()) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            read += len(chunk)
            if read > LONGEST_ANSWER:
                return
