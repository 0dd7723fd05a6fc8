"""Which addresses are connected to: judged after resolving, whatever form they come in."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.capture.wire.address import Address, AddressPolicy, is_never_asked, is_public, names_never, names_private
from crawler.errors import Refused, Unreachable
from tests.origin import Origin


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "fd12::1", "fec0::1", "ff02::1",
        "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:0",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "64:ff9b:1::7f00:1", "::ffff:0:7f00:1", "::ffff:0:808:808", "3fff::1",
    ],
)  # fmt: skip
def test_these_are_no_public_addresses(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip",
    ["8.8.8.8", "93.184.216.34", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_these_are(ip: str) -> None:
    assert is_public(ip)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_disguise(address: Any) -> None:
    number = int(address)
    high, low = number >> 16, number & 0xFFFF
    assert is_public(f"::ffff:{address}") == is_public(str(address))
    assert is_public(f"64:ff9b::{high:x}:{low:x}") == is_public(str(address))
    if not is_public(str(address)):
        assert not is_public(f"2002:{high:x}:{low:x}::1")


@pytest.mark.parametrize(
    "ip",
    ["169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::", "64:ff9b:1::a9fe:a9fe", "::ffff:0:a9fe:a9fe",
     "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
     "fd00:c1::a9fe:a9fe", "fd00:42::42"],
)  # fmt: skip
def test_link_local_addresses_and_metadata_services_are_never_asked(ip: str) -> None:
    assert is_never_asked(ip)
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with pytest.raises(Refused, match="never asked") as caught:
        resolve(AddressPolicy(allow_private=True), [(family, ip)])
    assert caught.value.reason == "private_address"


def test_what_is_never_asked_is_passed_over_where_there_is_something_else() -> None:
    answers = [(socket.AF_INET, "169.254.169.254"), (socket.AF_INET, "10.0.0.1")]
    assert [a.ip for a in resolve(AddressPolicy(allow_private=True), answers)] == ["10.0.0.1"]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "a.localhost",
        "printer.local",
        "db.internal",
        "nas.home.arpa",
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "db",
        "ip6-localhost",
        "wiki.intranet",
        "x.corp",
        "nas.lan",
        "router.home",
        "api.default.svc",
    ],
)
def test_names_that_are_plainly_private(host: str) -> None:
    assert names_private(host)
    assert not names_private(f"{host}.example")
    assert not names_never(host)


@pytest.mark.parametrize(
    "host",
    [
        "metadata", "instance-data", "metadata.goog", "metadata.tencentyun.com", "metadata.google.internal",
        "metadata.azure.internal", "instance-data.ec2.internal", "metadata.packet.net", "169.254.169.254",
        "fd00:ec2::254",
    ],
)  # fmt: skip
def test_names_of_metadata_services(host: str) -> None:
    assert names_never(host)
    assert not names_never(f"{host}.example")


@pytest.mark.parametrize("host", ["news.example", "metadata.example", "corp.example", "lan.example", "2606:4700::1111"])
def test_names_that_may_be_public(host: str) -> None:
    assert not names_private(host)
    assert not names_never(host)


def resolve(policy: AddressPolicy, answers: list[tuple[int, str]]) -> tuple[Address, ...]:
    async def main() -> tuple[Address, ...]:
        loop = asyncio.get_running_loop()

        async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
            return [
                (f, socket.SOCK_STREAM, 6, "", (ip, port) if f == socket.AF_INET else (ip, port, 0, 0))
                for f, ip in answers
            ]

        loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign,assignment]
        return await policy.resolve("news.example", 80)

    return asyncio.run(main())


def test_of_a_name_with_public_and_private_addresses_only_the_public_ones_are_used() -> None:
    answers = [(socket.AF_INET, "10.0.0.1"), (socket.AF_INET, "8.8.8.8"), (socket.AF_INET6, "::1")]
    assert [a.ip for a in resolve(AddressPolicy(), answers)] == ["8.8.8.8"]
    assert len(resolve(AddressPolicy(allow_private=True), answers)) == 3


def test_a_name_that_points_inside_is_refused_with_the_way_to_permit_it() -> None:
    with pytest.raises(Refused, match=r"10\.0\.0\.1.*--allow-private") as caught:
        resolve(AddressPolicy(), [(socket.AF_INET, "10.0.0.1")])
    assert caught.value.reason == "private_address"


def test_families_take_turns_beginning_with_the_resolvers_choice() -> None:
    answers = [(socket.AF_INET6, "2606:4700::1"), (socket.AF_INET6, "2606:4700::2"), (socket.AF_INET, "8.8.8.8")]
    assert [a.ip for a in resolve(AddressPolicy(), answers)] == ["2606:4700::1", "8.8.8.8", "2606:4700::2"]


def test_a_name_without_an_address_is_unreachable() -> None:
    with pytest.raises(Unreachable) as caught:
        asyncio.run(AddressPolicy().resolve("name.invalid", 80))
    assert caught.value.reason == "dns"


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", ".", "\udcff.example"])
def test_a_name_that_cannot_be_one_is_unreachable(host: str) -> None:
    with pytest.raises(Unreachable) as caught:
        asyncio.run(AddressPolicy().resolve(host, 80))
    assert caught.value.reason == "dns"


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "0"])
def test_odd_spellings_of_loopback_are_seen_through(host: str) -> None:
    with pytest.raises(Refused):
        asyncio.run(AddressPolicy().resolve(host, 80))


def connect(port: int, addresses: list[str]) -> str:
    """Connect to the first of `addresses` that answers."""

    async def main() -> str:
        loop = asyncio.get_running_loop()

        async def getaddrinfo(host: str, number: int, **_: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, number)) for ip in addresses]

        loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign,assignment]
        connected = await AddressPolicy(allow_private=True).connect("news.example", port)
        connected.sock.close()
        return connected.ip

    return asyncio.run(main())


def test_an_address_that_does_not_answer_is_passed_over(origin: Origin) -> None:
    assert connect(origin.port, ["127.0.0.2", "127.0.0.3", "127.0.0.1"]) == "127.0.0.1"


def test_when_no_address_answers_the_reason_is_said() -> None:
    with Origin() as gone:
        port = gone.port
    for addresses in (["127.0.0.2"], ["127.0.0.2", "127.0.0.3"]):
        with pytest.raises(Unreachable, match="Connection refused") as caught:
            connect(port, addresses)
        assert caught.value.reason == "connect"


def test_an_address_that_hangs_holds_up_the_next_one_for_a_moment_only(origin: Origin) -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.9", origin.port))
        full.listen(0)
        for queued in (first, second):  # the backlog is used up: further connects get no answer at all
            queued.setblocking(False)
            queued.connect_ex(("127.0.0.9", origin.port))
        started = time.monotonic()
        assert connect(origin.port, ["127.0.0.9", "127.0.0.1"]) == "127.0.0.1"
        assert 0.2 < time.monotonic() - started < 0.9
