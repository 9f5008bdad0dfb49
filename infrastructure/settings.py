"""What can be set, from the environment; all that is wrong is said at once."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from domain.presets import BUILT_IN
from infrastructure.webhooks.addresses import parse_network

PREFIX: Final = "DARKROOM_"
LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")

SHORTEST_KEY: Final = 32

_PRESETS: Final = tuple(preset.name for preset in BUILT_IN)
_ISOLATIONS: Final = ("worker", "thread") if sys.platform == "linux" else ("thread",)
_UNITS: Final = {"K": 1024, "M": 1024**2, "G": 1024**3}


class InvalidSettings(Exception):
    """Every setting that is wrong, and why; `others` has defaults in their place."""

    def __init__(self, problems: list[str], others: Settings) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.others = others


def setting(
    parse: Callable[[str], Any], default: Callable[[], Any], about: str, *, secret: bool = False
) -> Any:  # noqa: ANN401
    """A field read from the variable that is called as it is, in capitals behind the prefix.

    The value of a `secret` one is shown to nobody.
    """
    return field(default_factory=default, metadata={"parse": parse, "about": about, "secret": secret})


def _integer(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError("is no whole number") from None
        if not least <= number <= most:
            raise ValueError(f"lies outside {least} to {most}")
        return number

    return parse


def _bytes(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        unit = _UNITS.get(text[-1:].upper(), 1)
        digits = text if unit == 1 else text[:-1]
        if not digits.isdecimal():
            raise ValueError("is no number of bytes; write for example 100M")
        if not least <= int(digits) * unit <= most:
            raise ValueError(f"lies outside {show_bytes(least)} to {show_bytes(most)}")
        return int(digits) * unit

    return parse


def _names(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        names = _words(text)
        for name in names:
            if name not in known:
                raise ValueError(f"names {name!r}; known are {', '.join(known)}")
        return names

    return parse


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _keys(text: str) -> tuple[str, ...]:
    keys = _words(text)
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise ValueError(f"has a key of less than {SHORTEST_KEY} characters")
    return keys


def _targets(text: str) -> tuple[str, ...]:
    """Networks and addresses, and host names."""
    targets = _words(text)
    for target in targets:
        try:
            parse_network(target)
        except ValueError:
            raise ValueError(
                f"names {target!r}, which is no network; write for example 10.1.0.0/16"
            ) from None
        _host(target.partition("/")[0])
    return targets


def _choice(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is none of {', '.join(choices)}")
        return text

    return parse


def _host(text: str) -> str:
    if not text or any(c.isspace() or c == "/" for c in text):
        raise ValueError("is no host name or address")
    return text


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not text.strip() or (path.exists() and not path.is_dir()):
        raise ValueError("is no folder")
    return path.absolute()


def _data_home() -> Path:
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".local" / "share") / "darkroom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    data: Path = setting(_folder, _data_home, "Folder of everything that Darkroom keeps.")
    host: str = setting(_host, lambda: "127.0.0.1", "Address to listen on.")
    port: int = setting(_integer(0, 65535), lambda: 8000, "Port to listen on; 0 takes a free one.")
    allowed_hosts: tuple[str, ...] = setting(
        _words, tuple, "Host names that requests may be addressed to; without: loopback names where Darkroom "
        "listens on loopback, else any."
    )  # fmt: skip
    max_upload: int = setting(_bytes(1, 2**31 - 1), lambda: 100 * 1024**2, "Largest file, in bytes.")
    max_pixels: int = setting(_integer(1, 500_000_000), lambda: 50_000_000, "Largest picture, in pixels.")
    upload_presets: tuple[str, ...] = setting(
        _names(_PRESETS), lambda: _PRESETS, "Presets that every upload is rendered by; may be none."
    )
    threads: int = setting(
        _integer(1, 256), lambda: os.cpu_count() or 1, "Pictures that are rendered at once."
    )
    pixel_memory: int = setting(
        _bytes(256 * 1024**2, 2**50), lambda: 2 * 1024**3, "Memory that rendering may take, in bytes."
    )
    picture_cache: int = setting(
        _bytes(0, 2**50), lambda: 64 * 1024**2, "Memory for pictures made on demand a moment ago, in bytes."
    )
    url_keys: tuple[str, ...] = setting(
        _keys, tuple, "Keys that URLs are signed with: the first signs, all are known. Without: a key of the "
        "data folder.", secret=True
    )  # fmt: skip
    locations: str = setting(
        _choice("hide", "show"), lambda: "hide", "Whether the API tells where pictures were taken."
    )
    transforms: str = setting(
        _choice("presets", "signed"), lambda: "presets", "Whether pictures are made by presets alone, or "
        "also by steps in signed URLs."
    )  # fmt: skip
    isolation: str = setting(
        _choice(*_ISOLATIONS), lambda: _ISOLATIONS[0], "Where files are decoded: in worker processes that "
        "are locked in (Linux alone), or in threads of the server."
    )  # fmt: skip
    webhook_allow: tuple[str, ...] = setting(
        _targets, tuple, "Networks and host names beside the public ones that webhooks may be delivered to."
    )
    log_level: str = setting(
        _choice("debug", "info", "warning", "error"), lambda: "info", "How much is told on standard error."
    )

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that requests may be addressed to; `*` is any."""
        if self.allowed_hosts:
            return self.allowed_hosts
        return LOOPBACK if self.host in {"localhost", "127.0.0.1", "::1"} else ("*",)


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Raises InvalidSettings."""
    problems = _unknown(environment)
    values: dict[str, Any] = {}
    for item in fields(Settings):
        name = variable(item.name)
        if name not in environment:
            continue
        try:
            values[item.name] = item.metadata["parse"](environment[name])
        except ValueError as problem:
            shown = name if item.metadata["secret"] else f"{name}={environment[name]!r}"
            problems.append(f"{shown} {problem}.")
    settings = Settings(**values)
    if problems:
        raise InvalidSettings(problems, settings)
    return settings


def variable(name: str) -> str:
    return PREFIX + name.upper()


def listing(settings: Settings) -> list[tuple[str, str, str]]:
    """Variable, value and meaning of every setting."""
    return [
        (variable(item.name), _show(item, getattr(settings, item.name)), item.metadata["about"])
        for item in fields(Settings)
    ]


def show_bytes(count: int) -> str:
    for unit, size in reversed(_UNITS.items()):
        if count >= size and count % size == 0:
            return f"{count // size}{unit}"
    return str(count)


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = [item.name for item in fields(Settings)]
    problems = []
    for name in environment:
        if name.startswith(PREFIX) and name not in map(variable, known):
            near = difflib.get_close_matches(name.removeprefix(PREFIX).lower(), known, n=1)
            problems.append(
                f"{name} is no setting." + (f" Did you mean {variable(near[0])}?" if near else "")
            )
    return problems


def _show(item: Field[Any], value: object) -> str:
    if item.metadata["secret"]:
        return "(secret)" if value else ""
    return ",".join(value) if isinstance(value, tuple) else str(value)
