from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from gql.http.frames import TEXTS, GatheringSocket, frames

LENGTHS = (0, 1, 125, 126, 127, 65_535, 65_536, 100_000)


def test_frames_are_what_a_client_expects() -> None:
    """Of any length, one after the other."""
    client = ClientProtocol(parse_uri("ws://toy/"), state=State.OPEN, max_size=None)
    texts = [b"x" * length for length in LENGTHS]
    client.receive_data(frames(texts))
    received = [event for event in client.events_received() if isinstance(event, Frame)]
    assert [frame.data for frame in received] == texts
    assert {(frame.opcode, frame.fin) for frame in received} == {(Opcode.TEXT, True)}


@dataclass
class Transport(asyncio.Transport):
    """Keeps what is written."""

    written: list[bytes] = field(default_factory=list)
    closing: bool = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closing


def socket() -> tuple[GatheringSocket, Transport]:
    config = uvicorn.Config(lambda *_: None, log_config=None, ws=GatheringSocket)
    config.load()
    protocol, transport = GatheringSocket(config, ServerState(), {}), Transport()
    protocol.transport = transport
    protocol.handshake_complete = True
    return protocol, transport


async def test_several_messages_are_one_write() -> None:
    """When the transport takes any; until then whoever sends waits."""
    protocol, transport = socket()
    protocol.pause_writing()
    sending = asyncio.create_task(protocol.send({"type": "websocket.send", TEXTS: [b"a", b"bc"]}))
    await asyncio.sleep(0.01)
    assert transport.written == []
    protocol.resume_writing()
    await sending
    assert transport.written == [b"\x81\x01a\x81\x02bc"]


@pytest.mark.parametrize("state", ["disconnected", "close_sent"])
async def test_a_socket_that_is_over_takes_no_more(state: str) -> None:
    """As uvicorn says it of one message."""
    protocol, transport = socket()
    setattr(protocol, state, True)
    with pytest.raises(ClientDisconnected):
        await protocol.send({"type": "websocket.send", TEXTS: [json.dumps({}).encode()]})
    assert transport.written == []
