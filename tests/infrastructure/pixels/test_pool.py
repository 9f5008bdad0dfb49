"""The pool bounds what runs, what waits, and the memory of all of it."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import sys
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.errors import Busy, ShuttingDown
from infrastructure.pixels import pool as pool_module
from infrastructure.pixels.pool import NICE, Lane, Pool

MEMORY = 100


class Gate:
    """A job that begins, and ends when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.open.wait(10)
        return "done"


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    """Two threads, two places to wait, 100 bytes; no job is small."""
    made = Pool(threads=2, waiting=2, memory=MEMORY, small=0)
    yield made
    await made.aclose()


async def begun(*gates: Gate) -> None:
    for gate in gates:
        while not gate.begun.is_set():
            await asyncio.sleep(0.001)


async def settled() -> None:
    """Let everything happen that can happen now."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_function_runs_in_another_thread(pool: Pool) -> None:
    """Its result comes back to the event loop, with its arguments passed on."""
    assert await pool.run(divmod, 7, 3, cost=1) == (2, 1)
    assert await pool.run(threading.get_ident, cost=1) != threading.get_ident()


async def test_an_exception_comes_back_and_frees_its_place(pool: Pool) -> None:
    """More often than there are threads."""
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await pool.run(divmod, 1, 0, cost=MEMORY)
    assert await pool.run(divmod, 1, 1, cost=MEMORY) == (1, 0)


async def test_so_many_run_and_so_many_wait_and_more_are_refused_at_once(pool: Pool) -> None:
    """Whoever comes when all places are taken is told to try again, and waits for nothing."""
    gates = [Gate() for _ in range(4)]
    tasks = [asyncio.create_task(pool.run(gate, cost=1)) for gate in gates]
    await begun(*gates[:2])
    with pytest.raises(Busy) as busy:
        await pool.run(divmod, 1, 1, cost=1)
    assert busy.value.code == "BUSY"
    assert not gates[2].begun.is_set()
    for gate in gates:
        gate.open.set()
    assert await asyncio.gather(*tasks) == ["done"] * 4


async def test_jobs_start_in_the_order_in_which_they_came(pool: Pool) -> None:
    """Nobody is passed by."""
    first, second = Gate(), Gate()
    order: list[int] = []
    tasks = [asyncio.create_task(pool.run(gate, cost=60)) for gate in (first, second)]
    await settled()
    last = asyncio.create_task(pool.run(order.append, 1, cost=1))
    await begun(first)
    await settled()
    assert not second.begun.is_set()
    assert order == []
    second.open.set()
    first.open.set()
    await asyncio.gather(*tasks, last)
    assert order == [1]


async def test_a_job_waits_for_memory_while_threads_are_free(pool: Pool) -> None:
    """Bytes are admitted, not only threads."""
    large, other = Gate(), Gate()
    tasks = [asyncio.create_task(pool.run(gate, cost=51)) for gate in (large, other)]
    await begun(large)
    await settled()
    assert not other.begun.is_set()
    large.open.set()
    await begun(other)
    other.open.set()
    await asyncio.gather(*tasks)


async def test_a_job_of_more_than_the_budget_runs_alone(pool: Pool) -> None:
    """It is not refused for ever, and nothing runs beside it."""
    small, giant, after = Gate(), Gate(), Gate()
    tasks = [asyncio.create_task(pool.run(small, cost=1))]
    await begun(small)
    tasks += [
        asyncio.create_task(pool.run(giant, cost=10 * MEMORY)),
        asyncio.create_task(pool.run(after, cost=1)),
    ]
    await settled()
    assert not giant.begun.is_set()
    small.open.set()
    await begun(giant)
    await settled()
    assert not after.begun.is_set()
    giant.open.set()
    after.open.set()
    await asyncio.gather(*tasks)


async def test_a_waiter_that_is_cancelled_frees_its_place(pool: Pool) -> None:
    """Whoever comes next has it, and those behind move up."""
    blocking, large, small = Gate(), Gate(), Gate()
    running = asyncio.create_task(pool.run(blocking, cost=60))
    await begun(blocking)
    waiting = asyncio.create_task(pool.run(large, cost=60))
    behind = asyncio.create_task(pool.run(small, cost=1))
    await settled()
    waiting.cancel()
    await begun(small)
    for gate in (blocking, small):
        gate.open.set()
    await asyncio.gather(running, behind)
    assert waiting.cancelled()
    assert not large.begun.is_set()


async def test_a_job_whose_caller_is_cancelled_runs_to_its_end_and_keeps_its_memory(pool: Pool) -> None:
    """A thread cannot be stopped; what it holds is counted until it ends."""
    gate = Gate()
    task = asyncio.create_task(pool.run(gate, cost=MEMORY))
    await begun(gate)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    after = asyncio.create_task(pool.run(divmod, 1, 1, cost=MEMORY))
    await settled()
    assert not after.done()
    gate.open.set()
    assert await after == (1, 0)


async def test_a_failure_that_nobody_waits_for_frees_its_memory_without_a_word(pool: Pool) -> None:
    """An error after its caller has gone harms nobody, and asyncio does not complain of it."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    gate = Gate()

    def fail() -> None:
        gate()
        raise ValueError

    task = asyncio.create_task(pool.run(fail, cost=MEMORY))
    await begun(gate)
    task.cancel()
    await settled()
    gate.open.set()
    assert await pool.run(divmod, 1, 1, cost=MEMORY) == (1, 0)
    del task
    gc.collect()
    assert complaints == []


