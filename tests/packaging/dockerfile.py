"""Carries out a Dockerfile without Docker: every step runs, in a folder that stands for the image's root.

What is different: the base image is this system with a Python in `/usr/local`, and what a lock names is not
downloaded. It is there already, as far as the lock names it and it is installed where the tests run, when
the step's own pip checks and completes it without an index.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from packaging.requirements import Requirement

from tests.packaging.environments import call, clean, link_package, packages_of

PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_LOCAL: Final = re.compile(r"(?<![^\s\"'=:])/(?!dev/|proc/|bin\b|usr/bin)(?=[a-z])")
"""Where a path within the image begins, in a command or in a variable."""


class Instruction(NamedTuple):
    name: str
    value: str


class BuildError(Exception):
    """Docker would refuse this."""


def instructions(text: str) -> Iterator[Instruction]:
    """What a Dockerfile says, without comments, each on one line."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in re.sub(r"\\[ \t]*\n", "", "\n".join(lines)).splitlines():
        name, _, value = line.strip().partition(" ")
        yield Instruction(name.upper(), value.strip())


def sent_along(name: str, patterns: Sequence[str]) -> bool:
    """Whether a file reaches Docker, by the lines of a .dockerignore: the last one that matches counts."""
    places = [name, *map(str, PurePosixPath(name).parents)]
    ignored = False
    for line in patterns:
        if line.strip() and not line.startswith("#"):
            pattern = line.strip().lstrip("!").strip("/")
            if any(_matches(pattern, place) for place in places):
                ignored = not line.startswith("!")
    return not ignored


def _matches(pattern: str, path: str) -> bool:
    places = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.fullmatch("".join(places.get(part, re.escape(part)) for part in parts), path) is not None


@dataclass(slots=True)
class Image:
    """What a stage has said so far; paths are those within the image."""

    base: str
    folder: PurePosixPath = PurePosixPath("/")
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    user: str = "root"
    volumes: list[str] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)
    stop_signal: str = "SIGTERM"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


