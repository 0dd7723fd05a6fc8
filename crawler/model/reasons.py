"""What the ledger's reasons mean in words, and what a person can do about each."""

from __future__ import annotations

__all__ = ["explain_reason", "meaning"]

_REASONS = {
    # not asked for
    "private_address": "the host has a private or loopback address; --allow-private permits it",
    "port": "its port is another service's (mail, shell, names): no browser asks there, nor do we",
    "scheme": "only http and https are fetched",
    "host": "the address names no host that can exist; the page that announced it has it wrong",
    "robots": "robots.txt forbids it; ask the publisher",
    "disallowed": "robots.txt forbids it; ask the publisher",
    "other_host": "it is on a host that is not the site's; the declaration's hosts admit more",
    "out_of_scope": "it is outside of what the site's declaration admits",
    "not_included": "it matches no pattern of the declaration's include",
    "excluded": "it matches a pattern of the declaration's exclude",
    "not_article_address": (
        "by its address it is no article but a tag, an author, a file or the like; a feed that lists it has it fetched"
    ),
    "before_since": "it was announced with an earlier date than was asked for",
    "barren_pattern": (
        "its kind of address gave no article for many pages, so one a day is looked at; include admits it"
    ),
    "repeating_path": "its address repeats a folder again and again, as a broken link does that leads ever deeper",
    "too_deep": "its address is longer than those of pages are: a broken link that leads ever deeper",
    "ignored": "the request was dropped before it was sent",
    "cancelled": "the request was cancelled; the next run tries again",
    "robots_unreachable": (
        "the host's robots.txt could not be read (5xx, 429): until it can be nothing is asked "
        "there; the next run tries again"
    ),
    "backed_off": "the host asks for a longer pause than fetch.max_delay_s; the next run tries again",
    # not obtained
    "dns": "the host name has no address; check the spelling",
    "connect": "nothing accepts connections there; try again later",
    "connect_timeout": "the host did not accept a connection in time; try again later",
    "no_answer": "the server closed the connection without an answer; try again later",
    "unreachable": "the server could not be reached; try again later",
    "tls": "no trustworthy TLS connection; check certificate and clock, or use http:",
    "certificate": "the server's certificate is not to be trusted; check its date and name",
    "proxy": "the proxy of fetch.proxy refuses or fails",
    "timeout": "the answer took too long; try again later, or raise the limits under [fetch]",
    "too_many_redirects": "more redirects than fetch.max_redirects",
    "broken_response": "what came is not HTTP; it is in the archive as it came",
    "unasked_304": "the server says that the page has not changed, though nobody asked that; tried again later",
    "empty_body": "the answer has no content",
    "truncated": "the response broke off; what came is in the archive",
    "truncated_disconnect": "the response broke off; what came is in the archive",
    "truncated_length": "the response is longer than fetch.max_body_bytes; its beginning is in the archive",
    "truncated_time": "the response took longer than fetch.body_timeout_s; what came is in the archive",
    # channels
    "overrun": (
        "nothing of the last reading was in this one: stories came and went between the two; read it more "
        "often (schedule)"
    ),
    "not_a_feed": "it is not RSS, Atom or JSON Feed; correct the site's declaration",
    "not_a_sitemap": "it is not a sitemap; correct the site's declaration",
    "not_a_listing": "it is not a page with links; correct the site's declaration",
    "page_instead": (
        "a web page came in place of the feed or sitemap: the site has moved it or dropped it; look for "
        "another one with `warraq sites add HOST --dry-run`"
    ),
    "empty": "it lists nothing now",
    "not_recognised": "neither feed, sitemap, section page nor article",
    "spider_crash": (
        "reading it failed by a fault of the program or of the site's own spider; the log has it, the "
        "answer is in the archive"
    ),
    # no article
    "not_html": "the page is not HTML",
    "no_article": "no article was found on the page",
    "not_an_article": "the page is a list, a video page or the like, not an article",
    "bad_rules": "a selector or parser of the site's rules cannot be read; correct the declaration",
    "site_parser": "the site's own parser failed on it; mend it, then replay",
    "teaser": "the publisher shows a beginning only",
    "wall": "a pay or registration wall stands in place of the article; the answer is in the archive",
    "consent": "a page that asks for consent came instead of the article; it is in the archive",
    "login": "a log-in page came instead of the article; it is in the archive",
    "soft404": "a page that says not found came, though not with that status; it is in the archive",
    "bot_wall": "a page against robots came instead of the article; it is in the archive",
    "needs_javascript": (
        "the page is empty without scripts; it is in the archive as it came, and `render = true` in "
        "the declaration has a browser read it"
    ),
    "render_failed": "the page is empty without scripts, and a browser could not make it; the log says why",
    "refresh": "the page only sends its reader on to another address",
    "same_text": "it was read again and says what it said before",
    # captured, then lost to the parser
    "parse_timeout": "the parser took longer than parse.timeout_s; the capture is kept",
    "parse_crash": "the parser crashed on it; the capture is kept",
    "parse_memory": "the parser needed more than parse.memory_bytes; the capture is kept",
    "parse_depth": "the page is nested too deeply for the parser; the capture is kept",
    "capture_unreadable": "its record cannot be read back; `warraq verify` tells more",
}


def meaning(reason: str) -> str:
    """Return what `reason` means and the next step; empty if it is not known."""
    if reason.startswith("redirected to "):
        return "it leads to another host, which is not the site's; the declaration's hosts admit more"
    if reason.startswith("http_"):
        status = reason.removeprefix("http_")
        said = "it is not there" if status in ("404", "410") else "the server refuses or fails"
        return f"{said}; the answer is in the archive"
    return _REASONS.get(reason, "")


def explain_reason(reason: str | None) -> str:
    """Return `reason` with its meaning and the next step, where they are known."""
    if reason is None:
        return "no reason was kept"
    said = meaning(reason)
    return f"{reason}: {said}" if said else reason