async def test_one_that_is_cancelled_in_the_moment_of_its_admission_gives_it_back(pool: Pool) -> None:
    """Between being let in and beginning there is a moment, and somebody will hit it."""
    gate = Gate()
    running = asyncio.create_task(pool.run(gate, cost=MEMORY))
    await begun(gate)
    waiting = asyncio.create_task(pool.run(divmod, 1, 1, cost=MEMORY))
    await settled()
    gate.open.set()
    running.add_done_callback(lambda _: waiting.cancel())
    await running
    await settled()
    assert waiting.cancelled() or await waiting == (1, 0)
    assert await pool.run(divmod, 1, 1, cost=MEMORY) == (1, 0)


async def test_closing_finishes_what_runs_and_refuses_the_rest() -> None:
    """Those who wait are told, and so is whoever comes later."""
    pool = Pool(threads=1, waiting=5, memory=MEMORY, small=0)
    gate = Gate()
    running = asyncio.create_task(pool.run(gate, cost=1))
    await begun(gate)
    waiting = asyncio.create_task(pool.run(divmod, 1, 1, cost=1))
    await settled()
    closing = asyncio.create_task(pool.aclose())
    with pytest.raises(ShuttingDown):
        await waiting
    with pytest.raises(ShuttingDown):
        await pool.run(divmod, 1, 1, cost=1)
    assert not closing.done()
    gate.open.set()
    assert await running == "done"
    await closing
    assert not any(thread.name.startswith("pixels") and thread.is_alive() for thread in await ended())


async def ended() -> list[threading.Thread]:
    """The threads that are left a moment later."""
    await asyncio.sleep(0.05)
    return threading.enumerate()


async def test_a_pool_that_was_never_used_has_no_threads_and_closes() -> None:
    """Nothing is started before there is work."""
    before = threading.active_count()
    pool = Pool(threads=4, waiting=1, memory=1, small=0)
    assert threading.active_count() == before
    await pool.aclose()
    await pool.aclose()


