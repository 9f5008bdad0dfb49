"""Which addresses webhooks may connect to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from domain.errors import InvalidInput, TargetNotAllowed
from infrastructure.webhooks.addresses import (
    SPECIAL_IPV4,
    SPECIAL_IPV6,
    AddressPolicy,
    Network,
    special_purpose,
)

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450:4001:800::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]

SPECIAL = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.9",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_connected_to(address: str) -> None:
    """Also where IPv6 only wraps one."""
    policy = AddressPolicy()
    assert policy.allows("example.org", address)
    policy.check(address)


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_may_not(address: str) -> None:
    """In whatever form; as the host of a URL they are refused at once."""
    policy = AddressPolicy()
    assert not policy.allows("example.org", address)
    with pytest.raises(TargetNotAllowed):
        policy.check(address)


def test_every_range_is_special_from_its_first_address_to_its_last() -> None:
    """The table is what is asked."""
    networks: list[Network] = [*SPECIAL_IPV4, *SPECIAL_IPV6]
    for network in networks:
        assert special_purpose(network[0]) is not None
        assert special_purpose(network[-1]) is not None


@pytest.mark.parametrize(
    "address", ["224.0.0.1", "239.1.2.3", "ff0e::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "192.0.0.9"]
)
def test_what_python_calls_global_is_not_enough(address: str) -> None:
    """Multicast, translated loopback and metadata services, and the nearest NAT all are global to it."""
    assert ip_address(address).is_global
    assert not AddressPolicy().allows("example.org", address)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "1.2.3.4.5", "a.1"]
)
def test_numbers_that_not_everybody_reads_alike_are_refused(host: str) -> None:
    """The system's resolver takes many of them for loopback."""
    with pytest.raises(InvalidInput):
        AddressPolicy().check(host)


def test_names_are_not_judged_before_they_are_connected_to() -> None:
    """What they stand for may change at any time."""
    AddressPolicy().check("localhost")
    assert not AddressPolicy().allows("localhost", "127.0.0.1")


def test_settings_allow_networks_addresses_and_names() -> None:
    """And nothing beside them."""
    policy = AddressPolicy(("10.1.0.0/16", "::1", "Receiver.internal"))
    assert policy.allows("any", "10.1.2.3")
    assert policy.allows("any", "::ffff:10.1.2.3")
    assert policy.allows("any", "::1")
    assert policy.allows("receiver.internal", "192.168.0.1")
    assert not policy.allows("any", "10.2.0.1")
    assert not policy.allows("other.internal", "192.168.0.1")
    assert not policy.allows("any", "127.0.0.1")
    policy.check("10.1.2.3")


def test_what_is_no_address_is_not_connected_to() -> None:
    """Whatever a resolver says."""
    assert not AddressPolicy().allows("example.org", "example.org")
    assert not AddressPolicy(("example.org",)).allows("example.org", "")
