"""The command `darkroom`: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from domain.query import ImageFilter
from gql.command_line import run
from gql.commands.command import FAILED, WRONG_USE
from infrastructure.settings import Settings, listing
from infrastructure.sqlite.store import open_store
from tests.examples import OWNER, append, new_id, uploaded
from tests.server import ROOT, run_to_its_end, running_server

LISTS = "`darkroom settings` lists what can be set."


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """But by the test."""
    for name in [name for name in os.environ if name.startswith("DARKROOM_")]:
        monkeypatch.delenv(name)


def test_the_settings_are_listed_with_their_present_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with what it means."""
    monkeypatch.setenv("DARKROOM_PORT", "8123")
    assert run(["settings"]) == 0
    told = capsys.readouterr().out
    assert "DARKROOM_PORT=8123\n    Port to listen on" in told
    assert all(f"{name}=" in told for name, _, _ in listing(Settings()))


def test_the_settings_are_listed_although_they_are_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks for the list is told both; what is right is shown as it is."""
    monkeypatch.setenv("DARKROOM_PORT", "http")
    monkeypatch.setenv("DARKROOM_THREADS", "7")
    assert run(["settings"]) == 0
    told = capsys.readouterr()
    assert told.err.splitlines() == ["DARKROOM_PORT='http' is no whole number.", LISTS]
    assert "DARKROOM_PORT=8000" in told.out
    assert "DARKROOM_THREADS=7" in told.out


@pytest.mark.parametrize("command", ["serve", "rebuild", "schema", "operations"])
def test_nothing_is_done_with_wrong_settings(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them are told, and where to look."""
    monkeypatch.setenv("DARKROOM_PORT", "http")
    monkeypatch.setenv("DARKROOM_PROT", "8000")
    assert run([command]) == WRONG_USE
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "DARKROOM_PROT is no setting. Did you mean DARKROOM_PORT?",
        "DARKROOM_PORT='http' is no whole number.",
        LISTS,
    ]


def test_the_schema_is_printed_as_it_is_checked_in(capsys: pytest.CaptureFixture[str]) -> None:
    """`make schema` needs nothing else."""
    assert run(["schema"]) == 0
    assert capsys.readouterr().out == (ROOT / "schema.graphql").read_text()


def test_the_operations_are_printed_as_they_are_checked_in(capsys: pytest.CaptureFixture[str]) -> None:
    """A page on which every operation and every parameter of it stands."""
    assert run(["operations"]) == 0
    assert capsys.readouterr().out == (ROOT / "OPERATIONS.md").read_text(), "Run `make operations`."


