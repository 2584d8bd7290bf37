"""Which IP addresses the house may dial when somebody else wrote the URL.

Ranges: IANA special-purpose registries (RFC 6890); cloud metadata addresses as their vendors document them.
Python 3.11's `is_global` lacks some of them, hence the lists.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# Answer with credentials to whoever asks from inside: AWS, Alibaba, Azure's wire server, Oracle.
METADATA = frozenset(
    map(ip_address, ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"])
)
NEVER_PUBLIC = tuple(
    map(ip_network, ["100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "2001::/23"])
)
PUBLIC_V6 = IPv6Address("2000::")  # everything handed out so far lies in 2000::/3
NAT64 = tuple(map(ip_network, ["64:ff9b::/96", "64:ff9b:1::/48"]))


def may_dial(words: str, *, allow_private: bool) -> bool:
    """Tell whether an address may be dialled; link-local, metadata and group addresses never are."""
    try:
        address = plain(ip_address(words))
    except ValueError:
        return False
    if address in METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return _is_public(address) or (allow_private and _is_private(address))


def plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one hides (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if hidden := address.ipv4_mapped or address.sixtofour:
        return hidden
    if any(address in network for network in NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in NEVER_PUBLIC):
        return False
    if isinstance(address, IPv6Address) and int(address) >> 125 != int(PUBLIC_V6) >> 125:
        return False
    return address.is_global and not address.is_reserved


def _is_private(address: Address) -> bool:
    shared = address.version == 4 and address in NEVER_PUBLIC[0]
    return address.is_loopback or shared or (address.is_private and not address.is_reserved)
