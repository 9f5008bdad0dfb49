"""The parts of an upload that somebody has to do, bare: without server, hash, read model or threads."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from cv2.typing import MatLike

_EVENTS: Final = (3, 2, 2)
"""Requested, started, finished: so many rows in so many transactions."""


class RawParts:
    """Files and a log in a folder, as durable as Darkroom's."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        cv2.setNumThreads(1)
        self._folder = folder
        self._names = map(str, count())
        self._log = sqlite3.connect(folder / "log.db", isolation_level=None, check_same_thread=False)
        self._log.execute("PRAGMA journal_mode = WAL")
        self._log.execute("PRAGMA synchronous = FULL")
        self._log.execute("CREATE TABLE events (position INTEGER PRIMARY KEY, payload TEXT NOT NULL)")

    def cpu_per_upload(self, pictures: Iterable[bytes]) -> float:
        """Milliseconds of this thread, which has to be one that nobody waits for meanwhile."""
        spent = [self._upload(picture) for picture in pictures]
        return sum(spent) / len(spent) * 1000

    def close(self) -> None:
        self._log.close()

    def _upload(self, picture: bytes) -> float:
        before = time.thread_time()
        requested, started, finished = _EVENTS
        self._keep(picture)
        self._commit(requested)
        self._commit(started)
        for rendition in _renditions(picture):
            self._keep(rendition)
        self._commit(finished)
        return time.thread_time() - before

    def _keep(self, content: bytes | memoryview) -> None:
        path = self._folder / next(self._names)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, content)
        os.fsync(file)
        os.close(file)
        path.rename(path.with_suffix(".kept"))
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(folder)
        os.close(folder)

    def _commit(self, events: int) -> None:
        self._log.execute("BEGIN IMMEDIATE")
        rows = [("x" * 500,)] * events
        self._log.executemany("INSERT INTO events (payload) VALUES (?)", rows)
        self._log.execute("COMMIT")


def _renditions(picture: bytes) -> tuple[memoryview, memoryview]:
    """Thumbnail and gray picture, by the calls that Darkroom comes to for 1536 x 1040 pixels."""
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
    assert pixels is not None
    thumbnail = cv2.resize(pixels, (256, 173), interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    for side, interpolation in ((1200, cv2.INTER_CUBIC), (600, cv2.INTER_AREA), (300, cv2.INTER_AREA)):
        gray = cv2.resize(gray, (side, side), interpolation=interpolation)
    return _jpeg(thumbnail, 80), _jpeg(gray, 85)


def _jpeg(pixels: MatLike, quality: int) -> memoryview:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].data
