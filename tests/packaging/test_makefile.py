"""`make run` and `make test` in a fresh clone, with a Python that only writes down what it is asked to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.tree import ROOT

# Stands for the system's Python, and, copied by `-m venv`, for that of the environment.
PYTHON = """#!/bin/sh
echo "$*" >> "$LOG"
case "$*" in
"-m venv "*)
    test -z "$NO_VENV" || exit 1
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && touch -t 202001010000 "$3/bin/python" ;;
"-m pip "*) test -z "$OFFLINE" || exit 1 ;;
*version_info*) test -z "$TOO_OLD" || exit 1 ;;
*darkroom.py*) echo "serving from $DARKROOM_DATA" ;;
esac
"""


@dataclass(slots=True)
class Clone:
    folder: Path

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run make with our Python first on the path; `asked` then says what that was asked."""
        self.log.write_text("")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DARKROOM_", "MAKE", "MFLAGS"))
        }
        path = f"{self.folder / 'system'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["make", "--silent", *arguments],
            cwd=self.folder, env=kept | {"PATH": path, "LOG": str(self.log)} | environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def installed(self) -> list[str]:
        """The locks that pip was given."""
        return [line.split()[-1] for line in self.log.read_text().splitlines() if "-m pip" in line]

    def changed(self, name: str) -> None:
        """A new lock has come, by `git pull` for example."""
        later = (self.folder / ".venv" / "run").stat().st_mtime + 10
        os.utime(self.folder / name, (later, later))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    folder = tmp_path / "a clone"
    (folder / "system").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "requirements-test.lock"):
        shutil.copy(ROOT / name, folder)
    python = folder / "system" / "python3"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return Clone(folder)


def test_the_first_run_installs_and_serves_from_the_folder_data(clone: Clone) -> None:
    """Nothing but Python and make is there before."""
    done = clone.make("run")
    assert done.returncode == 0
    assert clone.installed == ["requirements.lock"]
    assert done.stdout.splitlines()[-1] == "serving from data"


def test_what_is_to_be_served_can_be_said(clone: Clone) -> None:
    """As with every setting."""
    assert "serving from elsewhere" in clone.make("run", DARKROOM_DATA="elsewhere").stdout


def test_nothing_is_installed_again_until_a_lock_changes(clone: Clone) -> None:
    """Starting takes no network."""
    clone.make("run")
    clone.make("run")
    assert clone.installed == []
    clone.changed("requirements.lock")
    clone.make("run")
    assert clone.installed == ["requirements.lock"]


def test_who_has_installed_what_tests_need_has_what_running_needs(clone: Clone) -> None:
    """The second lock holds the first."""
    clone.make("test")
    assert clone.installed == ["requirements-test.lock"]
    clone.make("run")
    assert clone.installed == []


def test_both_at_once_share_one_environment_in_turn(clone: Clone) -> None:
    """`make -j` starts no two pips."""
    assert clone.make("-j", "4", "run", "test").returncode == 0
    assert clone.installed == ["requirements.lock", "requirements-test.lock"]


def test_everything_is_tested(clone: Clone) -> None:
    """In the order in which it is quickest to hear of a fault."""
    clone.make("test")
    asked = [line for line in clone.log.read_text().splitlines() if "-m pip" not in line][-6:]
    assert asked == [
        "-m ruff check .",
        "-m ruff format --check .",
        ".venv/bin/lint-imports",
        "-m mypy",
        "-m tests.browser",
        "-m pytest",
    ]


def test_an_environment_whose_python_has_gone_is_made_anew(clone: Clone) -> None:
    """After an upgrade of the system, for example."""
    clone.make("run")
    (clone.folder / ".venv" / "bin" / "python").unlink()
    assert clone.make("run").returncode == 0
    assert clone.installed == ["requirements.lock"]


TOO_OLD = "Darkroom needs Python 3.11 or newer, and finds none. Say where: make PYTHON=/path/to/python3"
NO_VENV = "python3 makes no environment: install its venv module (on Debian: apt install python3-venv)."
OFFLINE = "requirements.lock could not be installed; is there a connection to the package index?"


@pytest.mark.parametrize(
    ("trouble", "told"), [("TOO_OLD", TOO_OLD), ("NO_VENV", NO_VENV), ("OFFLINE", OFFLINE)]
)
def test_what_is_missing_is_said_in_one_line(clone: Clone, trouble: str, told: str) -> None:
    """Then make's own; and afterwards a second attempt succeeds."""
    failed = clone.make("run", "PYTHON=python3", **{trouble: "1"})
    first, second = failed.stderr.splitlines()
    assert first == told
    assert second.startswith("make: ***")
    assert clone.make("run").returncode == 0
