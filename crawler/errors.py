"""The one error tree. The class says what the caller should do; the text says what, where and what next.

WarraqError
|- UsageError              the command line is wrong: exit 2
|  `- BadHost              a URL whose host cannot be one
|- ConfigError             config/ or seeds/ are wrong: every mistake at once, exit 2
|- FetchError              one URL failed; the run goes on        (``reason`` names the ledger's class)
|  |- Unreachable          DNS, connect, reset before an answer   retry later
|  |- TlsFailure           certificate or handshake               do not retry soon
|  |- FetchTimeout         connect, head or body took too long    retry later
|  |- BrokenResponse       what came back is not HTTP             do not retry soon
|  |- Truncated            the body ended early or hit the cap    kept, marked, not parsed as whole
|  |- BackedOff            the host asked us to wait longer than a run may
|  `- Refused              we do not ask: scheme, address or robots.txt
|- ArchiveError            a WARC, its index or the spool
|  |- SpoolBusy            another process holds it
|  |- SpoolFull            quota or disk: stop admissions, go on when there is room
|  `- BadArchive           not a WARC, torn, or not what its digest says
|- StoreError              object storage
|  |- StoreUnavailable     retry later; nothing is lost
|  |- StoreRefused         credentials, permission, no such bucket: a person must act
|  |  `- BadStoreUrl       a URL that names no store: exit 2
|  `- ObjectExists         a conditional write met an object of that name
|- DiscoveryError          not a feed, not a sitemap, too many URLs
|- ParseError              one page gave no article               (``reason`` names the ledger's class)
|- NoticeError             nobody could be told of an alarm           tried again
`- StateError              the local database
   |- StateMissing         there is none yet: nothing was run here
   |- StateDamaged         it cannot be read: made anew from the store
   `- StateUnwritable      it, or its folder, cannot be written: it may still be read
"""

from __future__ import annotations

__all__ = [
    "ArchiveError",
    "BackedOff",
    "BadArchive",
    "BadHost",
    "BadStoreUrl",
    "BrokenResponse",
    "ConfigError",
    "CrawlStopped",
    "DiscoveryError",
    "FetchError",
    "FetchTimeout",
    "NoticeError",
    "ObjectExists",
    "ParseError",
    "Problem",
    "Refused",
    "SpoolBusy",
    "SpoolFull",
    "StateDamaged",
    "StateError",
    "StateMissing",
    "StateUnwritable",
    "StoreError",
    "StoreRefused",
    "StoreUnavailable",
    "TlsFailure",
    "Truncated",
    "Unreachable",
    "UsageError",
    "WarraqError",
]

from typing import NamedTuple


class WarraqError(Exception):
    """Something a person may have to act on: `what` happened (naming the file or URL) and what to do `next`."""

    def __init__(self, what: str, *, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what}; {self.next_step}" if self.next_step else self.what


class UsageError(WarraqError):
    """The command line asks for something that cannot be."""


class BadHost(UsageError):
    """A URL names a host that cannot be one."""


class Problem(NamedTuple):
    """One mistake in a configuration file."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.message}" if self.key else f"{self.file}: {self.message}"


class ConfigError(WarraqError):
    """All mistakes of config/ and seeds/ at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class FetchError(WarraqError):
    """One URL could not be fetched. `reason` is the class the URL ledger keeps, in snake case."""

    reason = "fetch"

    def __init__(self, what: str, *, reason: str = "", next_step: str = "") -> None:
        super().__init__(what, next_step=next_step)
        if reason:
            self.reason = reason


class Unreachable(FetchError):
    """No answer: DNS, connect, or a connection closed before the first byte."""

    reason = "unreachable"


class TlsFailure(FetchError):
    """The handshake failed or the certificate is not to be trusted."""

    reason = "tls"


class FetchTimeout(FetchError):
    """A phase (connect, head, body) exceeded its limit."""

    reason = "timeout"


class BrokenResponse(FetchError):
    """The bytes received are not an HTTP/1.x response. They are archived all the same."""

    reason = "broken_response"


class Truncated(FetchError):
    """The response ended before it was complete, or was cut at ``max_body_bytes``; archived and marked."""

    reason = "truncated"


class BackedOff(FetchError):
    """The host's Retry-After, Crawl-delay or our own back-off exceeds what a run may wait."""

    reason = "backed_off"


class Refused(FetchError):
    """Warraq does not send this request: scheme, private address, or robots.txt."""

    reason = "refused"


class ArchiveError(WarraqError):
    """A WARC file, its index or the spool."""


class SpoolBusy(ArchiveError):
    """Another live process owns the state folder and its spool; the text names it."""


class SpoolFull(ArchiveError):
    """The disk or the quota is used up; nothing more is fetched until there is room."""


class BadArchive(ArchiveError):
    """Not a WARC, torn, or not what its digest says; the text names file and offset."""


class StoreError(WarraqError):
    """Object storage failed; the text names the store and the key."""


class StoreUnavailable(StoreError):
    """Passing trouble (network, 5xx, timeout, slow down): try again, nothing is lost."""


class StoreRefused(StoreError):
    """Credentials, permissions or a missing bucket: trying again does not help, a person must act."""


class BadStoreUrl(StoreRefused):
    """A URL that names no store, on the command line or in the settings."""


class ObjectExists(StoreError):
    """A conditional write found an object under that key."""


class DiscoveryError(WarraqError):
    """A feed, sitemap or listing that cannot be read as one."""


class ParseError(WarraqError):
    """A page that gave no article. `reason` is the class the URL ledger keeps, in snake case."""

    def __init__(self, what: str, *, reason: str, next_step: str = "") -> None:
        super().__init__(what, next_step=next_step)
        self.reason = reason


class RenderingFailed(WarraqError):
    """A browser could not make a page. The next page may do."""


class CrawlStopped(WarraqError):
    """A run was asked to stop before its end; its open URLs are in the ledger for the next run."""


class NoticeError(WarraqError):
    """A webhook, mail server or command did not take a notice; it is tried again."""


class StateError(WarraqError):
    """The local database is missing, damaged, newer than this program, or busy for too long."""


class StateMissing(StateError):
    """Nothing was ever kept where the settings say."""


class StateDamaged(StateError):
    """The file is no database, or pages of it cannot be read."""


class StateUnwritable(StateError):
    """The file or its folder cannot be written, or not be made."""
