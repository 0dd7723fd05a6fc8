"""What a command says at the end of a run: what was missed and why, what waits, and how to go on."""

from __future__ import annotations

__all__ = ["ending_lines"]

from collections.abc import Iterator

from crawler.model.reasons import explain_reason, meaning
from crawler.model.run import found_nothing_new
from crawler.run.progress import RunReport

_SHOWN = 10


def ending_lines(report: RunReport) -> Iterator[str]:
    """Yield the lines that explain how a run ended; none if all went well."""
    shown = list(report.failures)
    if report.state != "done":
        shown += report.refused
    for one in shown[:_SHOWN]:
        yield f"{one.outcome}: {one.url}: {explain_reason(one.reason)}"
    if len(shown) > _SHOWN:
        yield f"... and {len(shown) - _SHOWN} more; warraq runs, warraq why URL"
    if report.state == "done" and report.refused:
        yield f"{report.site}: {report.reason}; `warraq why {report.refused[0].url}` tells more"
    if report.reason and not shown and report.state != "done":
        yield f"{report.site}: {_in_words(report.reason)}"
    if found_nothing_new(report.state, report.reason):
        yield f"{report.site}: {_in_words(report.reason or '')}"
    if report.progress.waiting:
        yield (
            f"{report.site}: {report.progress.waiting} pages wait; the same command goes on with them, "
            "and --max-pages N takes more at once"
        )
    for trouble in report.trouble:
        yield f"not yet in the store: {trouble}"


def _in_words(reason: str) -> str:
    """Return the reason of a run that had nothing to obtain, with what the words of the ledger mean."""
    words = (meaning(word.strip(",")) for word in reason.split())
    told = "; ".join(dict.fromkeys(word for word in words if word))
    return f"{reason} ({told})" if told else reason