@pytest.mark.parametrize("arguments", [[], ["develop"], ["serve", "--port", "8000"]])
def test_what_is_no_command_is_answered_with_those_that_there_are(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """By the usual exit code for a wrong use."""
    with pytest.raises(SystemExit) as caught:
        run(arguments)
    assert caught.value.code == 2
    assert "usage: darkroom" in capsys.readouterr().err


def test_whoever_asks_for_help_gets_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command with what it does."""
    with pytest.raises(SystemExit) as caught:
        run(["--help"])
    assert caught.value.code == 0
    told = capsys.readouterr().out
    assert all(command in told for command in ("serve", "rebuild", "settings", "schema"))


def test_to_list_settings_neither_pixels_nor_graphql_are_loaded() -> None:
    """Who only asks is answered at once."""
    code = (
        "import sys; from gql.command_line import run; run(['settings'])\n"
        "print(sorted({'cv2', 'numpy', 'strawberry', 'graphql', 'uvicorn'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


async def test_a_server_that_is_told_to_stop_closes_everything(tmp_path: Path) -> None:
    """It ends well, and its files hold all that was in their write-ahead logs."""
    folder = tmp_path / "data"
    async with running_server(folder) as server:
        assert (await server.http.get("/health/ready")).status_code == 200
        assert await server.stop() == 0
    assert [path.name for path in folder.glob("*-wal")] == []


async def test_a_server_whose_port_is_taken_says_so(tmp_path: Path) -> None:
    """In one line, which says what to set."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        exit_code, told = await run_to_its_end(tmp_path / "data", port=port)
    assert exit_code == FAILED
    (line,) = told.splitlines()
    assert line.startswith(f"Cannot listen on 127.0.0.1 port {port}: Address already in use.")
    assert line.endswith("Choose others with DARKROOM_HOST and DARKROOM_PORT.")


async def test_a_server_whose_address_is_not_ours_says_so(tmp_path: Path) -> None:
    """The name resolves to nothing here."""
    exit_code, told = await run_to_its_end(tmp_path / "data", host="nobody.invalid")
    assert exit_code == FAILED
    (line,) = told.splitlines()
    assert line.startswith("Cannot listen on nobody.invalid port 0: ")


async def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    """The second one ends, the first one goes on."""
    folder = tmp_path / "data"
    async with running_server(folder) as server:
        exit_code, told = await run_to_its_end(folder)
        assert exit_code == FAILED
        assert len(told.splitlines()) == 1
        assert str(folder) in told
        assert (await server.http.get("/health/live")).status_code == 200


async def test_a_rebuild_folds_the_log_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that starts after it finds one read file, and nothing left to do."""
    async with open_store(tmp_path) as store:
        for _ in range(3):
            await store.log.append(append(f"image-{(image_id := new_id())}", uploaded(image_id)))
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path))
    assert await asyncio.to_thread(run, ["rebuild"]) == 0
    told = capsys.readouterr()
    assert told.out == f"The read model of {tmp_path} shows all 3 events, folded anew.\n"
    assert told.err == ""  # the bar is for terminals
    assert [path.name for path in tmp_path.glob("read-*")] == ["read-2.db"]
    async with open_store(tmp_path) as store:
        assert store.rebuilder.error is None
        assert await store.read_model.count(OWNER, ImageFilter()) == 3


async def test_a_rebuild_leaves_a_folder_alone_that_a_server_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says who has it, and changes nothing."""
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path))
    async with open_store(tmp_path):
        assert await asyncio.to_thread(run, ["rebuild"]) == FAILED
        told = capsys.readouterr().err
        assert f"The data folder {tmp_path} is in use by process {os.getpid()}. Stop that one first" in told
        assert not list(tmp_path.glob("read-2*"))


def test_a_rebuild_where_there_is_no_log_makes_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks has probably named the wrong one."""
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path / "elsewhere"))
    assert run(["rebuild"]) == FAILED
    assert "There is no log in" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()


def test_a_rebuild_that_fails_leaves_the_read_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here for want of space."""

    async def fill() -> None:
        async with open_store(tmp_path) as store:
            await store.log.append(append("image-1", uploaded()))

    asyncio.run(fill())
    monkeypatch.setenv("DARKROOM_DATA", str(tmp_path))
    monkeypatch.setattr("infrastructure.sqlite.folding.RESERVE_BYTES", 2**62)
    assert run(["rebuild"]) == FAILED
    assert "no room for another read file" in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("read-*")] == ["read-1.db"]


async def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    """No trace of the program's inside."""
    (tmp_path / "file").write_text("")
    exit_code, told = await run_to_its_end(tmp_path / "file" / "data")
    assert exit_code in {FAILED, WRONG_USE}
    assert "Traceback" not in told
    assert str(tmp_path / "file" / "data") in told


def _own(host: str) -> bool:
    """Whether this machine has the address; many a container has no IPv6."""
    try:
        socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("host", [host for host in ("127.0.0.1", "::1", "localhost") if _own(host)])
async def test_the_addresses_that_a_server_prints_are_its_own(host: str, tmp_path: Path) -> None:
    """With the port that it took, and brackets where there must be."""
    async with running_server(tmp_path / "data", host=host) as server:
        assert (await server.http.get("/health/live")).status_code == 200
