"""IP addresses that we may connect to when somebody else wrote the URL.

Ranges: IANA special-purpose registries (RFC 6890); cloud metadata addresses as their vendors
document them. Python's `is_global` differs from version to version and lacks some of them, hence
the lists.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]


def _networks(*blocks: str) -> Networks:
    return tuple(map(ip_network, blocks))


# A sandbox may run on this machine, in a private network, or in a shared one (CGNAT, VPN).
PRIVATE = _networks(
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
)
# Metadata services give credentials to anyone inside. AWS and its imitators use 169.254.0.0/16,
# which is link-local. These are Alibaba, Azure's wire server, and IPv6: AWS, Google, Linode,
# Scaleway.
METADATA = _networks(
    "100.100.100.200/32",
    "168.63.129.16/32",
    "fd00:ec2::/32",
    "fd20:ce::/32",
    "fd00:a9fe:a9fe::/48",
    "fd00:42::42/128",
)
NEVER_PUBLIC = _networks(
    "192.0.0.0/24",  # protocol assignments; Oracle's metadata
    "192.0.2.0/24",  # documentation, as the next two
    "198.51.100.0/24",
    "203.0.113.0/24",
    "192.88.99.0/24",  # 6to4 relays
    "198.18.0.0/15",  # benchmarks
    "2001::/23",  # Teredo, benchmarks, ORCHID and other protocols' own
    "2001:db8::/32",  # documentation, as the next
    "3fff::/20",
    "2002::/16",  # 6to4: leads wherever the IPv4 address inside leads
)
PUBLIC_V6 = ip_network("2000::/3")  # all that is assigned so far
# DNS64 gives such addresses to machines with IPv6 only. They are as safe as the IPv4 inside.
NAT64 = IPv6Network("64:ff9b::/96")
ISATAP = {0x00005EFE, 0x02005EFE}  # bits 64 to 95 of an address whose last 32 are an IPv4 address


@lru_cache(maxsize=1024)  # every connection asks about the same few addresses
def may_dial(text: str, *, allow_private: bool) -> bool:
    """Tell whether an address may be dialled; link-local, metadata and multicast never may."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if "%" in text or _is_in(address, METADATA):
        return False
    return _is_public(address) or (allow_private and _is_in(address, PRIVATE))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in PUBLIC_V6 or int(address) >> 32 & 0xFFFFFFFF in ISATAP:
            return False
    if _is_in(address, METADATA) or _is_in(address, PRIVATE) or _is_in(address, NEVER_PUBLIC):
        return False
    return address.is_global and not (address.is_reserved or address.is_multicast)


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address.version == network.version and address in network for network in networks)
