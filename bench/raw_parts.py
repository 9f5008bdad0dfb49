"""The parts of an upload that somebody has to do, bare: without server, read model, sealing or threads.

They are what an upload entails until nothing is left to do: its file looked through before anything decodes
it, and kept, with its hash; both renditions made and kept; of a large picture a proxy made and kept; the
original decoded whole and examined; seven events in three transactions, and two of the examination in two.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from domain.header import MediaType
from domain.operations.catalogue import Pixels
from infrastructure.gate.inspection import inspect
from infrastructure.gate.limits import DEFAULT
from infrastructure.metadata.blocks import exif_block
from infrastructure.pixels.perceptual_hash import perceptual_hash
from infrastructure.pixels.thumb_hash import thumb_hash

_EVENTS: Final = (3, 2, 2)
"""Requested, started, finished: so many rows in so many transactions."""

_PROXY: Final = (cv2.IMWRITE_JPEG_QUALITY, 92, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111)


class RawParts:
    """Files and a log in a folder, as durable as Darkroom's. Large pictures have a proxy."""

    def __init__(self, folder: Path, *, large: bool = False) -> None:
        folder.mkdir()
        cv2.setNumThreads(1)
        self._folder = folder
        self._large = large
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
        hashlib.sha256(picture).digest()
        inspect(picture)
        self._keep(picture)
        self._commit(requested)
        self._commit(started)
        for rendition in _renditions(picture, cv2.IMREAD_REDUCED_COLOR_4 if self._large else _HALF):
            self._keep(rendition)
        self._commit(finished)
        if self._large:
            self._keep(_proxy(picture))
        self._commit(1)
        _examine(picture)
        self._commit(1)
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


_HALF: Final = cv2.IMREAD_REDUCED_COLOR_2


def _renditions(picture: bytes, flags: int) -> tuple[memoryview, memoryview]:
    """Thumbnail and gray picture, by the calls that Darkroom comes to."""
    pixels = _decoded(picture, flags)
    thumbnail = _as_wide_as(pixels, 256)
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    gray = cv2.resize(gray, (600, 600), interpolation=cv2.INTER_CUBIC)
    gray = cv2.resize(gray, (300, 300), interpolation=cv2.INTER_AREA)
    return _jpeg(thumbnail, 80), _jpeg(gray, 85)


def _proxy(picture: bytes) -> memoryview:
    pixels = _decoded(picture, _HALF)
    large = cv2.resize(
        pixels, (2048, 2048 * pixels.shape[0] // pixels.shape[1]), interpolation=cv2.INTER_CUBIC
    )
    return cv2.imencode(".jpg", _as_wide_as(large, 1024), _PROXY)[1].data


def _examine(picture: bytes) -> None:
    """The hash of the pixels, that of their looks, and the placeholder; Exif is looked for, but not there."""
    exif_block(picture, MediaType.JPEG, DEFAULT)
    pixels = _decoded(picture, cv2.IMREAD_COLOR)
    hashlib.sha256(pixels.data).digest()
    while pixels.shape[1] >= 1024:
        pixels = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    small = _as_wide_as(pixels, 256)
    perceptual_hash(small)
    thumb_hash(cv2.cvtColor(_as_wide_as(small, 100), cv2.COLOR_BGR2BGRA))


def _decoded(picture: bytes, flags: int) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(picture, np.uint8), flags))


def _as_wide_as(pixels: Pixels, width: int) -> Pixels:
    size = (width, round(width * pixels.shape[0] / pixels.shape[1]))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _jpeg(pixels: Pixels, quality: int) -> memoryview:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].data