@pytest.mark.skipif(sys.platform != "linux", reason="priorities by thread are Linux's own")
async def test_threads_are_nice_and_the_event_loop_is_not(pool: Pool) -> None:
    """Pixels wait for the loop, never the loop for pixels."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    nice = await pool.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), cost=1)
    assert nice == max(before, NICE)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


async def test_memory_is_given_back_after_a_while_without_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not between two jobs, which would have to take it again."""
    given_back: list[float] = []
    monkeypatch.setattr(pool_module, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(pool_module, "give_memory_back", lambda: given_back.append(time.monotonic()))
    pool = Pool(threads=1, waiting=1, memory=1, small=0)
    for _ in range(5):
        await pool.run(divmod, 1, 1, cost=1)
    assert given_back == []
    await asyncio.sleep(0.2)
    assert len(given_back) == 1
    await pool.run(divmod, 1, 1, cost=1)
    await pool.aclose()
    await asyncio.sleep(0.1)
    assert len(given_back) == 1


class Account:
    """Counts what runs, from the threads themselves. What runs alone counts as what large ones may take."""

    def __init__(self, small: int) -> None:
        self.lock = threading.Lock()
        self.small = small
        self.costs: list[int] = []
        self.most_running = 0
        self.overdrawn = False

    def job(self, cost: int, seconds: float) -> None:
        with self.lock:
            self.costs.append(cost)
            self.most_running = max(self.most_running, len(self.costs))
            self.overdrawn |= sum(min(each, MEMORY - self.small) for each in self.costs) > MEMORY
        time.sleep(seconds)
        with self.lock:
            self.costs.remove(cost)
        if cost % 7 == 0:
            raise ValueError(cost)


@pytest.mark.parametrize("seed", range(8))
async def test_no_history_of_jobs_breaks_a_bound(seed: int) -> None:
    """Hundreds of jobs of all sizes, some failing, some cancelled at any moment: the account is right."""
    chance = random.Random(seed)
    small = seed % 2 * 20
    pool = Pool(threads=3, waiting=10, memory=MEMORY, small=small)
    account = Account(small)
    outcomes: list[str] = []

    async def ask() -> None:
        await asyncio.sleep(chance.random() * 0.2)
        cost = chance.choice([1, 7, 20, 34, 50, 90, 150])
        try:
            async with asyncio.timeout(chance.choice([0.001, 0.01, 5])):
                background = chance.random() < 0.2
                await pool.run(account.job, cost, chance.random() * 0.004, cost=cost, background=background)
            outcomes.append("done")
        except (Busy, ValueError, TimeoutError) as error:
            outcomes.append(type(error).__name__)

    await asyncio.gather(*(ask() for _ in range(250)))
    await pool.aclose()
    assert not account.overdrawn
    assert account.most_running <= 3 + (small > 0)
    assert account.costs == []
    assert pool._running == pool._used == pool._aside == sum(map(len, pool._queues.values())) == 0
    assert len(outcomes) == 250
    assert "done" in outcomes


# -- lanes


@pytest.fixture
async def lanes() -> AsyncIterator[Pool]:
    """One thread for all, one for what takes at most 10 of the 100 bytes; one place to wait in each lane."""
    made = Pool(threads=1, waiting=1, memory=MEMORY, small=10)
    yield made
    await made.aclose()


async def test_a_small_job_does_not_wait_for_large_ones(lanes: Pool) -> None:
    """Neither for the one that runs nor for the one that came before it."""
    large, next_large = Gate(), Gate()
    tasks = [asyncio.create_task(lanes.run(gate, cost=90)) for gate in (large, next_large)]
    await begun(large)
    assert await lanes.run(divmod, 7, 3, cost=10) == (2, 1)
    assert not next_large.begun.is_set()
    for gate in (large, next_large):
        gate.open.set()
    await asyncio.gather(*tasks)


async def test_large_jobs_do_not_starve_behind_small_ones(lanes: Pool) -> None:
    """Who came first has the next common place; small ones that came later have but their own."""
    first, large, small, later = Gate(), Gate(), Gate(), Gate()
    tasks = [asyncio.create_task(lanes.run(gate, cost=10)) for gate in (first, small)]
    await begun(first, small)
    tasks += [asyncio.create_task(lanes.run(large, cost=80)), asyncio.create_task(lanes.run(later, cost=10))]
    await settled()
    first.open.set()
    await begun(large)
    assert not later.begun.is_set()
    for gate in (large, small, later):
        gate.open.set()
    await asyncio.gather(*tasks)


async def test_a_full_lane_refuses_at_once_and_the_others_do_not(lanes: Pool) -> None:
    """A crowd of large jobs keeps no small one out."""
    gates = [Gate() for _ in range(3)]
    tasks = [asyncio.create_task(lanes.run(gate, cost=80)) for gate in gates[:2]]
    await begun(gates[0])
    with pytest.raises(Busy):
        await lanes.run(divmod, 1, 1, cost=80)
    tasks.append(asyncio.create_task(lanes.run(gates[2], cost=10)))
    await begun(gates[2])
    for gate in gates:
        gate.open.set()
    await asyncio.gather(*tasks)


async def test_work_in_the_background_waits_for_everybody(lanes: Pool) -> None:
    """Also for those who came later; but it comes to its turn."""
    order: list[str] = []
    running = Gate()
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(lanes.run(running, cost=80))]
    await begun(running)
    tasks.append(asyncio.create_task(lanes.run(order.append, "background", cost=1, background=True)))
    await settled()
    tasks.append(asyncio.create_task(lanes.run(order.append, "large", cost=80)))
    await settled()
    running.open.set()
    await asyncio.gather(*tasks)
    assert order == ["large", "background"]


async def test_the_background_leaves_a_thread_free(pool: Pool) -> None:
    """Whoever comes finds it."""
    first, second = Gate(), Gate()
    tasks = [asyncio.create_task(pool.run(gate, cost=1, background=True)) for gate in (first, second)]
    await begun(first)
    await settled()
    assert len(pool._queues[Lane.BACKGROUND]) == 1
    assert await pool.run(divmod, 1, 1, cost=1) == (1, 0)
    first.open.set()
    await begun(second)
    second.open.set()
    await asyncio.gather(*tasks)
