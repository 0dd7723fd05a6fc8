"""Sites as an OPML list, and a list's feeds as sites: what goes out comes back in as it was.

Left out on the way, both ways, is what would run code, open private networks or give secrets away: `spider`, `headers`,
`cookies`, `allow_private`, and a rule's `parser`.
"""

from __future__ import annotations

__all__ = ["LeftOutChannel", "Listed", "opml_of", "sites_of"]

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, NamedTuple, get_args

import msgspec
from lxml import etree

from crawler.config import declaration_problems_of, declaration_text
from crawler.config.codes import country_fault
from crawler.config.naming import country_of, known_language, site_name
from crawler.errors import UsageError
from crawler.model.site import Site
from crawler.parse.discover.opml import NAMESPACE, Outline
from crawler.run.declaring import Key, paper_name
from crawler.run.target import as_url, site_for_url
from crawler.urls import bare_host, host_of

_KEYS: tuple[Key, ...] = get_args(Key)
_KEPT_HERE = ("spider", "headers", "cookies", "allow_private")
_SERVICES = ("feedburner.com", "feedproxy.google.com", "feedblitz.com", "rss.app", "feedrapp.info", "feedspot.com")
"""Hosts of feeds of many papers: they do not tell whose a feed is."""
_FEED_HOSTS = ("feeds.", "feed.", "rss.", "rssfeeds.")
_UNKNOWN = "und"


class LeftOutChannel(NamedTuple):
    """A channel of a list that did not become part of a site."""

    url: str
    why: str
    is_known: bool = False
    """It is followed already: nothing is lost."""


class Listed(NamedTuple):
    """What a list gives."""

    sites: tuple[Site, ...]
    left_out: tuple[LeftOutChannel, ...]


