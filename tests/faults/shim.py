"""Runs a program with `shim.c` between it and its disk, and speaks with it from within."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.server import ROOT

MEMORY: Final = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108
"""Where nothing waits for a disk, for programs whose disk is a simulated one."""

_SOURCE: Final = Path(__file__).with_name("shim.c")
_SECONDS: Final = 300


def compiled(folder: Path) -> Path:
    """The shim as a library. Skips the test where it cannot be made."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or platform.libc_ver()[0] != "glibc":
        pytest.skip("recording and failing what goes to the disk takes a C compiler and glibc")
    library = folder / "shim.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"], check=True)
    return library


def run(library: Path, root: Path, journal: Path | None, module: str, *arguments: str) -> str:
    """What `python -m module` says, whose files below `root` the shim watches over."""
    environment = os.environ | {"LD_PRELOAD": str(library), "FAULTS_ROOT": str(root)}
    if journal is not None:
        environment["FAULTS_JOURNAL"] = str(journal)
    ended = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


# -- from within such a program


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    library.faults_failed.restype = ctypes.c_long
    library.faults_failed_last.restype = ctypes.c_char_p
    return library


def arm(kind: str, first: int, beyond: int, error: int) -> None:
    """Fail the operations from the first one on and before that other, counted from 1 and from now on.

    Only those of this kind count: create, write, truncate, sync, rename, unlink or mkdir; or any, if it
    is empty.
    """
    _library().faults_arm(kind.encode(), ctypes.c_long(first), ctypes.c_long(beyond), error)


def disarm() -> None:
    """Fail nothing from now on."""
    _library().faults_disarm()


@contextmanager
def frozen() -> Iterator[None]:
    """Meanwhile no thread changes any file: what is there is what a kill would leave."""
    _library().faults_freeze()
    try:
        yield
    finally:
        _library().faults_thaw()


def failed() -> int:
    """How many operations have failed since they were last armed."""
    return int(_library().faults_failed())


def failed_last() -> str:
    """The kind of the last of them."""
    return str(_library().faults_failed_last().decode())


def mark(text: str) -> None:
    """Write a line into the journal."""
    _library().faults_mark(text.encode())
