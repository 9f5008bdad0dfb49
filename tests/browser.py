"""A browser for the tests: `python -m tests.browser` sees to it that there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PLAYWRIGHT: Final = (sys.executable, "-m", "playwright", "install", "--no-shell", "chromium")
APT: Final = (
    ("apt-get", "update", "-q"),
    ("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"),
)
WHERE_PLAYWRIGHT_PUTS_IT: Final = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
PATIENCE: Final = 900


class NoBrowserError(Exception):
    """No Chromium starts on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No browser to test with: install Chromium (on Debian: apt install chromium) or Google Chrome."
        )


def find_browser() -> Path:
    """The system's Chromium, else Playwright's. Raises NoBrowserError."""
    for path in _candidates():
        if _starts(path):
            return path
    raise NoBrowserError


def _candidates() -> Iterator[Path]:
    yield from map(Path, filter(None, map(shutil.which, NAMES)))
    # In a process of its own: within a running event loop Playwright's plain API refuses to work.
    told = _run((sys.executable, "-c", WHERE_PLAYWRIGHT_PUTS_IT))
    if told:
        yield Path(told.strip())


def _starts(path: Path) -> bool:
    """Ubuntu's `chromium-browser` may be a mere hint, and a downloaded one may lack libraries."""
    return path.exists() and _run((str(path), "--version")) is not None


def _run(command: Sequence[str]) -> str | None:
    """What it prints, or None where it fails."""
    try:
        return subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True, text=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def _install() -> Path:
    """What the system lacks, from where it can be had. Raises NoBrowserError."""
    try:
        return find_browser()
    except NoBrowserError:
        print("No Chromium here; having Playwright download one ...", flush=True)
        _run(PLAYWRIGHT)
    try:
        return find_browser()
    except NoBrowserError:
        if not (shutil.which("apt-get") and os.geteuid() == 0):
            raise
        print("None to be had; installing Debian's ...", flush=True)
        for command in APT:
            _run(command)
    return find_browser()


def main() -> int:
    try:
        print(f"Browser: {_install()}")
    except NoBrowserError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
