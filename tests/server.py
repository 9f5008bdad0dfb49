"""A real server in a process of its own, which a test may stop, kill and start again, and its client."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.typing import Subprotocol

ROOT: Final = Path(__file__).parents[1]
COMMAND: Final = (sys.executable, str(ROOT / "darkroom.py"), "serve")
PATIENCE: Final = 60.0
"""Seconds in which a server that was started, or told to stop, has to have done so."""

BOUNDARY: Final = "the-boundary-of-the-parts"
PREFLIGHT: Final = {"GraphQL-Require-Preflight": "1"}
PROTOCOL: Final = Subprotocol("graphql-transport-ws")

UPLOAD: Final = """
    mutation ($input: UploadImageInput!) {
        uploadImage(input: $input) {
            image { id name version state original { url sha256 byteSize mediaType width height } }
            duplicate
            position
            userErrors { code message field }
        }
    }
"""

Data: TypeAlias = dict[str, Any]


class Refused(Exception):
    """The server answered with errors; `codes` are those that programs match on."""

    def __init__(self, errors: Sequence[Data]) -> None:
        super().__init__(json.dumps(errors))
        self.codes = [error["extensions"]["code"] for error in errors]


class Gone(Exception):
    """The server went away before it answered: what was asked may have been done or not.

    One that is there and does not answer is no such thing: that is a timeout.
    """


class Part(NamedTuple):
    """A part of a form; one with a file name is a file."""

    name: str
    content: bytes
    filename: str | None = None


def form(*parts: Part) -> bytes:
    """The body of a multipart request."""
    return b"".join(map(_written, parts)) + f"--{BOUNDARY}--\r\n".encode()


def upload_parts(content: bytes, filename: str, wanted: Mapping[str, object]) -> list[Part]:
    """An upload by the multipart request specification; `wanted` goes into its input."""
    operations = {"query": UPLOAD, "variables": {"input": {"file": None, **wanted}}}
    return [
        Part("operations", json.dumps(operations).encode()),
        Part("map", b'{"file": ["variables.input.file"]}'),
        Part("file", content, filename),
    ]


FORM_TYPE: Final = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
FORM_HEADERS: Final = PREFLIGHT | FORM_TYPE


def position_of(cursor: str) -> int:
    """The position that a cursor of the log names; opaque to programs, not to these tests."""
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    return int(text.rpartition(".")[2])


class Client:
    """Asks a server by its public API. Raises Refused and Gone."""

    def __init__(self, url: str) -> None:
        self.talk_to(url)

    def talk_to(self, url: str) -> None:
        self.url = url
        self.http = httpx.AsyncClient(
            base_url=url, trust_env=False, timeout=PATIENCE, limits=httpx.Limits(max_connections=None)
        )

    async def close(self) -> None:
        await self.http.aclose()

    async def post(self, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Any request to the API; the answer is whatever it is."""
        if self.http.is_closed:
            raise Gone
        try:
            return await self.http.post("/graphql", content=content, headers=headers)
        except httpx.TimeoutException:
            raise
        except httpx.TransportError as error:
            raise Gone from error

    async def query(self, document: str, **variables: object) -> Data:
        """The data of a query or a mutation."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        return _data((await self.post(body, {"Content-Type": "application/json"})).json())

    async def upload(self, content: bytes, name: str, **wanted: object) -> Data:
        """The payload of `uploadImage`, which may hold user errors; `wanted` goes into its input."""
        body = form(*upload_parts(content, name, wanted))
        answer = await self.post(body, FORM_HEADERS)
        payload: Data = _data(answer.json())["uploadImage"]
        return payload

    async def subscribe(self, document: str, **variables: object) -> AsyncGenerator[Data, None]:
        """The results of a subscription, from its start to its end."""
        payload = {"query": document, "variables": variables}
        try:
            async with _closed_at_once(socket(self.url)) as connection:
                await connection.send(json.dumps({"type": "connection_init"}))
                await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
                async for text in connection:
                    message = json.loads(text)
                    if message["type"] == "complete":
                        return
                    if message["type"] == "error":
                        raise Refused(message["payload"])
                    if message["type"] == "next":
                        yield _data(message["payload"])
        except TimeoutError:
            raise
        except (ConnectionClosed, InvalidMessage, OSError) as error:
            raise Gone from error
        raise Gone

    async def head(self) -> str:
        """The cursor of the last event."""
        cursor: str = (await self.query("{ images(first: 1) { asOf } }"))["images"]["asOf"]
        return cursor


@asynccontextmanager
async def _closed_at_once(socket: connect) -> AsyncIterator[ClientConnection]:
    """The connection; nothing of it is left, even if somebody is cut off while it is being closed."""
    async with socket as connection:
        try:
            yield connection
        finally:
            try:
                await connection.close()
            finally:
                connection.transport.abort()


def socket(url: str, protocol: Subprotocol = PROTOCOL, **options: Any) -> connect:  # noqa: ANN401
    """A WebSocket to the API; the options are those of websockets."""
    address = url.replace("http", "ws", 1) + "/graphql"
    ours = {"subprotocols": [protocol], "proxy": None, "compression": None, "open_timeout": PATIENCE}
    return connect(address, **(ours | options))


class Failure(Exception):
    """The server ended although nobody told it to."""

    def __init__(self, exit_code: int, told: str) -> None:
        super().__init__(f"exit code {exit_code}: {told}")
        self.exit_code = exit_code
        self.told = told


class Server(Client):
    """A server on a data folder, which outlives it; each start takes a new port.

    What it says on standard error stands in `told`, from the first start on.
    """

    process: asyncio.subprocess.Process

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        super().__init__("http://not.started")
        self.folder = folder
        self._environment = environment(folder, settings)
        self._errors = folder.parent / f"{folder.name}.stderr"

    @property
    def told(self) -> str:
        return self._errors.read_text(errors="replace")

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    async def start(self) -> None:
        """Returns when the server accepts requests. Raises Failure."""
        await self.launch()
        await self.opened()

    async def launch(self) -> None:
        """Start the process, without waiting for the server in it."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._errors.open("ab") as errors:
            self.process = await asyncio.create_subprocess_exec(
                *COMMAND, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=errors
            )

    async def opened(self) -> None:
        """Wait for the addresses that a server prints when it accepts requests. Raises Failure."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            async for line in self.process.stdout:
                if found := re.search(rb"API +(http://[^/]+)/graphql", line):
                    await self.close()
                    self.talk_to(found[1].decode())
                    return
        raise Failure(await self._ended(), self.told)

    async def stop(self) -> int:
        """As a service manager does: ask the server to end, and wait; the result is its exit code."""
        self.process.terminate()
        return await self._ended()

    async def kill(self) -> None:
        """As a power cut for the process: nothing is said, nothing is finished."""
        if self.running:
            self.process.kill()
        await self._ended()

    async def _ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            await self.process.communicate()
        await self.close()
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def running_server(folder: Path, **settings: object) -> AsyncIterator[Server]:
    """A server on this data folder; `max_upload="1M"` sets DARKROOM_MAX_UPLOAD, and so on."""
    server = Server(folder, settings)
    await server.launch()
    try:
        await server.opened()
        yield server
    finally:
        await server.kill()


def environment(folder: Path, settings: Mapping[str, object]) -> dict[str, str]:
    """The environment of a server: ours, without what it says of Darkroom, and these settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DARKROOM_")}
    given = {f"DARKROOM_{name.upper()}": str(value) for name, value in settings.items()}
    return inherited | {"DARKROOM_DATA": str(folder), "DARKROOM_PORT": "0"} | given


async def run_to_its_end(folder: Path, **settings: object) -> tuple[int, str]:
    """Exit code and standard error of a server that does not come to serve."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        env=environment(folder, settings),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            _, told = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
        raise
    assert process.returncode is not None
    return process.returncode, told.decode()


def _data(answer: Data) -> Data:
    if "errors" in answer:
        raise Refused(answer["errors"])
    data: Data = answer["data"]
    return data


def _written(part: Part) -> bytes:
    filename = "" if part.filename is None else f'; filename="{_escaped(part.filename)}"'
    headers = f'Content-Disposition: form-data; name="{part.name}"{filename}'
    return f"--{BOUNDARY}\r\n{headers}\r\n\r\n".encode(errors="surrogatepass") + part.content + b"\r\n"


def _escaped(name: str) -> str:
    """As browsers write it (HTML, "multipart/form-data encoding algorithm")."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
