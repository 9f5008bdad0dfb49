"""What is installed is written down to the byte, and no host is named to get it from."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.tree import ROOT

LOCKS: Final = ("requirements.lock", "requirements-test.lock")


def _blocks(lock: str) -> dict[str, str]:
    """What a lock says of each package."""
    blocks = re.findall(r"(?m)^\S.*\n(?:\s+\S.*\n)*", (ROOT / lock).read_text())
    return {canonicalize_name(re.split("[=; ]", block)[0]): block for block in blocks}


def _pins(lock: str) -> dict[str, str]:
    """The version and the hashes of each package, without the platforms that it is for."""
    return {name: re.sub(r" ; .*", "", block) for name, block in _blocks(lock).items()}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_every_version_and_every_hash(lock: str) -> None:
    """And no place to get it from."""
    for block in _blocks(lock).values():
        first, *hashes = (line.strip(" \\") for line in block.splitlines())
        assert re.fullmatch(r"[\w.-]+==[\w.+!-]+( ; .+)?", first)
        assert hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes)


@pytest.mark.parametrize(("smaller", "larger"), list(pairwise(LOCKS)))
def test_each_lock_holds_the_one_before(smaller: str, larger: str) -> None:
    """What is tested and measured is what runs; tests may want a package on further platforms."""
    assert _pins(smaller).items() <= _pins(larger).items()


def test_the_locks_fulfil_the_project_s_wishes() -> None:
    """Whoever changes those has to run `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wishes = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-test.lock": project["dependency-groups"]["test"],
    }
    for lock, requirements in wishes.items():
        blocks = _blocks(lock)
        for wish in map(Requirement, requirements):
            version = blocks[canonicalize_name(wish.name)].partition("==")[2].split()[0]
            assert wish.specifier.contains(version, prereleases=True), f"{wish} in {lock}: run `make lock`"
