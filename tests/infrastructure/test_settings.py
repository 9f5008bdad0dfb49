"""What can be set, and what is said of it."""

from __future__ import annotations

import os
import re
from dataclasses import fields
from pathlib import Path
from typing import Final

import pytest

from domain.presets import BUILT_IN
from infrastructure.settings import (
    InvalidSettings,
    Settings,
    from_environment,
    listing,
    show_bytes,
    variable,
)

README: Final = (Path(__file__).parents[2] / "README.md").read_text()
NAMES: Final = [variable(item.name) for item in fields(Settings)]

SECRET: Final = {"DARKROOM_URL_KEYS"}

GOOD: Final[list[tuple[str, str, object]]] = [
    ("DARKROOM_DATA", "/srv/pictures", Path("/srv/pictures")),
    ("DARKROOM_HOST", "0.0.0.0", "0.0.0.0"),  # noqa: S104
    ("DARKROOM_HOST", "::1", "::1"),
    ("DARKROOM_PORT", "0", 0),
    ("DARKROOM_PORT", "65535", 65535),
    ("DARKROOM_ALLOWED_HOSTS", "photos.example, localhost ,", ("photos.example", "localhost")),
    ("DARKROOM_ALLOWED_HOSTS", "", ()),
    ("DARKROOM_MAX_UPLOAD", "1", 1),
    ("DARKROOM_MAX_UPLOAD", "5k", 5 * 1024),
    ("DARKROOM_MAX_UPLOAD", "100M", 100 * 1024**2),
    ("DARKROOM_MAX_UPLOAD", "1G", 1024**3),
    ("DARKROOM_MAX_PIXELS", "500000000", 500_000_000),
    ("DARKROOM_UPLOAD_PRESETS", "thumbnail", ("thumbnail",)),
    ("DARKROOM_UPLOAD_PRESETS", "", ()),
    ("DARKROOM_THREADS", "3", 3),
    ("DARKROOM_PIXEL_MEMORY", "256M", 256 * 1024**2),
    ("DARKROOM_PICTURE_CACHE", "0", 0),
    ("DARKROOM_PICTURE_CACHE", "64M", 64 * 1024**2),
    ("DARKROOM_URL_KEYS", f"{'a' * 32},{'b' * 40}", ("a" * 32, "b" * 40)),
    ("DARKROOM_URL_KEYS", "", ()),
    ("DARKROOM_TRANSFORMS", "signed", "signed"),
    ("DARKROOM_ISOLATION", "thread", "thread"),
    ("DARKROOM_LOCATIONS", "show", "show"),
    ("DARKROOM_WEBHOOK_ALLOW", "10.1.0.0/16, ::1,ci.internal", ("10.1.0.0/16", "::1", "ci.internal")),
    ("DARKROOM_WEBHOOK_ALLOW", "", ()),
    ("DARKROOM_LOG_LEVEL", "debug", "debug"),
]

WRONG: Final[list[tuple[str, str, str]]] = [
    ("DARKROOM_TRANSFORMS", "all", "is none of presets, signed"),
    ("DARKROOM_URL_KEYS", f"{'a' * 32},{'b' * 31}", "has a key of less than 32 characters"),
    ("DARKROOM_PICTURE_CACHE", "-1", "is no number of bytes"),
    ("DARKROOM_DATA", "", "is no folder"),
    ("DARKROOM_DATA", __file__, "is no folder"),
    ("DARKROOM_HOST", "", "is no host name"),
    ("DARKROOM_HOST", "http://localhost", "is no host name"),
    ("DARKROOM_PORT", "http", "is no whole number"),
    ("DARKROOM_PORT", "-1", "lies outside 0 to 65535"),
    ("DARKROOM_PORT", "65536", "lies outside 0 to 65535"),
    ("DARKROOM_MAX_UPLOAD", "M", "is no number of bytes"),
    ("DARKROOM_MAX_UPLOAD", "1.5M", "is no number of bytes"),
    ("DARKROOM_MAX_UPLOAD", "10MB", "is no number of bytes"),
    ("DARKROOM_MAX_UPLOAD", "0", "lies outside 1 to"),
    ("DARKROOM_MAX_UPLOAD", "2G", "lies outside 1 to"),
    ("DARKROOM_MAX_PIXELS", "0", "lies outside 1 to 500000000"),
    ("DARKROOM_UPLOAD_PRESETS", "thumbnail,thumb", "names 'thumb'; known are"),
    ("DARKROOM_THREADS", "0", "lies outside 1 to 256"),
    ("DARKROOM_PIXEL_MEMORY", "1M", "lies outside 256M to"),
    ("DARKROOM_ISOLATION", "hope", "is none of "),
    ("DARKROOM_LOCATIONS", "yes", "is none of hide, show"),
    ("DARKROOM_WEBHOOK_ALLOW", "10.1.0.1/16", "names '10.1.0.1/16', which is no network"),
    ("DARKROOM_WEBHOOK_ALLOW", "localhost,127.1", "names '127.1', which is no network"),
    ("DARKROOM_WEBHOOK_ALLOW", "ci internal", "is no host name or address"),
    ("DARKROOM_LOG_LEVEL", "loud", "is none of debug, info, warning, error"),
]


def _value(settings: Settings, name: str) -> object:
    value: object = getattr(settings, name.removeprefix("DARKROOM_").lower())
    return value


def _problems(environment: dict[str, str]) -> list[str]:
    with pytest.raises(InvalidSettings) as caught:
        from_environment(environment)
    return caught.value.problems


