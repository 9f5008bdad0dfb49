"""The tree: what lies where, and what stands nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import pytest

from tests.packaging.tree import ROOT, committed

FOLDERS: Final = {".ci", "bench", "domain", "gql", "infrastructure", "static", "tests"}
PACKAGES: Final = ("domain", "gql", "infrastructure")

# Written so that they do not find themselves.
REGISTRIES: Final = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|jsr\.io|unpkg\.com"
)
LOCAL_PATHS: Final = re.compile(r"(?<![\w./~*-])/(?:work|root|Users|home/\w+)(?:/|\b)")
LEFT_TO_DO: Final = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b")


def _texts() -> Iterator[tuple[str, str]]:
    for name in committed():
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def _found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for name, text in _texts()
        for match in pattern.finditer(text)
        if "/vendor/" not in name
    ]


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for name in committed(*PACKAGES):
        if name.endswith(".py"):
            yield name, ast.parse((ROOT / name).read_text())


def test_the_top_level_has_the_folders_that_are_agreed_upon() -> None:
    """Whatever else is there is a file."""
    assert {PurePosixPath(name).parts[0] for name in committed() if "/" in name} == FOLDERS
    assert (ROOT / "gql" / "schema").is_dir()
    assert (ROOT / "static" / "client").is_dir()


def test_what_a_clone_needs_is_there() -> None:
    """What others look for first."""
    wanted = {"README.md", "LICENSE", "Makefile", "Dockerfile", "pyproject.toml", "schema.graphql", ".ci/run"}
    assert wanted <= set(committed())
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_modules_is_a_package(package: str) -> None:
    """One without `__init__.py` would be found here, and be missing from import rules and types."""
    folders = {Path(name).parent for name in committed(package) if name.endswith(".py")}
    assert [str(folder) for folder in sorted(folders) if not (ROOT / folder / "__init__.py").exists()] == []


def test_pixels_are_decoded_in_one_place() -> None:
    """The gate is before it, and nowhere else need be looked at."""
    decoders = {"imdecode", "imdecodemulti", "imread", "imreadmulti", "VideoCapture"}
    users = {
        name
        for name, module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in decoders
    }
    assert users == {"infrastructure/pixels/codec.py"}


def test_nothing_names_where_packages_come_from() -> None:
    """That is for whoever installs to say."""
    assert _found(REGISTRIES) == []


def test_nothing_names_a_path_of_somebody_s_machine() -> None:
    """It would be there on no other."""
    assert _found(LOCAL_PATHS) == []


def test_nothing_is_left_to_do() -> None:
    """What is, stands in no file."""
    assert _found(LEFT_TO_DO) == []


@pytest.mark.parametrize("package", [*PACKAGES, "bench"])
def test_every_module_says_in_words_what_it_is(package: str) -> None:
    """Empty ones need not."""
    modules = [name for name in committed(package) if name.endswith(".py")]
    texts = {name: text for name in modules if (text := (ROOT / name).read_text())}
    assert [name for name, text in texts.items() if ast.get_docstring(ast.parse(text)) is None] == []
