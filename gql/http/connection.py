"""HTTP connections as uvicorn makes them, but with a bound on what comes beside the bodies."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

OVERHEAD_BYTES: Final = 64 * 1024
"""For a request line with its fields, or for what follows a piece of a body."""


class BoundedConnection(HttpToolsProtocol):
    """Sends away who sends a field, a trailer or a chunk extension without end.

    The parser keeps what is not complete yet, and copies all of it for every piece that is added.
    """

    _overhead = 0

    def data_received(self, data: bytes) -> None:
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > OVERHEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request has too much beside its body.")

    def on_headers_complete(self) -> None:
        self._overhead = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._overhead = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._overhead = 0
        super().on_message_complete()
