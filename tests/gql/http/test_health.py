"""Whether a server can do its work."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.logs import add_row
from tests.server import running_server


async def test_events_of_a_newer_version_are_told_and_do_no_harm(tmp_path: Path) -> None:
    """To whoever asks for its health, and in its log."""
    async with running_server(tmp_path / "data") as server:
        assert "warnings" not in (await server.http.get("/health/ready")).json()
        await server.stop()
        add_row(server.folder, "ImagePainted")
        await server.start()
        ready = await server.http.get("/health/ready")
        assert ready.status_code == 200
        assert ready.json()["warnings"] == {"unknown events": "1 of ImagePainted version 1: kept, not shown"}
        assert "ImagePainted version 1" in server.told


async def test_what_locks_decoders_in_is_told(tmp_path: Path) -> None:
    """As the setting says; a worker says itself what is in force."""
    none = {"seccomp": False, "landlock": 0, "limits": [], "noNewPrivileges": False}
    async with running_server(tmp_path / "data", isolation="thread") as server:
        told = await server.http.get("/health/protections")
        assert told.json() == {"isolation": "thread", **none}
    if sys.platform == "linux":
        async with running_server(tmp_path / "data", isolation="worker") as server:
            told = (await server.http.get("/health/protections")).json()
            assert told["isolation"] == "worker"
            assert told["noNewPrivileges"]
            assert {"AS", "FSIZE", "NPROC"} <= set(told["limits"])
