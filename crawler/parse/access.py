"""What kind of answer a page is: the article, a part of it, a wall of some kind, or an error in disguise.

Each verdict comes with its evidence; a page with a full article's worth of text is never called a wall for a word in it.
"""

from __future__ import annotations

__all__ = ["Verdict", "access_of"]

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from crawler.model.article import Access
from crawler.model.page import Page
from crawler.parse.metadata import Metadata

_SHORT = 120
_TEASER = 350
_BOT = re.compile(
    r"captcha|are you a (?:human|robot)|verify(?:ing)? (?:that )?you are (?:a )?human|checking your browser|just a moment|attention required|access denied|"
    r"unusual traffic|ddos protection|pardon our interruption|enable javascript and cookies to continue|request unsuccessful|security check|bot detection|press & hold",
    re.IGNORECASE,
)
_BOT_MARKS = (
    "cf-chl",
    "challenge-platform",
    "_incapsula_resource",
    "px-captcha",
    "g-recaptcha-response",
    "datadome",
    "ddos-guard",
    "aws-waf",
    "sec-if-cpt",
)
_CONSENT = re.compile(
    r"before you continue|accept (?:all )?cookies|we value your privacy|your privacy|cookie (?:consent|wall|policy)|zustimmen|einwilligung|"
    r"mit werbung (?:und tracking )?(?:weiter)?lesen|accepter (?:et continuer|les cookies)|continuer sans accepter|aceptar (?:las )?cookies|accetta (?:i )?cookie|privacy-?instellingen|cookies accepteren",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"subscribe (?:now|to (?:continue|read))|already a subscriber|subscribers only|for subscribers|this (?:article|content) is (?:for|reserved|available)|log ?in to (?:continue|read)|"
    r"abonnez-vous|réservé aux abonnés|déjà abonné|il vous reste \d+|jetzt (?:weiterlesen|abonnieren|testen)|weiterlesen mit|nur für abonnenten|plus-artikel|exklusiv für|artikel (?:ist )?kostenpflichtig|"
    r"suscríbete|solo para suscriptores|contenido exclusivo|abbonati|riservato agli abbonati|assine|exclusivo para assinantes|abonneer|alleen voor abonnees|prenumerera|"
    r"للمشتركين|会員限定|有料会員|订阅后|подписк[аиу] (?:на|чтобы)|только для подписчиков",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"\b404\b|not found|page (?:does not|doesn't) exist|no longer available|seite (?:wurde )?nicht gefunden|nicht mehr verfügbar|page introuvable|n'existe (?:pas|plus)|"
    r"página no (?:encontrada|existe)|pagina non trovata|página não encontrada|pagina niet gevonden|страница не найдена|الصفحة غير موجودة|页面不存在|ページが見つかりません|페이지를 찾을 수",
    re.IGNORECASE,
)
_SCRIPTED = re.compile(
    r"enable javascript|javascript (?:is )?(?:required|disabled)|requires javascript|bitte (?:aktivieren sie )?javascript|activer javascript",
    re.IGNORECASE,
)


class Verdict(NamedTuple):
    """The class of access and the evidence for it."""

    access: Access
    evidence: tuple[str, ...]


def access_of(
    page: Page, meta: Metadata, parser: LexborHTMLParser, *, title: str | None, ink: int, around: str
) -> Verdict:
    """Return what kind of answer this is: `ink` is the body's length in letters, `around` the page's other text."""
    stated = _stated(meta)
    heading = f"{title or ''} {meta.title_tag}"
    if ink < _TEASER:
        if match := _BOT.search(f"{heading} {around[:3000]}") if ink < _SHORT or _BOT.search(heading) else None:
            return Verdict("bot_wall", (f"text: {match[0]}", *_marks(page)))
        if page.status in (403, 429, 503) and _marks(page):
            return Verdict("bot_wall", (f"status: {page.status}", *_marks(page)))
        if match := _MISSING.search(heading):
            return Verdict("soft404", (f"title: {match[0]}",))
    if page.status in (404, 410):
        return Verdict("soft404", (f"status: {page.status}",))
    if ink < _SHORT and (verdict := _walled(parser, heading, around, stated)):
        return verdict
    if stated:
        return Verdict("teaser", stated)
    if ink < 3 * _TEASER and (match := _WALL.search(around)):
        return Verdict("teaser", (f"text: {match[0]}",))
    return Verdict("full", ())


def _walled(parser: LexborHTMLParser, heading: str, around: str, stated: tuple[str, ...]) -> Verdict | None:
    """Return what stands in the article's place on a page with next to no text."""
    if match := _CONSENT.search(f"{heading} {around[:4000]}"):
        return Verdict("consent", (f"text: {match[0]}",))
    if match := _WALL.search(around):
        return Verdict("wall", (*stated, f"text: {match[0]}"))
    if _script_only(parser, around):
        return Verdict("needs_javascript", ("the markup holds scripts and next to no text",))
    return Verdict("wall", stated) if stated else None


def _stated(meta: Metadata) -> tuple[str, ...]:
    """Return where the page says that it is not free."""
    found = []
    for node in (meta.article, *meta.nodes[:50]):
        value = node.get("isAccessibleForFree")
        if value is False or (isinstance(value, str) and value.strip().lower().rsplit("/", 1)[-1] == "false"):
            found.append("json-ld:isAccessibleForFree=false")
            break
    tier = (meta.first("article:content_tier", "og:article:content_tier") or "").lower()
    if tier in ("locked", "metered"):
        found.append(f"meta:article:content_tier={tier}")
    return tuple(found)


def _marks(page: Page) -> tuple[str, ...]:
    """Return the traces of bot protection in a small page."""
    if len(page.body) > 200_000:
        return ()
    lowered = page.body[:100_000].lower()
    return tuple(f"markup: {mark}" for mark in _BOT_MARKS if mark.encode() in lowered)


def _script_only(parser: LexborHTMLParser, around: str) -> bool:
    if _SCRIPTED.search(around[:2000]):
        return True
    return len(around) < 200 and len(parser.css("script")) >= 2
