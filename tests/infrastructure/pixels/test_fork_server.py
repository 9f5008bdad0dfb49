"""The process that workers are forked from, without the fork."""

import socket
import sys
from threading import Thread

import pytest

from infrastructure.pixels.fork_server import END, PID, ForkServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are for Linux alone")


@pytest.mark.parametrize("answers_read", [True, False])
def test_it_ends_when_its_parent_does(answers_read: bool) -> None:
    """Also when that was killed before it read an answer, which the system tells otherwise."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    raised: list[BaseException] = []

    def serve() -> None:
        try:
            ForkServer(theirs).serve()
        except BaseException as error:
            raised.append(error)

    thread = Thread(target=serve)
    with theirs:
        with ours:
            ours.send(END + PID.pack(1))
            thread.start()
            assert ours.recv(PID.size, 0 if answers_read else socket.MSG_PEEK) == PID.pack(0)
        thread.join(10)
    assert not thread.is_alive()
    assert raised == []
