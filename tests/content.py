"""Bytes brought into a content store."""

from __future__ import annotations

from domain.ports.content import ContentStore


def put(store: ContentStore, content: bytes | memoryview) -> str:
    """As a rendition whose event is recorded already."""
    with store.hold() as hold:
        return hold.put(content)
