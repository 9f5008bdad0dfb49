"""A server that cannot start says why, all at once, and by its exit code."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from infrastructure.settings import variable
from tests.server import run_to_its_end, running_server

CANNOT_START = 1
WRONG_SETTINGS = 2


async def test_a_data_folder_belongs_to_one_process(tmp_path: Path) -> None:
    """The second one is told which process has it, and what to do; the first one does not notice."""
    folder = tmp_path / "data"
    async with running_server(folder) as server:
        code, told = await run_to_its_end(folder)
        assert code == CANNOT_START
        assert str(folder) in told
        assert f"process {server.process.pid}" in told
        assert variable("data") in told
        assert "Traceback" not in told
        assert (await server.http.get("/health/ready")).status_code == 200


async def test_a_data_folder_is_free_after_a_kill(tmp_path: Path) -> None:
    """What locks it is the process, not a file that stays."""
    async with running_server(tmp_path / "data") as server:
        await server.kill()
        await server.start()
        assert (await server.http.get("/health/ready")).status_code == 200


async def test_a_port_belongs_to_one_process(tmp_path: Path) -> None:
    """The second one is told which port, and how to choose another; its data folder is not touched."""
    async with running_server(tmp_path / "one") as server:
        port = urlsplit(server.url).port
        code, told = await run_to_its_end(tmp_path / "two", port=port)
    assert code == CANNOT_START
    assert f"port {port}" in told
    assert variable("port") in told
    assert "Traceback" not in told
    assert not (tmp_path / "two").exists()


async def test_wrong_settings_are_told_all_at_once(tmp_path: Path) -> None:
    """Each with its value and what would be right, and a misspelt one with the nearest name."""
    wrong = {
        "port": "http",
        "threads": "0",
        "max_upload": "a lot",
        "upload_presets": "thumbnial",
        "log_level": "loud",
        "max_pixel": "1",
    }
    code, told = await run_to_its_end(tmp_path / "data", **wrong)
    assert code == WRONG_SETTINGS
    for name, value in wrong.items():
        assert variable(name) in told
        assert name == "max_pixel" or repr(value) in told
    assert f"Did you mean {variable('max_pixels')}?" in told
    assert "Traceback" not in told
    assert not (tmp_path / "data").exists()


async def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    """Nor does it become one."""
    (tmp_path / "data").write_text("mine")
    code, told = await run_to_its_end(tmp_path / "data")
    assert code == WRONG_SETTINGS
    assert variable("data") in told
    assert (tmp_path / "data").read_text() == "mine"
