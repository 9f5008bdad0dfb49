"""What a server looks like from outside while it works: its answers to `/health/live`, its memory."""

from __future__ import annotations

import http.client
import threading
import time
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import psutil

MIB: Final = 1024 * 1024
_PAUSE_SECONDS: Final = 0.01


class Watch(threading.Thread):
    """Asks and measures a hundred times a second, from a thread of its own, so that whatever else a test
    does at the time is not counted.

    `seconds` are the times that `/health/live` took; `start_bytes` and `peak_bytes` are resident sets.
    """

    def __init__(self, url: str, pid: int) -> None:
        super().__init__(name="watch", daemon=True)
        self._address = urlsplit(url)
        self._process = psutil.Process(pid)
        self._done = threading.Event()
        self.seconds: list[float] = []
        self.failures: list[str] = []
        self.start_bytes = self.peak_bytes = self.resident_bytes

    @property
    def resident_bytes(self) -> int:
        return int(self._process.memory_info().rss)

    @property
    def grown(self) -> int:
        """By how many bytes the server was larger than at the start, at its largest."""
        return self.peak_bytes - self.start_bytes

    @property
    def slowest(self) -> float:
        return max(self.seconds)

    def percentile(self, part: float) -> float:
        return sorted(self.seconds)[int(part * (len(self.seconds) - 1))]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self.join()

    def run(self) -> None:
        assert self._address.hostname is not None
        connection = http.client.HTTPConnection(self._address.hostname, self._address.port, timeout=30)
        try:
            while not self._done.wait(_PAUSE_SECONDS):
                self.peak_bytes = max(self.peak_bytes, self.resident_bytes)
                self._ask(connection)
        except (OSError, http.client.HTTPException, psutil.Error) as error:
            self.failures.append(repr(error))
        finally:
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        begun = time.perf_counter()
        connection.request("GET", "/health/live")
        answer = connection.getresponse()
        answer.read()
        self.seconds.append(time.perf_counter() - begun)
        if answer.status != 200:
            self.failures.append(f"status {answer.status}")
