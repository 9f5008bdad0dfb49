"""One request to one receiver."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domain.ports.webhooks import DeliveryFailure
from infrastructure.webhooks import sender as sending
from infrastructure.webhooks.addresses import AddressPolicy
from infrastructure.webhooks.network import CheckedNetwork, HostNotFound, Resolver
from infrastructure.webhooks.sender import Answer, Sender, open_sender
from tests.infrastructure.webhooks.receiver import Receiver, receiving, status

LOOPBACK = AddressPolicy(("127.0.0.0/8",))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


def sender(
    policy: AddressPolicy = LOOPBACK, resolve: Callable[[str, int], Awaitable[Sequence[str]]] | None = None
) -> AbstractAsyncContextManager[Sender]:
    return open_sender(CheckedNetwork(policy, resolve or Resolver()), at_once=4)


async def post(url: str, policy: AddressPolicy = LOOPBACK) -> Answer:
    async with sender(policy) as open_:
        return await open_.post(url, {"webhook-id": "m"}, b"{}")


async def test_a_request_arrives_as_it_was_meant(receiver: Receiver) -> None:
    """At the path and query of the URL, with its headers and its body."""
    answer = await post(receiver.url + "?token=1")
    assert answer.delivered
    (received,) = receiver.received
    assert received.target == "/hook?token=1"
    assert received.body == b"{}"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == receiver.url.split("/")[2]
    assert "cookie" not in received.headers


@pytest.mark.parametrize("code", [200, 201, 204, 299])
async def test_success_is_2xx(code: int, receiver: Receiver) -> None:
    """All of it."""
    receiver.always = status(code, "connection: close")
    answer = await post(receiver.url)
    assert (answer.delivered, answer.status, answer.failure) == (True, code, None)


@pytest.mark.parametrize("code", [301, 307, 400, 404, 410, 429, 500, 503])
async def test_nothing_else_is_success(code: int, receiver: Receiver) -> None:
    """No redirect is followed."""
    receiver.always = status(code, f"location: {receiver.url}/elsewhere")
    answer = await post(receiver.url)
    assert (answer.delivered, answer.status, answer.gone) == (False, code, code == 410)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(("code", "asked"), [(429, 7), (503, 7), (500, None)])
async def test_who_is_busy_says_how_long(code: int, asked: float | None, receiver: Receiver) -> None:
    """By Retry-After."""
    receiver.always = status(code, "Retry-After: 7")
    assert (await post(receiver.url)).retry_after == asked


async def test_an_endless_answer_is_not_read_to_its_end(receiver: Receiver) -> None:
    """Its status is enough."""
    body = b"x" * (8 * 1024 * 1024)
    receiver.always = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n" + body
    async with asyncio.timeout(5):
        assert (await post(receiver.url)).delivered


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-OpenSSH_9.9\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000, b"\0" * 1000 + b"\r\n\r\n"],
)
async def test_what_is_no_http_is_a_failure(answer: bytes, receiver: Receiver) -> None:
    """Of the receiver's, with a code."""
    receiver.always = answer
    assert (await post(receiver.url)).failure is DeliveryFailure.INVALID_ANSWER


