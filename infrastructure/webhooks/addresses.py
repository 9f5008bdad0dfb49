"""Which addresses webhooks may connect to: the public ones, and what the settings allow.

`ipaddress.is_global` is not enough. It says yes to multicast (224.0.0.1), to site-local addresses
(fec0::1) and to addresses of IPv6 behind which a translator or tunnel finds any address of IPv4
(64:ff9b::127.0.0.1), and what it says differs between versions of Python. So the ranges stand here,
after these registries of IANA, as of 2025-10-09:

* https://www.iana.org/assignments/iana-ipv4-special-registry
* https://www.iana.org/assignments/iana-ipv6-special-registry
* https://www.iana.org/assignments/ipv6-address-space, whose only global unicast range is 2000::/3
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias

from domain.errors import InvalidInput, TargetNotAllowed

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

SPECIAL_IPV4: Final = {
    IPv4Network(network): purpose
    for network, purpose in {
        "0.0.0.0/8": "this network (RFC 791)",
        "10.0.0.0/8": "private (RFC 1918)",
        "100.64.0.0/10": "shared by carriers (RFC 6598)",
        "127.0.0.0/8": "loopback (RFC 1122)",
        "169.254.0.0/16": "link-local (RFC 3927)",
        "172.16.0.0/12": "private (RFC 1918)",
        "192.0.0.0/24": "protocol assignments (RFC 6890)",
        "192.0.2.0/24": "documentation (RFC 5737)",
        "192.31.196.0/24": "AS112 (RFC 7535)",
        "192.52.193.0/24": "AMT relays (RFC 7450)",
        "192.88.99.0/24": "6to4 relays (RFC 7526)",
        "192.168.0.0/16": "private (RFC 1918)",
        "192.175.48.0/24": "AS112 (RFC 7534)",
        "198.18.0.0/15": "benchmarking (RFC 2544)",
        "198.51.100.0/24": "documentation (RFC 5737)",
        "203.0.113.0/24": "documentation (RFC 5737)",
        "224.0.0.0/4": "multicast (RFC 5771)",
        "240.0.0.0/4": "reserved and broadcast (RFC 1112, RFC 8190)",
    }.items()
}
GLOBAL_IPV6: Final = IPv6Network("2000::/3")
SPECIAL_IPV6: Final = {
    IPv6Network(network): purpose
    for network, purpose in {
        "2001::/23": "protocol assignments, Teredo and benchmarking among them (RFC 2928, 4380, 5180)",
        "2001:db8::/32": "documentation (RFC 3849)",
        "2002::/16": "6to4 (RFC 3056)",
        "2620:4f:8000::/48": "AS112 (RFC 7534)",
        "3fff::/20": "documentation (RFC 9637)",
    }.items()
}
NAT64: Final = IPv6Network("64:ff9b::/96")
"""Of RFC 6052: its addresses stand for those of IPv4 that their last 32 bits are."""

_NUMBER: Final = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)\.?", re.IGNORECASE)


class AddressPolicy:
    """What may be connected to. `allowed`: networks and host names that are, whatever they are."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        networks = [parse_network(each) for each in allowed]
        self._networks = [network for network in networks if network is not None]
        self._hosts = {
            name.lower() for name, network in zip(allowed, networks, strict=True) if network is None
        }

    def allows(self, host: str, address: str) -> bool:
        """Whether an address may be connected to that a host name was resolved to."""
        parsed = _parse(address)
        if parsed is None:
            return False
        if special_purpose(parsed) is None or host.lower() in self._hosts:
            return True
        return any(parsed in network for network in self._networks if network.version == parsed.version)

    def check(self, host: str) -> None:
        """Raises TargetNotAllowed for an address that is not allowed, and InvalidInput for one in a form that
        not everybody reads alike; names are checked when they are connected to."""
        address = _parse(host)
        if address is None:
            if _NUMBER.fullmatch(host) and host.lower() not in self._hosts:
                raise InvalidInput("Write an address of IPv4 as four numbers from 0 to 255.", field="url")
            return
        if not self.allows(host, host):
            purpose = special_purpose(address)
            raise TargetNotAllowed(
                f"Webhooks are not delivered to {host}: {purpose}. An administrator can allow it with "
                "DARKROOM_WEBHOOK_ALLOW.",
                field="url",
            )


def special_purpose(address: Address) -> str | None:
    """What an address is for, where it is not one of the public ones."""
    if isinstance(address, IPv4Address):
        return next((purpose for network, purpose in SPECIAL_IPV4.items() if address in network), None)
    if address in NAT64:
        return special_purpose(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in GLOBAL_IPV6:
        return "no global unicast address (RFC 4291)"
    return next((purpose for network, purpose in SPECIAL_IPV6.items() if address in network), None)


def parse_network(text: str) -> Network | None:
    """A network or a single address; None for what may be a host name. Raises ValueError."""
    if _NUMBER.fullmatch(text) or ":" in text or "/" in text:
        return ip_network(text)
    return None


def _parse(address: str) -> Address | None:
    """An address; what IPv6 only wraps is taken out."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
