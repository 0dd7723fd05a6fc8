"""Asks channels once each and tells what each is and yields: nothing is announced by it, and no page fetched.

Requests go the way of every crawl's: robots.txt, the host's pace, the archive. They are never conditional, for what is
to be seen is the whole channel, and never repeated.
"""

from __future__ import annotations

__all__ = ["ChannelCheck"]

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.errors import DiscoveryError
from crawler.model.capture import Announcement, Capture, Role
from crawler.model.captured import CapturedPage
from crawler.model.channel import ChannelReport
from crawler.model.run import Outcome
from crawler.parse.discover.look import Look, look
from spiders.answer import Answer, decoded_entity, header_field
from spiders.base import Discovery, asked_url
from spiders.found import Found
from spiders.outcome import outcome_of

_PRIORITY = 100
_FAULTS: tuple[Outcome, ...] = ("failed", "lost", "disallowed", "out_of_scope", "walled", "not_modified")

Tell = Callable[[ChannelReport, Look | None, tuple[str, ...]], None]
"""Told of each channel once: the report, what was seen in the answer, the sitemaps that its host's robots.txt names."""


class ChannelCheck(Discovery):
    """Looks at the channels `asked` of one site."""

    name = "check"

    def __init__(self, *, asked: Sequence[Announcement], tell: Tell, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._asked = asked
        self._tell = tell

    def channels(self) -> Iterable[Announcement]:
        """Return those that were asked for."""
        return self._asked

    def read(self, answer: Answer) -> Found | Generator[None, None, Found]:
        """Refuse: a check announces nothing."""
        raise DiscoveryError(f"{answer.url} is only looked at")

    def _next(self, read: dict[str, Any] | None = None) -> Iterator[Request]:  # noqa: ARG002 - no pages follow
        return iter(())

    def _request(self, announcement: Announcement, *, depth: int = 0) -> Request:
        request = self._made(announcement, _PRIORITY, None, None, depth=depth)
        request.meta["dont_retry"] = True
        return request

    def _channel(self, response: Response, capture: Capture, role: Role) -> Iterator[Request | CapturedPage | None]:
        body, _ = decoded_entity(response)
        now = capture.captured_at
        seen = look(body, url=response.url, role=role, content_type=header_field(response, "Content-Type"), now=now)
        reason = seen.reason
        if reason is None and capture.truncated is not None:
            reason = f"truncated_{capture.truncated}"
        if reason is None or reason == "empty":
            super()._settle(response, "duplicate" if capture.kind == "revisit" else "captured", reason)
        else:
            super()._settle(response, "failed", reason)
        self._report(response.meta, response.url, reason, status=response.status, seen=seen)
        return iter(())

    def _settle(self, response: Response, outcome: Outcome, reason: str | None = None) -> None:
        super()._settle(response, outcome, reason)
        if outcome in _FAULTS:
            self._report(response.meta, response.url, reason or outcome, status=response.status)

    def on_error(self, failure: Failure) -> list[Request]:
        """Settle and tell of a channel that gave no response."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        error = failure.value
        decided = outcome_of(error) if error is not None else None
        if decided is not None:
            detail = getattr(error.__cause__ or error, "what", None) if error is not None else None
            self._report(request.meta, request.url, decided[1], detail=detail)
        return super().on_error(failure)

    def _report(
        self,
        meta: dict[str, Any],
        url: str,
        reason: str | None,
        *,
        status: int | None = None,
        seen: Look | None = None,
        detail: str | None = None,
    ) -> None:
        asked = asked_url(meta, url)
        look_at = seen or Look()
        report = ChannelReport(
            url=meta["provenance"].announcement.url,
            site=self.site.name,
            declared=meta["provenance"].role,
            kind=look_at.kind,
            status=status,
            items=len(look_at.links),
            newest_at=look_at.newest_at,
            language=look_at.language,
            title=look_at.title,
            redirected_to=url if asked != url else None,
            reason=reason,
            detail=detail or look_at.detail,
        )
        self._tell(report, seen, tuple(meta.get("robots_sitemaps", ())))
