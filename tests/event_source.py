"""A client of GraphQL over Server-Sent Events, which does what the standards say and no more."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import httpx

ACCEPT: Final = "text/event-stream"
_BROKEN: Final = (httpx.TransportError, httpx.StreamError)


@dataclass(frozen=True)
class SentEvent:
    """An event as it is dispatched; `id` is that of the last one that had any."""

    name: str
    data: str
    id: str

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.data)
        return found


async def interpreted(lines: AsyncIterator[str]) -> AsyncGenerator[SentEvent, None]:
    """HTML, "Interpreting an event stream"."""
    name, data, last_id = "", "", ""
    async for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield SentEvent(name or "message", data.removesuffix("\n"), last_id)
            name, data = "", ""
        elif field == "event":
            name = value
        elif field == "data":
            data += f"{value}\n"
        elif field == "id" and "\0" not in value:
            last_id = value


class EventSource:
    """One operation, asked for again with the id of the last event whenever its stream has broken off."""

    def __init__(self, query: str, variables: Mapping[str, object] | None = None, last_id: str = "") -> None:
        self.last_id = last_id
        self.complete = False
        self._body = {"query": query, "variables": variables or {}}

    async def events(
        self, http: httpx.AsyncClient, *, method: str = "POST"
    ) -> AsyncGenerator[SentEvent, None]:
        """The events of one stream, up to its end, however that comes about."""
        headers = {"accept": ACCEPT} | ({"last-event-id": self.last_id} if self.last_id else {})
        try:
            async with http.stream(method, "/graphql", headers=headers, **self._request(method)) as response:
                assert response.status_code == 200
                assert response.headers["content-type"].partition(";")[0] == ACCEPT
                async with aclosing(interpreted(response.aiter_lines())) as events:
                    async for event in events:
                        self.last_id = event.id
                        self.complete = event.name == "complete"
                        yield event
        except _BROKEN:
            return

    def _request(self, method: str) -> dict[str, Any]:
        if method == "POST":
            return {"json": self._body}
        return {"params": {"query": self._body["query"], "variables": json.dumps(self._body["variables"])}}