async def test_who_answers_nothing_is_given_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the whole time, however the bytes drip."""
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.05)
    receiver.hold.clear()
    answer = await post(receiver.url)
    assert answer.failure is DeliveryFailure.TIMED_OUT
    assert answer.duration >= 40


async def test_who_does_not_listen_is_a_failure() -> None:
    """Told at once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = await post(f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert answer.failure is DeliveryFailure.CONNECTION_FAILED


async def test_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system does not trust is told nothing."""
    certificate = certify(tmp_path, "127.0.0.1")
    async with receiving(tls=certificate) as receiver:
        assert (await post(receiver.url)).failure is DeliveryFailure.CONNECTION_FAILED
        assert receiver.received == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert (await post(receiver.url)).delivered
        other = AddressPolicy(("127.0.0.1",))
        assert (await post(receiver.url.replace("127.0.0.1", "localhost"), other)).failure is not None
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]
)
async def test_what_is_not_allowed_is_not_connected_to(host: str, receiver: Receiver) -> None:
    """In whatever form the host is written."""
    answer = await post(receiver.url.replace("127.0.0.1", host), AddressPolicy())
    assert answer.failure is DeliveryFailure.TARGET_NOT_ALLOWED
    assert receiver.connections == 0


async def test_a_name_that_turns_private_is_not_connected_to() -> None:
    """DNS rebinding: each connection is made to what its one look-up said. 127.0.0.2 stands for a public
    address here, 127.0.0.1 is private."""
    looked_up = []

    async def resolve(host: str, _: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.2"] if len(looked_up) == 1 else ["127.0.0.1"]

    async with receiving("127.0.0.2") as public, receiving("127.0.0.1", public.port) as private:
        public.always = status(200, "connection: close")
        async with sender(AddressPolicy(("127.0.0.2",)), resolve) as open_:
            url = public.url.replace("127.0.0.2", "rebind.example")
            assert (await open_.post(url, {}, b"{}")).delivered
            assert (await open_.post(url, {}, b"{}")).failure is DeliveryFailure.TARGET_NOT_ALLOWED
    assert looked_up == ["rebind.example"] * 2
    assert (public.connections, private.connections) == (1, 0)


async def test_only_the_allowed_ones_of_many_addresses_are_tried(receiver: Receiver) -> None:
    """A private one among them is left out; one that does not answer is passed over."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["10.0.0.1", "::1", "127.0.0.2", "127.0.0.1"]

    async with sender(AddressPolicy(("127.0.0.0/8",)), resolve) as open_:
        answer = await open_.post(receiver.url.replace("127.0.0.1", "many.example"), {}, b"{}")
    assert answer.delivered
    assert receiver.received[0].headers["host"].startswith("many.example:")


async def test_a_host_that_may_be_private_is_allowed_by_its_name(receiver: Receiver) -> None:
    """By the settings."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with sender(AddressPolicy(("receiver.internal",)), resolve) as open_:
        assert (await open_.post(receiver.url.replace("127.0.0.1", "receiver.internal"), {}, b"")).delivered
        answer = await open_.post(receiver.url.replace("127.0.0.1", "other.internal"), {}, b"")
    assert answer.failure is DeliveryFailure.TARGET_NOT_ALLOWED


async def test_a_name_without_an_address_is_a_failure() -> None:
    """And says so."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        raise HostNotFound

    async with sender(LOOPBACK, resolve) as open_:
        answer = await open_.post("http://nowhere.example/", {}, b"")
    assert answer.failure is DeliveryFailure.HOST_NOT_FOUND


async def test_a_silent_name_server_takes_no_more_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the time to connect."""
    monkeypatch.setitem(sending._TIMEOUTS["timeout"], "connect", 0.02)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with sender(LOOPBACK, resolve) as open_:
        answer = await open_.post("http://silent.example/", {}, b"")
    assert answer.failure is DeliveryFailure.TIMED_OUT


async def test_the_resolver_is_the_system_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are found each once; what cannot be looked up is not there; threads are bounded."""
    assert list(await Resolver()("127.0.0.1", 80)) == ["127.0.0.1"]
    resolver = Resolver()

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    for _ in range(50):
        with pytest.raises(HostNotFound):
            await resolver("nowhere.example", 80)


async def test_a_connection_is_used_again(receiver: Receiver) -> None:
    """A handshake for each event would be most of the work."""
    async with sender() as open_:
        for _ in range(5):
            assert (await open_.post(receiver.url, {}, b"{}")).delivered
    assert receiver.connections == 1


def certify(folder: Path, address: str) -> Path:
    """A certificate that nobody but itself vouches for, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file
