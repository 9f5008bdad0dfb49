"""`darkroom import`: the pictures of a folder, once each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.gql.api import picture
from tests.gql.told import Darkroom, Told
from tests.server import ROOT, environment


@pytest.fixture
def darkroom(tmp_path: Path) -> Darkroom:
    """Carries out a command line in a process of its own: it opens what a server opens."""

    def carried_out(*arguments: object) -> Told:
        command = [sys.executable, str(ROOT / "darkroom.py"), *map(str, arguments)]
        variables = environment(tmp_path / "data", {})
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)
        return Told(done.returncode, done.stdout, done.stderr)

    return carried_out


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures, one of them twice, and what is none."""
    folder = tmp_path / "pictures"
    (folder / "2026" / ".cache").mkdir(parents=True)
    (folder / "one.png").write_bytes(picture(32, 24))
    (folder / "2026" / "two.png").write_bytes(picture(24, 32))
    (folder / "2026" / "two again.png").write_bytes(picture(24, 32))
    (folder / "2026" / "notes.txt").write_text("no picture")
    (folder / "2026" / ".hidden.png").write_bytes(picture(8, 8))
    (folder / "2026" / ".cache" / "thumb.png").write_bytes(picture(8, 9))
    return folder


def test_a_folder_is_imported_once_however_often(pictures: Path, darkroom: Darkroom) -> None:
    """The same bytes are the same image; what is no picture is told."""
    first = darkroom("import", pictures, "--json")
    outcomes = {Path(line["path"]).name: line["outcome"] for line in first.lines}
    refusals = [line["refusal"] for line in first.lines if line["refusal"]]
    assert first.code == 1
    assert set(outcomes) == {"one.png", "two.png", "two again.png", "notes.txt"}
    assert outcomes["one.png"] == "new"
    assert {outcomes["two.png"], outcomes["two again.png"]} == {"new", "duplicate"}
    assert len(refusals) == 1
    (pictures / "2026" / "notes.txt").unlink()
    (pictures / "three.png").write_bytes(picture(40, 40))
    again = darkroom("import", pictures)
    assert (again.code, again.out) == (0, "")
    assert "1 new" in again.err
    assert "3 duplicate" in again.err
    assert "ImageUploaded" in darkroom("log", "stats").out
    assert darkroom("log", "verify").code == 0


def test_wrong_folders_are_told(pictures: Path, tmp_path: Path, darkroom: Darkroom) -> None:
    """In a line."""
    told = darkroom("import", pictures / "one.png")
    assert (told.code, told.err) == (2, f"{pictures / 'one.png'} is no folder.\n")
    (tmp_path / "empty").mkdir()
    told = darkroom("import", tmp_path / "empty")
    assert (told.code, told.err) == (0, f"{tmp_path / 'empty'}: no files.\n")
