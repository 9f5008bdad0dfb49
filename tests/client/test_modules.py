"""What needs no browser: the pure modules by node, and the vendored files by their hashes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORS = [ROOT / "static" / part / "vendor" for part in ("client", "graphiql")]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, which is not installed")
def test_the_pure_modules_do_what_their_own_tests_say() -> None:
    files = sorted(map(str, Path(__file__).parent.glob("*.test.mjs")))
    ran = subprocess.run(["node", "--test", *files], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.parent.name)
def test_vendored_files_are_those_of_their_packages(vendor: Path) -> None:
    """Each file is in the manifest with its hash, and each package has its licence beside it."""
    packages = json.loads((vendor / "manifest.json").read_text())
    written = {
        f"{package['package']}/{name}": digest
        for package in packages
        for name, digest in package["files"].items()
    }
    found = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.glob("*/**/*")
        if path.is_file()
    }
    assert found == written
    assert all(any("LICENSE" in name for name in package["files"]) for package in packages)
