"""Which addresses Warraq connects to, and the connecting.

A name is resolved and its addresses are judged on every new connection; the socket is then connected to exactly the
addresses that were judged, so that a name cannot point elsewhere in between (DNS rebinding). Loopback, private,
link-local, shared (CGNAT), reserved, multicast and unspecified addresses are refused unless `allow_private`; link-local
ones, and those where clouds tell machines their secrets, always. IPv6 forms that carry an IPv4 address (mapped,
compatible, 6to4, NAT64, Teredo) are judged by both.
"""

from __future__ import annotations

__all__ = [
    "Address",
    "AddressPolicy",
    "Connected",
    "is_never_asked",
    "is_public",
    "names_never",
    "names_private",
    "private_address",
]

import asyncio
import contextlib
import ipaddress
import itertools
import os
import socket
from typing import NamedTuple, cast

import msgspec

from crawler.errors import Refused, Unreachable

_ATTEMPT_DELAY_S = 0.25
"""RFC 8305 section 5: a slow address does not hold up the next one for longer."""

_CARRIERS = tuple(
    map(
        ipaddress.ip_network,
        (
            "64:ff9b::/96",  # NAT64, RFC 6052
            "64:ff9b:1::/48",  # the same for local use, RFC 8215: its last 32 bits with the usual length of prefix
            "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
        ),
    )
)
"""Whose last 32 bits are an IPv4 address."""
_NOT_GLOBAL = (ipaddress.ip_network("fec0::/10"), ipaddress.ip_network("3fff::/20"))
"""Python takes them for global: the site-local ones of old (RFC 3879), and those of documentation (RFC 9637)."""
_COMPATIBLE = ipaddress.ip_network("::/96")
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "169.254.0.0/16",  # link-local, RFC 3927: most clouds' metadata
            "fe80::/10",
            "100.100.100.200/32",  # Alibaba
            "168.63.129.16/32",  # Azure; public by its number
            "192.0.0.192/32",  # Oracle
            "fd00:ec2::/32",  # AWS: metadata, credentials of pods
            "fd20:ce::254/128",  # Google
            "fd00:c1::a9fe:a9fe/128",  # Oracle
            "fd00:42::42/128",  # Scaleway
        ),
    )
)
_PRIVATE_NAMES = (
    "localdomain",
    "local",
    "localhost",
    "internal",
    "home.arpa",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "svc",
)
"""What names end in that no public server has (RFC 6761, 6762 with its appendix G, 8375; ``internal`` by ICANN; the
services of a Kubernetes cluster)."""
_METADATA_NAMES = ("metadata", "instance-data", "metadata.goog", "metadata.tencentyun.com", "metadata.packet.net")
"""Of clouds' metadata services; the first two also with ``.internal`` behind them, directly or not."""

_SockAddr = tuple[str, int] | tuple[str, int, int, int]
_IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Address(NamedTuple):
    """A resolved endpoint, as the socket module wants it."""

    family: int
    sockaddr: _SockAddr

    @property
    def ip(self) -> str:
        """The IP address as text."""
        return self.sockaddr[0]


class Connected(NamedTuple):
    """A connected, non-blocking socket and the IP address at its other end."""

    sock: socket.socket
    ip: str


class AddressPolicy(msgspec.Struct, frozen=True):
    """May private addresses be asked?"""

    allow_private: bool = False

    async def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """Return the addresses of `host` that may be connected to, in the resolver's order, families alternating.

        Raises Unreachable (``dns``) if the name has no address, Refused (``private_address``) if it has no public one.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        except (socket.gaierror, UnicodeError) as error:
            raise Unreachable(f"{host} has no address ({_reason(error)})", reason="dns") from error
        addresses = tuple(
            dict.fromkeys(
                Address(int(family), cast("_SockAddr", sockaddr))
                for family, _, _, _, sockaddr in found
                if family in (socket.AF_INET, socket.AF_INET6)
            )
        )
        possible = [a for a in addresses if not is_never_asked(a.ip)]
        permitted = tuple(a for a in possible if self.allow_private or is_public(a.ip))
        if not permitted:
            shown = ", ".join(a.ip for a in addresses)
            raise private_address(f"{host} is at {shown}, which", never=not possible)
        return _alternate(permitted)

    async def connect(self, host: str, port: int) -> Connected:
        """Return a socket connected to the first of `host`'s permitted addresses that answers (RFC 8305).

        Raises Unreachable (``dns``, ``connect``) and Refused (``private_address``). Cancelling leaves nothing open.
        """
        addresses = await self.resolve(host, port)
        if len(addresses) == 1:
            address = addresses[0]
            try:
                return Connected(await _open(address), address.ip)
            except OSError as error:
                raise _unreachable(host, port, [error]) from error
        return await _race(host, port, addresses)


def is_public(ip: str) -> bool:
    """Tell whether `ip` (text, zone allowed) is a unicast address of the public Internet."""
    return all(
        address.is_global
        and not (address.is_multicast or address.is_reserved or any(address in network for network in _NOT_GLOBAL))
        for address in _judged(ipaddress.ip_address(ip))
    )


def is_never_asked(ip: str) -> bool:
    """Tell whether `ip` (text, zone allowed) is link-local, or one where a cloud's machines are told their secrets."""
    return any(
        address.version == network.version and address in network
        for address in _judged(ipaddress.ip_address(ip))
        for network in _NEVER
    )


