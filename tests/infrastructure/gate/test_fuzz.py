"""However a file is broken, it is refused politely or let through."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import UnacceptableFile
from infrastructure.gate import Limits, inspect
from tests.fuzz.mutation import CHANGES, Change, files, mutated
from tests.nasty import png

TIGHT = Limits(pixels=30_000, frames=4, total_pixels=90_000, parts=60, metadata_bytes=500)
"""Limits that the well-formed files are close to."""


@settings(max_examples=4000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    which=st.integers(0, 1 << 16),
    changes=st.lists(
        st.tuples(st.sampled_from(CHANGES), st.integers(0, 1 << 24), st.integers(0, 1 << 16)),
        min_size=1,
        max_size=4,
    ),
    early=st.booleans(),
    tight=st.booleans(),
)
def test_nothing_but_refusals_is_raised(
    *, which: int, changes: list[tuple[Change, int, int]], early: bool, tight: bool
) -> None:
    """Four thousand broken files, each with a header or an UnacceptableFile."""
    data = mutated(files()[which % len(files())], changes, early=early)
    limits = TIGHT if tight else Limits()
    try:
        header = inspect(data, limits)
    except UnacceptableFile:
        return
    assert header.width * header.height * header.frames <= limits.total_pixels
    assert 1 <= header.orientation <= 8


@settings(max_examples=500, deadline=None, database=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xd8\xff", b"BM", b"II*\0", b"GIF89a", png.SIGNATURE]),
)
def test_noise_is_refused(noise: bytes, magic: bytes) -> None:
    """Bytes from nowhere, with the right beginning or without."""
    try:
        inspect(magic + noise)
    except UnacceptableFile as refusal:
        assert refusal.message
