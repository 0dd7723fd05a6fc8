"""The newsroom's pages: stories set into each paper's own templates, in each paper's own character encoding."""

from __future__ import annotations

__all__ = ["Paper", "article_page", "front_page", "not_found_page", "section_of"]

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from html import escape
from string import Template

import msgspec

from crawler.demo.stories import PAGES, Story, body_html

_RELATED = 4


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """How one paper looks."""

    folder: str
    """Its templates in pages/."""
    title: str
    domain: str
    """The invented host of canonical links: pages do not depend on where the newsroom listens."""
    language: str
    label_link: str
    """A label's link, with ``$section`` and ``$label``."""
    label_joint: str
    date: Callable[[datetime], str]
    json_ld: bool = False
    encoding: str = "utf-8"
    substitutes: dict[int, str] = {}
    """Code points that `encoding` lacks, and what stands for them; any other becomes a character reference."""

    def encode(self, page: str) -> bytes:
        """Return the bytes of `page`."""
        return page.translate(self.substitutes).encode(self.encoding, "xmlcharrefreplace")


def article_page(paper: Paper, story: Story, others: Sequence[Story], *, charset: str = "") -> bytes:
    """Return the page of `story`; `charset` is the meta element that declares the encoding, where there is one."""
    label = Template(paper.label_link)
    section = section_of(story)
    fields = {
        "title": escape(story.title),
        "labels": paper.label_joint.join(label.substitute(section=section, label=each) for each in story.labels),
        "label": story.labels[0],
        "section": section,
        "author": story.author,
        "published": story.published.isoformat(),
        "date": paper.date(story.published),
        "summary": escape(story.summary),
        "caption": escape(story.caption),
        "body": body_html(story.body),
        "path": story.path,
        "related": _related(others),
    }
    main = _template(paper.folder, "article").substitute(fields)
    head_title = f"{escape(story.title)} | {paper.title}"
    return _frame(paper, head_title, _head(paper, story), main, others, charset)


def front_page(paper: Paper, stories: Sequence[Story], *, charset: str = "") -> bytes:
    """Return a home or section page that lists `stories`."""
    teasers = [
        _template(paper.folder, "teaser").substitute(
            path=story.path,
            title=escape(story.title),
            summary=escape(story.summary),
            label=story.labels[0],
            section=section_of(story),
        )
        for story in stories
    ]
    main = f"<h1>{paper.title}</h1>\n" + "\n".join(teasers)
    return _frame(paper, paper.title, "", main, stories, charset)


def not_found_page(paper: Paper, stories: Sequence[Story], *, charset: str = "") -> bytes:
    """Return the body of a 404 answer."""
    return _frame(paper, f"404 | {paper.title}", "", "<h1>404</h1>", stories, charset)


def section_of(story: Story) -> str:
    """Return the first part of the story's path."""
    return story.path.split("/")[1]


@cache
def _template(folder: str, name: str) -> Template:
    return Template((PAGES / folder / f"{name}.html").read_text(encoding="utf-8"))


def _frame(paper: Paper, head_title: str, head: str, main: str, stories: Sequence[Story], charset: str) -> bytes:
    frame = _template(paper.folder, "frame")
    related = _related(stories)
    return paper.encode(frame.substitute(head_title=head_title, head=head, main=main, related=related, charset=charset))


def _related(stories: Sequence[Story]) -> str:
    links = [f'<li><a href="{story.path}">{escape(story.title)}</a></li>' for story in stories[:_RELATED]]
    return "\n".join(links)


def _head(paper: Paper, story: Story) -> str:
    url = f"https://{paper.domain}{story.path}"
    published = story.published.isoformat()
    lines = [
        f'<link rel="canonical" href="{url}">',
        f'<meta name="description" content="{escape(story.summary)}">',
        '<meta property="og:type" content="article">',
        f'<meta property="og:title" content="{escape(story.title)}">',
        f'<meta property="og:site_name" content="{paper.title}">',
        f'<meta property="article:published_time" content="{published}">',
    ]
    if paper.json_ld:
        said = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": story.title,
            "datePublished": published,
            "author": [{"@type": "Person", "name": story.author}],
            "mainEntityOfPage": url,
        }
        lines.append(f'<script type="application/ld+json">{json.dumps(said, ensure_ascii=False)}</script>')
    return "\n".join(lines)