def opml_of(sites: Iterable[Site], *, at: datetime) -> tuple[bytes, tuple[str, ...]]:
    """Return `sites` as OPML 2.0 made at the moment `at`, and the names of those of which something was kept back.

    Each site is a folder in that of its country; feeds are what every reader takes for feeds.
    """
    root = etree.Element("opml", version="2.0", nsmap={"warraq": NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Sites followed by Warraq"
    etree.SubElement(head, "dateCreated").text = format_datetime(at)
    body = etree.SubElement(root, "body")
    countries: dict[str, etree._Element] = {}
    held_back = []
    for site in sorted(sites, key=lambda one: (one.country, one.name)):
        if site.country not in countries:
            countries[site.country] = etree.SubElement(body, "outline", text=site.country)
        _add(countries[site.country], site)
        if any(getattr(site, key) != _default(key) for key in _KEPT_HERE) or any(rule.parser for rule in site.rules):
            held_back.append(site.name)
    return etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="utf-8"), tuple(held_back)


def sites_of(outlines: Sequence[Outline], known: Mapping[str, Site]) -> Listed:
    """Return the sites that `outlines` make, one for each host, and what was left out; those `known` stay as they
    are.
    """
    left_out: list[LeftOutChannel] = []
    channels = {_normal(url): site.name for site in known.values() for key in _KEYS for url in getattr(site, key)}
    groups: dict[str, dict[str, Outline]] = {}
    homes: dict[str, str] = {}
    for outline in outlines:
        url = _normal(outline.url)
        home = None if url is None else _home(outline, url)
        if url is None:
            left_out.append(LeftOutChannel(outline.url, "it is no address that can be asked for"))
        elif url in channels:
            left_out.append(LeftOutChannel(url, f"it is declared already, by {channels[url]}", is_known=True))
        elif outline.key not in _KEYS:
            left_out.append(LeftOutChannel(url, f"it is of no kind that is known: {outline.key!r}"))
        elif home is None:
            step = f"`warraq sites add {url}` finds out"
            left_out.append(LeftOutChannel(url, f"it does not say whose it is (htmlUrl); {step}"))
        elif (declared := site_for_url(home, known)).name in known:
            left_out.append(
                LeftOutChannel(url, f"its host is declared already, as {declared.name}; add it there by hand")
            )
        else:
            key = outline.site or bare_host(host_of(home))
            homes.setdefault(key, home)
            groups.setdefault(key, {}).setdefault(url, outline)
    sites: list[Site] = []
    for key, group in groups.items():
        site, why = _site(homes[key], group, taken={*known, *(one.name for one in sites)})
        if site is None:
            left_out += [LeftOutChannel(url, why) for url in group]
        else:
            sites.append(site)
    return Listed(tuple(sites), tuple(left_out))


# --- out


def _add(country: etree._Element, site: Site) -> None:
    folder = etree.SubElement(country, "outline", text=site.title, htmlUrl=site.home)
    folder.set(f"{{{NAMESPACE}}}site", site.name)
    folder.set(f"{{{NAMESPACE}}}declaration", msgspec.json.encode(_rest(site)).decode())
    for key in _KEYS:
        for url in getattr(site, key):
            if key == "feeds":
                etree.SubElement(
                    folder, "outline", type="rss", text=site.title, title=site.title, xmlUrl=url, htmlUrl=site.home,
                    language=site.languages[0],
                )  # fmt: skip
            else:
                link = etree.SubElement(folder, "outline", type="link", text=f"{site.title}: {key}", url=url)
                link.set(f"{{{NAMESPACE}}}channel", key)


def _rest(site: Site) -> dict[str, Any]:
    """Return what the declaration of `site` says besides its name and channels, without what is kept here."""
    rest = {
        field.name: msgspec.to_builtins(getattr(site, field.name))
        for field in msgspec.structs.fields(site)
        if getattr(site, field.name) != _default(field.name)
    }
    return _allowed({key: value for key, value in rest.items() if key not in ("name", "home", *_KEYS)})


def _allowed(table: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in table.items() if key not in _KEPT_HERE}
    if isinstance(kept.get("rules"), list):
        rules = [
            {k: v for k, v in rule.items() if k != "parser" and v is not None}
            for rule in kept["rules"]
            if isinstance(rule, dict)
        ]
        kept["rules"] = [rule for rule in rules if rule]
    if isinstance(kept.get("schedule"), dict):
        kept["schedule"] = {k: v for k, v in kept["schedule"].items() if v is not None}
    return kept


def _default(name: str) -> object:
    field = next(field for field in msgspec.structs.fields(Site) if field.name == name)
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


# --- in


def _normal(url: str) -> str | None:
    plain = url.strip()
    if plain.lower().startswith(("feed:http", "feed://http")):
        plain = plain[5:].removeprefix("//")
    elif plain.lower().startswith("feed://"):
        plain = f"http://{plain[7:]}"
    try:
        return as_url(plain) if plain else None
    except UsageError:
        return None


def _as_written(text: str | None, normal: str) -> str:
    """Return an address as the list has it, unless it lacks what makes it one."""
    return text if text is not None and text.lower().startswith(("http://", "https://")) else normal


def _home(outline: Outline, url: str) -> str | None:
    """Return the home page of the site whose channel `outline`, at `url`, is; None if nothing tells."""
    home = _normal(outline.home or "")
    if home is not None:
        return home
    host = host_of(url)
    if any(host == service or host.endswith(f".{service}") for service in _SERVICES):
        return None
    scheme, _, rest = url.partition("://")
    netloc = rest.partition("/")[0].partition("?")[0]
    prefix = next((one for one in _FEED_HOSTS if host.startswith(one) and host.count(".") > 1), "")
    return f"{scheme}://{netloc.removeprefix(prefix)}/"


def _site(home: str, group: Mapping[str, Outline], *, taken: set[str]) -> tuple[Site | None, str]:
    """Return the site of the channels `group`; None, and why, if none can be made of them."""
    outlines = list(group.values())
    first = outlines[0]
    said = _declaration(first.declaration)
    languages = said.get("languages") or list(_languages(outlines))
    name = first.site if first.site and first.site not in taken else site_name(home.split("/")[2], taken=taken)
    title = paper_name([one.title for one in outlines if one.title], host_of(home))
    table: dict[str, Any] = {
        "title": title,
        "country": _country(first, home, languages),
        **said,
        "languages": languages,
        "home": _as_written(first.home, home),
        **{key: [_as_written(one.url, url) for url, one in group.items() if one.key == key] for key in _KEYS},
    }
    try:
        site = msgspec.convert({**table, "name": name}, Site, strict=False)
        problems = declaration_problems_of(name, declaration_text(site), name)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        return None, f"no declaration can be made of it: {error}"
    return (site, "") if not problems else (None, f"no declaration can be made of it: {problems[0].message}")


def _declaration(text: str | None) -> dict[str, Any]:
    try:
        table = msgspec.json.decode(text or "{}")
    except (msgspec.DecodeError, RecursionError):
        return {}
    return _allowed(table) if isinstance(table, dict) else {}


def _languages(outlines: Sequence[Outline]) -> Iterator[str]:
    found = dict.fromkeys(tag for one in outlines if (tag := known_language(one.language)) is not None)
    yield from found or (_UNKNOWN,)


def _country(outline: Outline, home: str, languages: Iterable[str]) -> str:
    """Return the country that a folder is named for, else what domain and language tell."""
    named = next(
        (f.lower() for f in reversed(outline.folders) if len(f) == 2 and country_fault(f.lower()) is None), None
    )
    return named or country_of(host_of(home), languages)
