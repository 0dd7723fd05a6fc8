"""What the ledger's reasons mean in words, and what a person can do about each."""

from __future__ import annotations

__all__ = ["explain"]

_REASONS = {
    "private_address": "the host has a private or loopback address; --allow-private permits it",
    "scheme": "only http and https are fetched",
    "robots": "robots.txt forbids it; ask the publisher",
    "dns": "the host name has no address; check the spelling",
    "connect": "nothing accepts connections there; try again later",
    "connect_timeout": "the host did not accept a connection in time; try again later",
    "no_answer": "the server closed the connection without an answer; try again later",
    "unreachable": "the server could not be reached; try again later",
    "tls": "no trustworthy TLS connection; check certificate and clock, or use http:",
    "certificate": "the server's certificate is not to be trusted; check its date and name",
    "proxy": "the proxy of fetch.proxy refuses or fails",
    "empty_body": "the answer has no content",
    "timeout": "the answer took too long; try again later, or raise the limits under [fetch]",
    "broken_response": "what came is not HTTP; it is in the archive as it came",
    "truncated": "the response broke off; what came is in the archive",
    "truncated_disconnect": "the response broke off; what came is in the archive",
    "truncated_length": "the response is longer than fetch.max_body_bytes; its beginning is in the archive",
    "truncated_time": "the response took longer than fetch.body_timeout_s; what came is in the archive",
    "backed_off": "the host asks for a longer pause than fetch.max_delay_s; the next run tries again",
    "not_a_feed": "it is not RSS, Atom or JSON Feed; correct the site's declaration",
    "not_a_sitemap": "it is not a sitemap; correct the site's declaration",
    "not_a_listing": "it is not a page with links; correct the site's declaration",
    "not_recognised": "neither feed, sitemap, section page nor article",
    "not_html": "the page is not HTML",
    "no_article": "no article was found on the page",
    "too_many_redirects": "more redirects than fetch.max_redirects",
    "parse_timeout": "the parser took longer than parse.timeout_s; the capture is kept",
    "parse_crash": "the parser crashed on it; the capture is kept",
    "parse_memory": "the parser needed more than parse.memory_bytes; the capture is kept",
}


def explain(reason: str | None) -> str:
    """Return `reason` with its meaning and the next step, where they are known."""
    if reason is None:
        return "no reason was kept"
    if reason.startswith("http_"):
        status = reason.removeprefix("http_")
        said = "it is not there" if status in ("404", "410") else "the server refuses or fails"
        return f"{reason}: {said}; the answer is in the archive"
    meaning = _REASONS.get(reason)
    return f"{reason}: {meaning}" if meaning else reason
