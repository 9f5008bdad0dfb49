"""The whole corpus against its marks."""

from pathlib import Path

import pytest

from domain.errors import UnacceptableFile
from domain.header import ImageHeader
from infrastructure.gate import inspect, inspect_file
from tests.nasty.case import Case, Want

Verdict = ImageHeader | UnacceptableFile


@pytest.fixture(scope="module")
def verdicts(nasty: list[Case], nasty_folder: Path) -> list[tuple[Case, Verdict]]:
    return [(case, verdict(nasty_folder / case.path)) for case in nasty]


def verdict(path: Path) -> Verdict:
    try:
        return inspect_file(path)
    except UnacceptableFile as refusal:
        return refusal


def test_every_good_file_gets_through(verdicts: list[tuple[Case, Verdict]]) -> None:
    """Well-formed files and those that only carry a payload have a header."""
    wanted = [(case, found) for case, found in verdicts if case.want in {Want.ACCEPT, Want.STRIP}]
    assert len(wanted) >= 60
    assert {case.path: str(found) for case, found in wanted if isinstance(found, UnacceptableFile)} == {}


def test_the_headers_of_good_files_give_their_size(verdicts: list[tuple[Case, Verdict]]) -> None:
    """Width and height are those that the corpus knows."""
    sizes = {
        case.path: ((found.width, found.height), (case.width, case.height))
        for case, found in verdicts
        if isinstance(found, ImageHeader) and case.want in {Want.ACCEPT, Want.STRIP}
    }
    assert {path: both for path, both in sizes.items() if both[0] != both[1]} == {}


@pytest.mark.parametrize("want", [Want.LIMIT, Want.REFUSE])
def test_nothing_hostile_gets_through(verdicts: list[tuple[Case, Verdict]], want: Want) -> None:
    """Files over the limits and files of other types are refused."""
    wanted = [(case, found) for case, found in verdicts if case.want is want]
    assert len(wanted) >= 60
    assert [case.path for case, found in wanted if isinstance(found, ImageHeader)] == []


def test_files_over_the_limits_are_called_too_large_or_too_complex(
    verdicts: list[tuple[Case, Verdict]],
) -> None:
    """The reason is the limit, not some damage on the way to it."""
    codes = {
        found.code for case, found in verdicts if case.want is Want.LIMIT and isinstance(found, Exception)
    }
    assert codes == {"IMAGE_TOO_LARGE", "IMAGE_TOO_COMPLEX"}


def test_files_that_were_cut_do_not_get_through(verdicts: list[tuple[Case, Verdict]]) -> None:
    """Every truncation can be seen without decoding."""
    cut = [(case, found) for case, found in verdicts if case.group == "cut"]
    assert [case.path for case, found in cut if isinstance(found, ImageHeader)] == []


def test_the_contradictions_do_not_get_through(verdicts: list[tuple[Case, Verdict]]) -> None:
    """Files with two answers to the question of their size are refused, whichever is the smaller."""
    differing = [(case, found) for case, found in verdicts if case.group == "differ"]
    lying = [(case, found) for case, found in verdicts if "lie" in case.name]
    assert [case.path for case, found in differing + lying if isinstance(found, ImageHeader)] == []


def test_messages_are_sentences(verdicts: list[tuple[Case, Verdict]]) -> None:
    """A refusal reads like something said to a person."""
    messages = {found.message for _, found in verdicts if isinstance(found, UnacceptableFile)}
    assert [m for m in messages if not (m[0].isupper() and m.endswith(".") and m.isprintable())] == []


def test_bytes_and_maps_are_judged_alike(nasty: list[Case], nasty_folder: Path) -> None:
    """It makes no difference in what form the bytes come."""
    for case in nasty[::5]:
        if case.data:
            assert str(verdict(nasty_folder / case.path)) == str(verdict_on(memoryview(case.data)))


def verdict_on(data: memoryview) -> Verdict:
    try:
        return inspect(data)
    except UnacceptableFile as refusal:
        return refusal