class Build:
    """Builds in a folder: each stage in turn in `root`, so that every stage has the same paths."""

    def __init__(self, folder: Path, context: Path) -> None:
        self.root = folder / "root"
        self.images: list[Image] = []
        self._context = context
        self._stages: dict[str, Path] = {}
        self._name = ""

    @property
    def image(self) -> Image:
        return self.images[-1]

    def carry_out(self, dockerfile: str) -> None:
        """Raises BuildError and CalledProcessError."""
        steps = {
            "FROM": self._from, "RUN": self._run, "COPY": self._copy, "WORKDIR": self._workdir,
            "ENV": self._env, "USER": self._user, "VOLUME": self._volume, "EXPOSE": self._expose,
            "STOPSIGNAL": self._stop_signal, "HEALTHCHECK": self._health, "ENTRYPOINT": self._entrypoint,
            "CMD": self._cmd,
        }  # fmt: skip
        for name, value in instructions(dockerfile):
            if name not in steps:
                raise BuildError(f"{name} is unknown, here at least.")
            steps[name](value)

    def variables(self, **others: str) -> dict[str, str]:
        """The environment of a container, with paths that are right outside."""
        inside = self.image.environment | others
        return clean(**{name: self.outside(value) for name, value in inside.items()})

    def outside(self, text: str) -> str:
        return _LOCAL.sub(f"{self.root}/", text)

    def command(self, words: Sequence[str]) -> list[str]:
        """A command in exec form, found as a container would find it."""
        path = self.outside(self.image.environment["PATH"])
        found = shutil.which(self.outside(words[0]), path=path)
        if found is None or not found.startswith(str(self.root)):
            raise BuildError(f"{words[0]} is not in the image.")
        return [found, *(f"{self.root}{word}" if word.startswith("/") else word for word in words[1:])]

    def _from(self, value: str) -> None:
        base, _, name = value.partition(" AS ")
        if self.images:
            finished = self.root.with_name(f"stage-{len(self.images)}")
            self.root.rename(finished)
            self._stages[self._name] = finished
        self._name = name.strip()
        self.images.append(Image(base))
        self._lay_python()

    def _lay_python(self) -> None:
        """A Python and a pip where the official image has them."""
        place = self.root / "usr" / "local"
        venv.create(place, symlinks=True)
        link_package("pip", packages_of(place))
        pip = place / "bin" / "pip"
        pip.write_text('#!/bin/sh\nexec python -m pip "$@"\n')
        pip.chmod(0o755)

    def _run(self, value: str) -> None:
        command = self.outside(value)
        if os.geteuid() != 0:
            command = re.sub(r" -[og] \d+", "", command)  # only root can give something away
        self._provide(command)
        call(
            ["/bin/sh", "-c", command],
            self._inside(self.image.folder),
            self.variables() | self._confined(command),
        )

    def _confined(self, command: str) -> dict[str, str]:
        """No index, and no bytecode in this system's own library."""
        bytecode = {"PYTHONPYCACHEPREFIX": str(self.root / "bytecode")} if "compileall" in command else {}
        return bytecode | {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_FIND_LINKS": "",
            "PIP_NO_INDEX": "1",
        }

    def _provide(self, command: str) -> None:
        """What the lock in this command names, where its pip would put it."""
        lock = re.search(r"pip.* install .*-r (\S+)", command)
        if lock is None:
            return
        python = re.search(r"--python (\S+)/bin/python", command)
        packages = packages_of(Path(python[1]) if python else self.root / "usr" / "local")
        for requirement in locked(self._inside(self.image.folder / lock[1]).read_text()):
            if _is_installed(requirement):
                link_package(requirement.name, packages)

    def _copy(self, value: str) -> None:
        words = shlex.split(value)
        flags = dict(word.removeprefix("--").split("=", 1) for word in words if word.startswith("--"))
        *sources, target = (word for word in words if not word.startswith("--"))
        origin = self._stages[flags["from"]] if "from" in flags else self._context
        place = self._inside(self.image.folder / target)
        for source in (origin / source.lstrip("/") for source in sources):
            if source.is_dir():
                shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
            elif source.is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, place / source.name if target.endswith("/") else place)
            else:
                raise BuildError(f"COPY {value}: no {source.relative_to(origin)} is sent along.")

    def _workdir(self, value: str) -> None:
        self.image.folder /= value
        self._inside(self.image.folder).mkdir(parents=True, exist_ok=True)

    def _env(self, value: str) -> None:
        known = dict(self.image.environment)
        for pair in shlex.split(value):
            name, _, text = pair.partition("=")
            self.image.environment[name] = re.sub(r"\$(\w+)", lambda found: known.get(found[1], ""), text)

    def _user(self, value: str) -> None:
        self.image.user = value

    def _volume(self, value: str) -> None:
        self.image.volumes += value.split()

    def _expose(self, value: str) -> None:
        self.image.ports += value.split()

    def _stop_signal(self, value: str) -> None:
        self.image.stop_signal = value

    def _health(self, value: str) -> None:
        self.image.health = _exec_form(value.partition(" CMD ")[2])

    def _entrypoint(self, value: str) -> None:
        self.image.entrypoint = _exec_form(value)

    def _cmd(self, value: str) -> None:
        self.image.command = _exec_form(value)

    def _inside(self, path: PurePosixPath) -> Path:
        return self.root / path.relative_to("/")


def locked(lock: str) -> Iterator[Requirement]:
    """What a lock names for this system and this Python."""
    for line in lock.splitlines():
        if line and not line[0].isspace():
            requirement = Requirement(line.rstrip("\\ "))
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement


def _is_installed(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name))
    except PackageNotFoundError:
        return False


def _exec_form(value: str) -> list[str]:
    words = json.loads(value)
    if not all(isinstance(word, str) for word in words):
        raise BuildError(f"{value} is no list of words.")
    return list(words)


def make_context(target: Path, root: Path, names: Sequence[str]) -> None:
    """What Docker is sent of these files."""
    patterns = (root / ".dockerignore").read_text().splitlines()
    for name in names:
        if sent_along(name, patterns):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, target / name)
