"""Deliveries and a server that is killed at any moment."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.infrastructure.webhooks.receiver import receiving
from tests.server import Server

ADD: Final = """
    mutation ($url: String!) { addWebhook(input: { url: $url }) { secret userErrors { code message } } }
"""
CREATE: Final = """mutation { createAlbum(input: { name: "Trip" }) { position } }"""
LIVES: Final = 2
ALBUMS: Final = 10
"""So many are delivered in each life of the server, and as many wait for the next one."""


async def test_every_event_is_delivered_in_order_whenever_the_server_is_killed(tmp_path: Path) -> None:
    """What was under way is sent again, under the same name; none is left out, and no other repeated."""
    server = Server(tmp_path / "data", {"webhook_allow": "127.0.0.1"})
    acknowledged: list[str] = []
    async with receiving() as receiver:
        try:
            await server.start()
            secret = (await server.query(ADD, url=receiver.url))["addWebhook"]["secret"]
            for life in range(LIVES):
                acknowledged += [await created(server) for _ in range(ALBUMS)]
                await receiver.wait_for(len(acknowledged) + life)
                receiver.hold.clear()
                acknowledged += [await created(server) for _ in range(ALBUMS)]
                await receiver.wait_for(len(acknowledged) - ALBUMS + life + 1)
                await server.kill()
                receiver.hold.set()
                await server.start()
            await receiver.wait_for(len(acknowledged) + LIVES)
        finally:
            await server.kill()
    cursors = [each.content["cursor"] for each in receiver.received]
    assert list(dict.fromkeys(cursors)) == acknowledged
    assert len(cursors) == len(acknowledged) + LIVES
    assert len({each.message for each in receiver.received}) == len(acknowledged)
    assert all(each.is_signed_with(secret) for each in receiver.received)


async def created(server: Server) -> str:
    """The cursor of an album's creation."""
    cursor: str = (await server.query(CREATE))["createAlbum"]["position"]
    return cursor
