"""Deliveries of a store that was restored from a backup."""

from __future__ import annotations

import asyncio
from pathlib import Path

from infrastructure.backup import backup, restore
from infrastructure.sqlite.store import open_store
from tests.infrastructure.webhooks.receiver import receiving
from tests.infrastructure.webhooks.test_runner import Darkroom, positions, until_delivered


async def test_a_restored_store_goes_on_with_its_deliveries(tmp_path: Path) -> None:
    """What was delivered before the backup is not delivered again, what was not is not left out."""
    folder, copy, keys, restored = (tmp_path / name for name in ("data", "copy", "copy.keys", "restored"))
    async with receiving() as receiver:
        async with open_store(folder) as store:
            darkroom = Darkroom(folder, store.log)
            async with darkroom.open() as registry:
                webhook_id = await darkroom.add(receiver.url)
                await darkroom.happen(2)
                await until_delivered(registry, webhook_id, 3)
            await darkroom.happen(1)
            assert await asyncio.to_thread(lambda: list(backup(folder, copy, keys))) == []
        assert await asyncio.to_thread(lambda: list(restore(copy, keys, restored))) == []
        async with open_store(restored) as store, Darkroom(restored, store.log).open() as registry:
            await until_delivered(registry, webhook_id, 4)
    assert positions(receiver) == [2, 3, 4]
