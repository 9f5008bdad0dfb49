"""Whether a server can do its work."""

from __future__ import annotations

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
