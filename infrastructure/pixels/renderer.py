"""Renditions, made in a pool of threads."""

from collections.abc import Mapping

from domain.errors import Refusal, ShuttingDown
from domain.ports.content import ContentStore, Hold
from domain.ports.rendering import Rendered, RenderJob, RenderOutcome
from infrastructure.deaths import Deaths
from infrastructure.pixels.executor import Executor
from infrastructure.pixels.memory import memory
from infrastructure.pixels.plan import Calls, applicable, plan
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.tasks import Encoded, Render, failure


class PoolRenderer:
    """The port `Renderer`: an original is read and decoded once for all renditions that a job asks for."""

    def __init__(self, pool: Pool, executor: Executor, store: ContentStore, deaths: Deaths) -> None:
        self._pool = pool
        self._executor = executor
        self._store = store
        self._deaths = deaths

    async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
        """Every rendition, or why not; what is wrong with one does not harm another. Raises Unavailable."""
        outcomes: dict[str, RenderOutcome] = {}
        calls: dict[str, Calls] = {}
        for name, (recipe, _) in job.requests.items():
            try:
                calls[name] = applicable(recipe, job.header.shown_size)
            except Refusal as refusal:
                outcomes[name] = failure(refusal)
        if calls:
            task = Render(job.header, {name: job.requests[name] for name in calls})
            scale = plan(job.header, calls.values()).scale
            cost = job.byte_size + memory(job.header, scale, calls.values())
            outcomes |= await self._pool.run(self._work, job.original, task, hold, cost, cost=cost)
        return outcomes

    def _work(self, original: str, task: Render, hold: Hold, cost: int) -> dict[str, RenderOutcome]:
        """In a thread of the pool."""
        recipes = (recipe for recipe, _ in task.requests.values())
        try:
            with self._store.open(original) as file, self._deaths.counted(original, *recipes):
                renditions = self._executor.execute(task, file, cost)
        except ShuttingDown:
            raise
        except Exception as error:
            return dict.fromkeys(task.requests, failure(error))
        made = {name: _kept(encoded, renditions.made_with, hold) for name, encoded in renditions.made.items()}
        return {**renditions.failed, **made}


def _kept(encoded: Encoded, made_with: Mapping[str, str], hold: Hold) -> RenderOutcome:
    """Nothing raised here reaches the other renditions."""
    try:
        sha256 = hold.put(encoded.content)
    except Exception as error:
        return failure(error)
    return Rendered(
        sha256=sha256,
        byte_size=len(encoded.content),
        media_type=encoded.media_type,
        width=encoded.width,
        height=encoded.height,
        made_with=made_with,
    )
