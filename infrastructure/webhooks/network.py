"""Connections that are made only to addresses that were checked: what is connected to is the very address
that the policy allowed, and no name is looked up a second time."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

import anyio
import httpcore

from infrastructure.webhooks.addresses import AddressPolicy

LOOKUPS: Final = 16
TRIED_ADDRESSES: Final = 4

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
Option: TypeAlias = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class TargetForbidden(Exception):
    """None of a host's addresses may be connected to."""


class HostNotFound(Exception):
    """A name that has no address."""


class Resolver:
    """Looks names up as the system does, in threads of its own.

    A name whose servers are silent keeps its thread for half a minute. So nobody else's threads are used,
    there are so many and no more, and nobody waits for them at the end of the process.
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(LOOKUPS)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Addresses of a host, in the order in which they are to be tried. Raises HostNotFound."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Sequence[str]] = loop.create_future()
        thread = threading.Thread(target=self._look_up, args=(loop, found, host, port), daemon=True)
        thread.start()
        return await found

    def _look_up(
        self, loop: asyncio.AbstractEventLoop, found: asyncio.Future[Sequence[str]], host: str, port: int
    ) -> None:
        addresses: list[str] = []
        with suppress(OSError, UnicodeError):
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(self._tell, found, addresses)

    def _tell(self, found: asyncio.Future[Sequence[str]], addresses: Sequence[str]) -> None:
        self._free.release()
        if found.done():
            return
        if addresses:
            found.set_result(addresses)
        else:
            found.set_exception(HostNotFound)


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Where httpcore gets its connections from."""

    def __init__(self, policy: AddressPolicy, resolve: Resolve) -> None:
        self._policy = policy
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (as httpcore has it)
        local_address: str | None = None,
        socket_options: Iterable[Option] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises TargetForbidden, HostNotFound, and what httpcore raises."""
        try:
            with anyio.fail_after(timeout):
                addresses = await self._resolve(host, port)
                allowed = [address for address in addresses if self._policy.allows(host, address)]
                if not allowed:
                    raise TargetForbidden
                return await self._connect(allowed[:TRIED_ADDRESSES], port, timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None

    async def _connect(
        self,
        addresses: Sequence[str],
        port: int,
        timeout: float | None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """To the first address that answers; each has its share of the time."""
        share = None if timeout is None else timeout / len(addresses)
        failure: Exception = httpcore.ConnectError()
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, timeout=share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure
