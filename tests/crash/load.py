"""The mixed load: clients who upload, edit, repeat themselves and send rubbish, as fast as they can."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Final

from tests.crash.book import Book
from tests.crash.pictures import Pictures
from tests.crash.requests import Answer, Change, Fault, Request, Upload
from tests.server import Client, Gone

ASKED_AGAIN: Final = 0.8
"""The part of unanswered uploads that are asked again by their command id; the others are forgotten."""

NAMELESS: Final = 0.1
"""The part of uploads without a command id."""

_numbers: Final = count(1)


class Worker:
    """One client. Nobody else changes its images, so it knows what they are."""

    def __init__(self, seed: int, pictures: Pictures, book: Book, heard: asyncio.Event) -> None:
        self._rng = random.Random(seed)
        self._pictures = pictures
        self._book = book
        self._heard = heard
        self._unanswered: list[Request] = []
        self._mine: list[str] = []
        self._told: list[str] = []
        self._deeds: dict[Callable[[Client], Awaitable[None]], int] = {
            self._upload: 50,
            self._upload_twice_at_once: 5,
            self._upload_again: 8,
            self._describe: 12,
            self._delete: 5,
            self._restore: 5,
            self._repeat: 8,
            self._reuse_command_id: 2,
            self._send_rubbish: 5,
        }

    async def work(self, client: Client) -> None:
        """One deed after the other, until the server is gone."""
        with suppress(Gone):
            await self.catch_up(client)
            deeds, weights = list(self._deeds), list(self._deeds.values())
            while True:
                (deed,) = self._rng.choices(deeds, weights)
                await deed(client)

    async def catch_up(self, client: Client) -> None:
        """Ask again, in order, what a server did not answer before it died; or forget it."""
        waiting, self._unanswered = self._unanswered, []
        for request in waiting:
            if isinstance(request, Upload) and not self._asks_again(request):
                self._book.forget(request)
            else:
                self._unanswered.append(request)
        for request in list(self._unanswered):
            await self._answer(client, request)

    def _asks_again(self, upload: Upload) -> bool:
        return upload.command_id is not None and self._rng.random() < ASKED_AGAIN

    async def _ask(self, client: Client, request: Request) -> Answer:
        self._unanswered.append(request)
        self._book.in_the_air.append(request)
        return await self._answer(client, request)

    async def _answer(self, client: Client, request: Request) -> Answer:
        answer = await request.ask(client)
        self._heard.set()
        fault = request.fault if isinstance(request, Upload) else None
        assert answer.code == (fault.value if fault else None), (request, answer)
        self._unanswered.remove(request)
        self._book.take(request, answer)
        if answer.image_id is not None and answer.image_id not in self._mine:
            self._mine.append(answer.image_id)
        if answer.code is None and request.command_id is not None:
            self._told.append(request.command_id)
        return answer

    async def _upload(self, client: Client) -> None:
        command_id = None if self._rng.random() < NAMELESS else self._command_id()
        await self._ask(client, Upload(self._pictures, next(_numbers), command_id))

    async def _upload_twice_at_once(self, client: Client) -> None:
        """The same bytes in two commands: both are told of one image, and one of them that it is not new."""
        number = next(_numbers)
        twins = [Upload(self._pictures, number, self._command_id()) for _ in range(2)]
        answers = await asyncio.gather(*(self._ask(client, twin) for twin in twins), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        one, other = [answer for answer in answers if isinstance(answer, Answer)]
        assert one.image_id == other.image_id
        assert {one.duplicate, other.duplicate} == {True, False}

    async def _upload_again(self, client: Client) -> None:
        """Bytes that are there: answered with their image, which comes back where it was deleted."""
        uploads = [request for request, _ in map(self._book.answered.__getitem__, self._told[-20:])]
        known = [request for request in uploads if isinstance(request, Upload)]
        if known:
            number = self._rng.choice(known).number
            answer = await self._ask(client, Upload(self._pictures, number, self._command_id()))
            assert answer.duplicate

    async def _describe(self, client: Client) -> None:
        image_id = self._one_of_mine(deleted=False)
        if image_id is not None:
            word = f"{self._rng.getrandbits(32):x}"
            values = {"name": f"{word}.jpg", "description": f"It shows {word}.", "tags": [word, "all"]}
            await self._ask(client, Change("describeImage", image_id, self._command_id(), values))

    async def _delete(self, client: Client) -> None:
        image_id = self._one_of_mine(deleted=False)
        if image_id is not None:
            await self._ask(client, Change("deleteImage", image_id, self._command_id()))

    async def _restore(self, client: Client) -> None:
        image_id = self._one_of_mine(deleted=True)
        if image_id is not None:
            await self._ask(client, Change("restoreImage", image_id, self._command_id()))

    async def _repeat(self, client: Client) -> None:
        """What was answered, maybe by a server that is dead by now, is answered the same."""
        if self._told:
            await repeat(client, self._book, self._rng.choice(self._told))
            self._heard.set()

    async def _reuse_command_id(self, client: Client) -> None:
        """An id that stands for another command already."""
        image_id = self._one_of_mine(deleted=False)
        if image_id is not None and self._told:
            change = Change("describeImage", image_id, self._rng.choice(self._told), {"name": "never"})
            answer = await change.ask(client)
            assert answer.code == "COMMAND_ID_REUSED", answer

    async def _send_rubbish(self, client: Client) -> None:
        fault = self._rng.choice(list(Fault))
        await self._ask(client, Upload(self._pictures, next(_numbers), self._command_id(), fault))

    def _one_of_mine(self, *, deleted: bool) -> str | None:
        recent = self._mine[-20:]
        fitting = [image_id for image_id in recent if self._book.images[image_id].deleted is deleted]
        return self._rng.choice(fitting) if fitting else None

    def _command_id(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))


async def repeat(client: Client, book: Book, command_id: str) -> None:
    """Ask again what was answered; the answer has to be the first one, word by word."""
    request, first = book.answered[command_id]
    again = await request.ask(client)
    assert again == first, (request, first, again)
    book.repeated += 1
