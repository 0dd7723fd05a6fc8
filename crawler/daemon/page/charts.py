"""Small pictures of numbers: SVG of bars, coloured by the style sheet, with the numbers in words for who cannot see."""

from __future__ import annotations

__all__ = ["day_chart", "hour_chart"]

from collections.abc import Sequence

from markupsafe import Markup, escape

_DAY_WIDTH = 6
_HOUR_WIDTH = 12


def day_chart(counts: Sequence[int], *, height: int = 28) -> Markup:
    """Return one bar for each day, the last one today, as high as its share of the highest."""
    top = max(counts, default=0) or 1
    bars = [
        _path("bar", [(place, count * height / top) for place, count in enumerate(counts) if count], height),
        _path("empty", [(place, 0.0) for place, count in enumerate(counts) if not count], height),
    ]
    label = f"articles a day, last {len(counts)} days: {sum(counts)} in all, {counts[-1] if counts else 0} today"
    return _svg(bars, len(counts) * _DAY_WIDTH, height, "spark", label)


def hour_chart(hours: Sequence[tuple[str, int, int, int]], *, height: int = 96) -> Markup:
    """Return one bar for each hour of (name, articles, other pages, failures), one upon the other."""
    top = max((a + o + f for _, a, o, f in hours), default=0) or 1
    scale = height / top
    bars: list[str] = []
    for place, (name, articles, others, failures) in enumerate(hours):
        x = place * _HOUR_WIDTH
        parts = [
            _bar(x, _HOUR_WIDTH - 2, base * scale, count * scale, height, kind)
            for kind, base, count in (
                ("articles", 0, articles),
                ("others", articles, others),
                ("failures", articles + others, failures),
            )
            if count
        ]
        title = escape(f"{name}: {articles} articles, {others} other, {failures} failed")
        bars.append(f"<g><title>{title}</title>{''.join(parts)}</g>")
    label = f"URLs settled an hour, last {len(hours)} hours; the highest {top if hours else 0}"
    return _svg(bars, len(hours) * _HOUR_WIDTH, height, "hours", label)


def _bar(x: float, width: float, base: float, length: float, height: int, kind: str) -> str:
    shown = max(length, 1.0)
    y = height - base - shown
    return f'<rect class="{kind}" x="{x}" y="{y:.1f}" width="{width}" height="{shown:.1f}"/>'


def _path(kind: str, bars: Sequence[tuple[int, float]], height: int) -> str:
    """Return all bars of one colour as one element: a page has fifty such pictures."""
    drawn = []
    for place, length in bars:
        shown = max(length, 1.0) if length else 0.5
        drawn.append(f"M{place * _DAY_WIDTH} {height - shown:.1f}h{_DAY_WIDTH - 1}V{height}h-{_DAY_WIDTH - 1}z")
    return f'<path class="{kind}" d="{"".join(drawn)}"/>' if drawn else ""


def _svg(bars: Sequence[str], width: int, height: int, kind: str, label: str) -> Markup:
    drawn = Markup("".join(bars))  # noqa: S704 - made here, of numbers and escaped names
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(kind, max(width, 1), height, label, drawn)
