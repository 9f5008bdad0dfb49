"""What holds for every test."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from domain.operations.catalogue import operations
from infrastructure.pixels.environment import prepare

# Before anything imports cv2, which reads its limits only then.
prepare(50_000_000, 32_768)


def pytest_collection_finish() -> None:
    """All tests are known, and stay: the collector need not look at 300,000 objects again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def operations_are_known() -> None:
    """As at start: their modules are imported before the event loop runs."""
    operations()


@pytest.fixture(autouse=True)
def nothing_blocks_the_event_loop() -> Iterator[BlockBuster]:
    """Whatever in Darkroom would block a running event loop raises an error instead."""
    with blockbuster_ctx(["domain", "infrastructure", "gql"]) as blockbuster:
        yield blockbuster
