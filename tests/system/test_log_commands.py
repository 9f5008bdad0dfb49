"""`darkroom log` beside a server that is at work on the same folder."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.logs import change_payload
from tests.server import PATIENCE, ROOT, environment, position_of, running_server
from tests.system.doors import PICTURES

COMMAND: Final = (sys.executable, str(ROOT / "darkroom.py"), "log")


@asynccontextmanager
async def started(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command that goes on until it is ended."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        env=environment(folder, {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def done(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    async with started(folder, *arguments) as process, asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


async def follow(process: asyncio.subprocess.Process, type_: str) -> dict[str, Any]:
    """The next event of a type that is printed."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event["type"] == type_:
                return event
    raise AssertionError("the command ended")


async def test_whoever_follows_the_log_sees_what_a_server_appends(tmp_path: Path) -> None:
    """With its cursor, which the API takes."""
    async with running_server(tmp_path / "data") as server:
        await server.upload(PICTURES.make(1), "first.jpg")
        async with started(server.folder, "tail", "--follow", "--after", "0", "--json") as process:
            assert (await follow(process, "ImageUploaded"))["event"]["name"] == "first.jpg"
            payload = await server.upload(PICTURES.make(2), "second.jpg")
            event = await follow(process, "ImageUploaded")
            assert event["event"]["name"] == "second.jpg"
            assert event["position"] <= position_of(payload["position"])
            document = "subscription ($after: Cursor) { events(after: $after) { __typename } }"
            async for told in server.subscribe(document, after=event["cursor"]):
                assert told["events"]["__typename"] == "RenderingRequested"
                break


async def test_a_log_in_use_is_read_by_every_command_but_import(tmp_path: Path) -> None:
    """And verified, whole."""
    async with running_server(tmp_path / "data") as server:
        payload = await server.upload(PICTURES.make(1), "grandma.jpg")
        assert (await done(server.folder, "grep", "Grandma"))[0] == 0
        code, out, err = await done(server.folder, "verify")
        assert (code, out) == (0, ""), err
        assert err.endswith("Nothing is wrong.\n")
        _, anchor, _ = await done(server.folder, "anchor")
        assert json.loads(anchor)["statement"]["position"] >= position_of(payload["position"])
        (tmp_path / "anchor").write_text(anchor)
        await server.upload(PICTURES.make(2), "later.jpg")
        code, proof, err = await done(server.folder, "prove", "1", "--anchor", str(tmp_path / "anchor"))
        assert code == 0, err
        (tmp_path / "proof").write_text(proof)
        public = json.loads(anchor)["public_key"]
        assert (await done(tmp_path, "check", str(tmp_path / "proof"), "--public-key", public))[0] == 0
        then = str(tmp_path / "then")
        assert (await done(server.folder, "materialise", "--at", payload["position"], then))[0] == 0
        exported = str(tmp_path / "log.jsonl")
        assert (await done(server.folder, "export", exported))[0] == 0
        code, _, err = await done(server.folder, "import", exported)
        assert code == 1
        assert f"in use by process {server.process.pid}" in err
        assert (await server.http.get("/health/ready")).status_code == 200


async def test_an_imported_log_is_served_and_cursors_go_on(tmp_path: Path) -> None:
    """From another folder, by another server."""
    log, keys = str(tmp_path / "log.jsonl"), str(tmp_path / "keys.jsonl")
    async with running_server(tmp_path / "old") as server:
        payload = await server.upload(PICTURES.make(1), "moved.jpg", presets=[])
        await server.stop()
        assert (await done(server.folder, "export", log, "--keys", keys))[0] == 0
    assert (await done(tmp_path / "new", "import", log, "--keys", keys))[0] == 0
    (tmp_path / "old" / "content").rename(tmp_path / "new" / "content")
    async with running_server(tmp_path / "new") as server:
        assert position_of(await server.head()) >= position_of(payload["position"])
        data = await server.query("{ images { nodes { name original { url } } } }")
        (image,) = data["images"]["nodes"]
        assert image["name"] == "moved.jpg"
        assert (await server.http.get(image["original"]["url"])).content == PICTURES.make(1)
        again = await server.upload(PICTURES.make(1), "again.jpg", presets=[])
        assert again["duplicate"] is True
        await server.stop()
        code, out, _ = await done(server.folder, "verify")
        assert (code, out) == (0, "")


async def test_the_log_of_a_server_that_was_killed_is_read(tmp_path: Path) -> None:
    """All that was acknowledged is there before the next start."""
    async with running_server(tmp_path / "data") as server:
        payload = await server.upload(PICTURES.make(1), "first.jpg")
        await server.kill()
        code, out, err = await done(server.folder, "stats", "--json")
        assert code == 0, err
        assert json.loads(out)["events"] >= position_of(payload["position"])
        await server.start()
        assert (await server.query("{ images { totalCount } }"))["images"]["totalCount"] == 1


async def test_a_server_on_a_damaged_log_tells_where_it_is(tmp_path: Path) -> None:
    """It shows what stands before the damage, and is not ready."""
    async with running_server(tmp_path / "data") as server:
        await server.upload(PICTURES.make(1), "first.jpg")
        await server.stop()
    change_payload(tmp_path / "data", 1, "{")
    for path in (tmp_path / "data").glob("read-*"):
        path.unlink()
    async with running_server(tmp_path / "data") as server:
        answer = await server.http.get("/health/ready")
        assert answer.status_code == 503
        assert "position 1, ImageUploaded version 1, is damaged" in answer.json()["problems"]["read model"]
        assert (await server.query("{ images { totalCount } }"))["images"]["totalCount"] == 0