def names_never(host: str) -> bool:
    """Tell whether `host`, as URLs in normal form have it, is an address that is never asked, or a metadata service's
    name.
    """
    if host in _METADATA_NAMES:
        return True
    if host.endswith(".internal") and host.partition(".")[0] in _METADATA_NAMES:
        return True
    try:
        return is_never_asked(host)
    except ValueError:
        return False


def names_private(host: str) -> bool:
    """Tell whether `host`, as URLs in normal form have it, is plainly no public one: a name of this network, an
    address. A name without a dot is of this network: no top-level domain has a server of its own (ICANN, 2013).
    """
    if "." not in host and ":" not in host:
        return True
    if any(host == name or host.endswith("." + name) for name in _PRIVATE_NAMES):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


def private_address(whose: str, *, never: bool = False) -> Refused:
    """Return the refusal of an address; `whose` begins its text. `never`: nothing permits it."""
    if never:
        what, next_step = "is link-local or a cloud's metadata service: it is never asked", ""
    else:
        what = "is not a public address"
        next_step = (
            "to fetch from this machine or network, declare the host with allow_private, or give --allow-private"
        )
    return Refused(f"{whose} {what}", reason="private_address", next_step=next_step)


def _judged(address: _IpAddress) -> tuple[_IpAddress, ...]:
    """Return the addresses that `address` stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    carried = (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    if address in _CARRIERS[0] or (address in _COMPATIBLE and int(address) > 1):
        return carried
    if any(address in network for network in _CARRIERS[1:]):
        return (address, *carried)
    if address.sixtofour is not None:
        return (address, address.sixtofour)
    if address.teredo is not None:
        return (address, *address.teredo)
    return (address,)


def _alternate(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """Return `addresses` with the families taking turns, the first one's first (RFC 8305 section 4)."""
    first = [a for a in addresses if a.family == addresses[0].family]
    rest = [a for a in addresses if a.family != addresses[0].family]
    pairs = itertools.zip_longest(first, rest)
    return tuple(address for pair in pairs for address in pair if address is not None)


async def _open(address: Address) -> socket.socket:
    sock = socket.socket(address.family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, address.sockaddr)
    except BaseException:
        sock.close()
        raise
    return sock


async def _race(host: str, port: int, addresses: tuple[Address, ...]) -> Connected:
    """Connect to `addresses` in order, starting the next when one fails or `_ATTEMPT_DELAY_S` have passed."""
    waiting = list(addresses)
    running: dict[asyncio.Task[socket.socket], Address] = {}
    errors: list[OSError] = []
    try:
        while waiting or running:
            if waiting:
                address = waiting.pop(0)
                running[asyncio.ensure_future(_open(address))] = address
            done, _ = await asyncio.wait(
                running, timeout=_ATTEMPT_DELAY_S if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                address = running.pop(task)
                error = task.exception()
                if error is None:
                    return Connected(task.result(), address.ip)
                if not isinstance(error, OSError):
                    raise error
                errors.append(error)
    finally:
        await _abandon(running)
    raise _unreachable(host, port, errors)


async def _abandon(running: dict[asyncio.Task[socket.socket], Address]) -> None:
    """Cancel the attempts that are no longer wanted and close what they may have opened."""
    for task in running:
        task.cancel()
    for task in running:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            (await task).close()


def _unreachable(host: str, port: int, errors: list[OSError]) -> Unreachable:
    reasons = "; ".join(dict.fromkeys(_reason(error) for error in errors))
    return Unreachable(f"{host} port {port} cannot be connected to ({reasons})", reason="connect")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror) and error.errno:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
