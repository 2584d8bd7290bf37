from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from apps.core.addresses import may_dial
from tests.support.cases import case

PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808"]
HOME = [
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "fd12::1",
    "100.64.0.1",
]
NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "::ffff:127.0.0.1",
    "::ffff:192.168.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1:7f00:0:100:808:808",
    "2002:7f00:1::",
    "2002:808:808::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2606:4700::5efe:8.8.8.8",
    "2606:4700::200:5efe:10.0.0.1",
    "2606:4700:4700::1111%eth0",
    "::1%lo",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.9",
    "198.18.0.1",
    "2001:db8::1",
    "3fff::1",
    "fd20:ce::254",
    "fd00:42::42",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "::7f00:1",
    "4000::1",
    "",
    "localhost",
    "2130706433",
    "0x7f.1",
]


def test_a_public_address_may_be_dialled():
    for address in PUBLIC:
        with case(address):
            assert may_dial(address, allow_private=True)
            assert may_dial(address, allow_private=False)


def test_a_private_address_may_be_dialled_only_where_that_is_wanted():
    for address in HOME:
        with case(address):
            assert may_dial(address, allow_private=True)
            assert not may_dial(address, allow_private=False)


def test_some_addresses_are_never_dialled():
    for address in NEVER:
        with case(address):
            assert not may_dial(address, allow_private=True)
            assert not may_dial(address, allow_private=False)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_gains_nothing_by_hiding_in_ipv6(address: IPv4Address):
    plain = may_dial(str(address), allow_private=False)
    packed = f"{int(address):08x}"
    pair = f"{packed[:4]}:{packed[4:]}"
    assert may_dial(f"64:ff9b::{pair}", allow_private=False) == plain
    for disguise in (f"::ffff:{pair}", f"::{pair}", f"2002:{pair}::", f"2606:4700::5efe:{pair}"):
        assert not may_dial(disguise, allow_private=False)


@given(st.ip_addresses() | st.text())
def test_what_is_refused_at_large_is_at_most_private(address):
    if may_dial(str(address), allow_private=False):
        assert may_dial(str(address), allow_private=True)