def test_nothing_need_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds then is safe: nobody else reaches the server."""
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/somebody")
    settings = from_environment({})
    assert settings.data == Path("/somebody/.local/share/darkroom")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.max_upload == 100 * 1024**2
    assert settings.max_pixels == 50_000_000
    assert settings.upload_presets == tuple(preset.name for preset in BUILT_IN)
    assert settings.threads == os.cpu_count()
    assert settings.pixel_memory == 2 * 1024**3
    assert settings.log_level == "info"


@pytest.mark.parametrize(
    ("home", "data"), [("/xdg", "/xdg/darkroom"), ("xdg", "/somebody/.local/share/darkroom")]
)
def test_the_folder_for_data_is_that_of_the_desktop(
    home: str, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative one does not count, by the XDG base directory specification."""
    monkeypatch.setenv("XDG_DATA_HOME", home)
    monkeypatch.setenv("HOME", "/somebody")
    assert Settings().data == Path(data)


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_setting_is_read_from_its_variable(name: str, text: str, value: object) -> None:
    """And from no other."""
    assert _value(from_environment({name: text}), name) == value


@pytest.mark.parametrize(("name", "text", "problem"), WRONG)
def test_a_wrong_value_is_refused_with_what_would_be_right(name: str, text: str, problem: str) -> None:
    """The message names the variable and what it was."""
    (told,) = _problems({name: text})
    shown = name if name in SECRET else f"{name}={text!r}"
    assert told.startswith(f"{shown} {problem}")
    assert told.endswith(".")


def test_these_tests_try_every_setting() -> None:
    """A new one has to come in above; host names may be any."""
    assert {name for name, *_ in GOOD} == set(NAMES)
    assert {name for name, *_ in WRONG} == {*NAMES} - {"DARKROOM_ALLOWED_HOSTS"}


def test_all_that_is_wrong_is_said_at_once() -> None:
    """Nobody has to try again for each."""
    problems = _problems({"DARKROOM_PORT": "x", "DARKROOM_THREADS": "0", "DARKROOM_COLOUR": "red"})
    assert [problem.split("=")[0].split(" ")[0] for problem in problems] == [
        "DARKROOM_COLOUR",
        "DARKROOM_PORT",
        "DARKROOM_THREADS",
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("DARKROOM_PROT", "DARKROOM_PROT is no setting. Did you mean DARKROOM_PORT?"),
        ("DARKROOM_MAX_UPLOADS", "DARKROOM_MAX_UPLOADS is no setting. Did you mean DARKROOM_MAX_UPLOAD?"),
        ("DARKROOM_COLOUR", "DARKROOM_COLOUR is no setting."),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_one(name: str, told: str) -> None:
    """A slip of the pen is not ignored."""
    assert _problems({name: "1"}) == [told]


def test_other_people_s_variables_are_left_alone() -> None:
    """Only the prefix is ours."""
    assert from_environment({"PATH": "/bin", "XDARKROOM_PORT": "x", "darkroom_port": "1"}) == Settings()


def test_a_relative_folder_is_one_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later changes of the working folder do not move it; `~` is the home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/somebody")
    assert from_environment({"DARKROOM_DATA": "data"}).data == tmp_path / "data"
    assert from_environment({"DARKROOM_DATA": "~/data"}).data == Path("/somebody/data")


@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        ({}, ("localhost", "127.0.0.1", "[::1]")),
        ({"DARKROOM_HOST": "::1"}, ("localhost", "127.0.0.1", "[::1]")),
        ({"DARKROOM_HOST": "0.0.0.0"}, ("*",)),  # noqa: S104
        ({"DARKROOM_HOST": "0.0.0.0", "DARKROOM_ALLOWED_HOSTS": "photos.example"}, ("photos.example",)),  # noqa: S104
    ],
)
def test_on_loopback_only_loopback_names_are_ours(
    environment: dict[str, str], hosts: tuple[str, ...]
) -> None:
    """Elsewhere any is, until somebody says which."""
    assert from_environment(environment).hosts == hosts


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_what_is_listed_may_be_set_again(name: str, text: str, value: object) -> None:
    """The list shows values as a variable has to say them, each with its meaning; keys are shown nowhere."""
    shown = {name: (shown, about) for name, shown, about in listing(from_environment({name: text}))}
    assert list(shown) == NAMES
    assert all(about.endswith(".") for _, about in shown.values())
    if name in SECRET:
        assert shown[name][0] == ("(secret)" if value else "")
    else:
        assert _value(from_environment({name: shown[name][0]}), name) == value


@pytest.mark.parametrize(("count", "shown"), [(1, "1"), (1024, "1K"), (1536, "1536"), (3 * 1024**3, "3G")])
def test_bytes_are_shown_by_the_largest_unit_that_is_exact(count: int, shown: str) -> None:
    """Nothing is rounded."""
    assert show_bytes(count) == shown


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_stands_in_the_readme_with_its_default(name: str) -> None:
    """Where the default is not this machine's."""
    rows = [row for row in README.splitlines() if row.startswith(f"| `{name}` |")]
    assert len(rows) == 1, f"README.md has no row for {name}, or several."
    if name not in {
        "DARKROOM_DATA",
        "DARKROOM_ALLOWED_HOSTS",
        "DARKROOM_THREADS",
        "DARKROOM_WEBHOOK_ALLOW",
    }:
        shown = re.split(r" \| ", rows[0])[1].strip("`")
        assert _value(from_environment({name: shown}), name) == _value(Settings(), name)


def test_the_readme_names_no_setting_that_there_is_not() -> None:
    """Removed ones go from there too."""
    assert set(re.findall(r"DARKROOM_\w+", README)) <= set(NAMES)
