"""Merkle trees by RFC 9162."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.log.merkle import audit_path, leaf_hash, node_hash, root, root_from_path

# The vectors of the reference implementation of RFC 6962, whose trees are those of RFC 9162.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]

lists = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    """From the empty tree on."""
    assert root(ENTRIES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_paths_are_those_of_the_reference(index: int, size: int, path: list[str]) -> None:
    """And they lead to its roots."""
    found = audit_path(ENTRIES, index, size)
    assert [digest.hex() for digest in found] == path
    led_to = root_from_path(ENTRIES[index], index, size, found)
    assert led_to is not None
    assert led_to.hex() == ROOTS[size]


def as_defined(entries: list[bytes]) -> bytes:
    """The definition of the RFC, word for word."""
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return node_hash(as_defined(entries[:k]), as_defined(entries[k:]))


@given(lists)
def test_a_root_is_what_the_definition_says(entries: list[bytes]) -> None:
    """For any number of entries."""
    assert root(entries) == as_defined(entries)


@given(lists, st.data())
def test_every_entry_has_a_path_to_the_root_and_no_other_has(
    entries: list[bytes], data: st.DataObject
) -> None:
    """Neither from another entry, nor from another place, nor over a changed or shortened path."""
    size = len(entries)
    index = data.draw(st.integers(0, size - 1))
    path = audit_path(iter(entries), index, size)
    whole = root(entries)
    assert root_from_path(entries[index], index, size, path) == whole
    assert root_from_path(entries[index] + b"x", index, size, path) != whole
    assert root_from_path(entries[index], index, size, [*path, bytes(32)]) is None
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        assert root_from_path(entries[index], index, size, path[:-1]) != whole
        changed = [*path[:place], bytes(32), *path[place + 1 :]]
        assert root_from_path(entries[index], index, size, changed) != whole


@pytest.mark.parametrize(("index", "size"), [(-1, 8), (8, 8), (0, 0)])
def test_an_index_outside_of_the_tree_has_no_path(index: int, size: int) -> None:
    """It leads nowhere."""
    assert root_from_path(b"", index, size, []) is None
