"""Originals, examined in the pool that makes renditions."""

from __future__ import annotations

from domain.errors import TooSlow, Unavailable, WorkerDied
from domain.findings import Findings
from domain.ports.content import ContentStore
from domain.ports.pending import PendingExamination
from domain.ports.rendering import RenderFailure
from infrastructure.deaths import Deaths
from infrastructure.pixels.examine import Examination, Examine
from infrastructure.pixels.executor import Executor
from infrastructure.pixels.memory import memory
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.tasks import failure


class PoolExaminer:
    """The port `Examiner`."""

    def __init__(self, pool: Pool, executor: Executor, store: ContentStore, deaths: Deaths) -> None:
        self._pool = pool
        self._executor = executor
        self._store = store
        self._deaths = deaths

    async def examine(self, pending: PendingExamination) -> Findings | RenderFailure:
        cost = pending.byte_size + memory(pending.header, 1, [()])
        examination = await self._pool.run(self._work, pending, cost=cost, background=True)
        found = examination.findings or examination.failure
        assert found is not None  # noqa: S101  (either is there)
        return found

    def _work(self, pending: PendingExamination) -> Examination:
        """In a thread of the pool."""
        try:
            with self._store.open(pending.original) as file, self._deaths.counted(pending.original):
                return self._executor.execute(Examine(pending.header), file)
        except (WorkerDied, TooSlow) as died:
            return Examination(failure=failure(died))
        except Unavailable:
            raise
        except Exception as error:
            return Examination(failure=failure(error))
