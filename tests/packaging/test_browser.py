"""The tests' browser: found where it is, and missed in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import browser


def _stub(folder: Path, name: str, exit_code: int) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return path


def test_the_first_browser_that_starts_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ubuntu's first one may only say how to install it."""
    _stub(tmp_path, "chromium", 1)
    works = _stub(tmp_path, "google-chrome", 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find_browser() == works


def test_where_none_can_be_had_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After every way has been tried."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(browser, "PLAYWRIGHT", ("false",))
    assert browser.main() == 1
    assert capsys.readouterr().err.splitlines() == [
        "No browser to test with: install Chromium (on Debian: apt install chromium) or Google Chrome."
    ]
