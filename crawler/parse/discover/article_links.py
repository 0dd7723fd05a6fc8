"""Does this link lead to an article? Judged by its address and its text alone, in any script.

Two answers of different strength: `never_article` is true only where nobody doubts (the home page, tags, authors,
log-in, static files); `link_score` weighs what speaks for an article, from `ENOUGH` upwards it probably is one.
"""

from __future__ import annotations

__all__ = ["ENOUGH", "link_score", "never_article", "url_score"]

import re
from typing import Final
from urllib.parse import unquote

from crawler.parse.page.text import unit_length

ENOUGH: Final = 4.0

_STATIC: Final = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|css|js|mjs|json|xml|rss|atom|txt|pdf|docx?|xlsx?|pptx?|zip|gz|rar|7z|apk"
    r"|mp3|mp4|m3u8?|m4a|webm|avi|mov|ogg|wav|woff2?|ttf|eot)$",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"(?:^|[/_-])(?:19[89]|20\d)\d[/_-]?(?:0?[1-9]|1[0-2])[/_-]?(?:0?[1-9]|[12]\d|3[01])(?=[/_.T-]|$)"
)
_MONTH: Final = re.compile(
    r"/(?:19[89]|20\d)\d/(?:0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{5,}(?![0-9])")
_CODE: Final = re.compile(r"(?<![a-z0-9])(?=[a-z0-9]*[0-9])(?=[a-z0-9]*[a-z])[a-z0-9]{9,}", re.IGNORECASE)
_PAGE_SUFFIX: Final = re.compile(r"\.(?:s?html?|php|aspx?|jsp|cms|ece|do|story|article)$", re.IGNORECASE)
_ID_PARAMETER: Final = re.compile(
    r"(?:^|&)(?:p|id|aid|nid|newsid|article_?id|storyid|idarticle|artid|oid|no|idxno)=[0-9a-z-]{2,}", re.IGNORECASE
)
_SPLIT: Final = re.compile(r"[-_+\s,.:]+")
_INDEX: Final = re.compile(r"^(?:index|default|home|main|startseite)(?:\.\w{2,5})?$", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"^[a-z]{2}(?:[-_][a-z]{2,4})?$", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_FIRST: Final = _words(
    "tag tags tagged topic topics theme themes thema themen schlagwort schlagwoerter stichwort etiqueta etiquetas "
    "etiket category categories kategorie kategori kategoria categoria categorias categorie rubrik rubrique rubriques "
    "author authors autor autoren autores auteur auteurs autore yazar yazarlar penulis user users profile profil "
    "search suche recherche buscar buscador cerca arama sok zoek hledani szukaj login logout signin signup register "
    "account konto compte cuenta subscribe subscription subscriptions abo abonnement abonnieren newsletter newsletters "
    "contact contacts kontakt contacto impressum imprint about about-us aboutus privacy datenschutz terms agb cookies "
    "advertise advertising werbung mediadaten help hilfe faq jobs careers karriere shop store feed feeds rss sitemap "
    "wp-content wp-admin wp-login.php wp-json wp-includes cdn-cgi static assets api ajax cart checkout podcasts "
    "livetv epaper e-paper horoscope horoskop weather wetter tv-programm epg "
    "وسم وسوم تصنيف تصنيفات كاتب كتاب بحث برچسب نویسنده جستجو תגית מחבר חיפוש тег теги автор авторы рубрика поиск "
    "标签 作者 分类 タグ 著者 태그 기자"
)
_NEVER_BEFORE: Final = _words(
    "tag tags author authors autoren autores autori auteurs yazarlar staff redaktion category topic topics thema job jobs "
    "datenschutz login signin register share mot-cle mots-cles palabra-clave palavra-chave parola-chiave trefwoord "
    "slowo-kluczowe anahtar-kelime وسم تصنيف برچسب"
)
"""What stands right before a name or at the end; further up the path they hold articles too."""
_NOTICES: Final = _words(
    "privacy-policy privacy-notice privacy-statement cookie-policy cookies-policy terms-of-use terms-of-service "
    "terms-and-conditions contact-us advertise-with-us accessibility mentions-legales politique-de-confidentialite "
    "conditions-generales qui-sommes-nous contactez-nous aviso-legal politica-de-privacidad politica-de-cookies "
    "terminos-y-condiciones quienes-somos contactanos politica-de-privacidade termos-de-uso quem-somos fale-conosco "
    "contato note-legali informativa-privacy privacy-e-cookie chi-siamo contatti datenschutzerklaerung "
    "datenschutzerklärung nutzungsbedingungen ueber-uns über-uns privacybeleid algemene-voorwaarden over-ons "
    "polityka-prywatnosci regulamin o-nas gizlilik-politikasi kunye hakkimizda iletisim integritetspolicy om-oss "
    "personvern privatlivspolitik tietosuoja tietosuojaseloste ochrana-osobnich-udaju adatvedelem adatkezelesi-tajekoztato "
    "politica-de-confidentialitate termeni-si-conditii despre-noi uvjeti-koristenja politika-privatnosti "
    "politika-konfidencialnosti o-proekte kebijakan-privasi pedoman-media-siber tentang-kami redaksi chinh-sach-bao-mat"
)
"""Pages that a paper has one of, by the end of their address."""
_MACHINERY: Final = frozenset(("wp-content", "wp-json", "wp-includes", "cdn-cgi", "comments"))
_PAGED: Final = re.compile(r"/page/\d+/?$", re.IGNORECASE)
_ARTICLE_WORDS: Final = _words(
    "article articles articulo artikel articolo artigo artykul story stories news nachrichten nouvelle noticia noticias "
    "notizia haber haberi berita tin read post posts a n content خبر اخبار أخبار مقال مقالات مقاله نوشته חדשות כתבה "
    "novosti новости статья 新闻 文章 記事 기사"
)
_SHALLOW: Final = 3
_LITTLE: Final = re.compile(r"^[\W\d_]*$")


def never_article(url: str) -> bool:
    """Tell whether `url` certainly is no article: the home page, a tag, an author, a log-in, a picture ..."""
    path, query = _path_and_query(url)
    segments = _segments(path)
    if not segments or (len(segments) == 1 and (_LANGUAGE.match(segments[0]) or _INDEX.match(segments[0]))):
        return not (_ID_PARAMETER.search(query) or _NUMBER.search(query))
    if _STATIC.search(segments[-1]) or _PAGED.search(path):
        return True
    if _DATE.search(path) or _MONTH.search(path):
        return not _MACHINERY.isdisjoint(segments)
    first = 1 if len(segments) > 1 and _LANGUAGE.match(segments[0]) else 0
    if segments[first] in _NEVER_FIRST and not _is_slug(segments[-1]):
        return True
    if len(segments) <= _SHALLOW and _PAGE_SUFFIX.sub("", segments[-1]) in _NOTICES:
        return True
    return not _NEVER_BEFORE.isdisjoint(segments[-2:]) or not _MACHINERY.isdisjoint(segments)


def url_score(url: str) -> float:
    """Return how much the address speaks for an article: 0 nothing, 3 and more a lot, negative against."""
    if never_article(url):
        return -10.0
    path, query = _path_and_query(url)
    segments = _segments(path)
    last = _PAGE_SUFFIX.sub("", segments[-1]) if segments else ""
    score = 0.0
    if _DATE.search(path):
        score += 3.0
    elif _MONTH.search(path + "/"):
        score += 2.0
    score += _slug_score(last) if not last.isdecimal() else max(_slug_score(s) for s in segments)
    if _NUMBER.search(last) or _ID_PARAMETER.search(query):
        score += 2.0
    elif _CODE.search(last):
        score += 1.0
    if segments and _PAGE_SUFFIX.search(segments[-1]):
        score += 0.5
    if _ARTICLE_WORDS.intersection(segments[:-1]):
        score += 0.5
    return score + 0.25 * max(0, min(len(segments) - 1, 2))


def link_score(url: str, text: str) -> float:
    """Return how much address and link text together speak for an article; `ENOUGH` is enough."""
    return url_score(url) + _text_score(text)


def _path_and_query(url: str) -> tuple[str, str]:
    """Return path and query of an absolute URL without fragment; a sitemap has fifty thousand, so no more than that."""
    address, _, query = url.partition("?")
    start = address.find("/", address.find("://") + 3)
    return (address[start:] if start >= 0 else "/"), query


def _segments(path: str) -> list[str]:
    plain = unquote(path) if "%" in path else path
    return [segment.strip() for segment in plain.lower().split("/") if segment.strip()]


def _slug_score(segment: str) -> float:
    """Weigh a path segment by its words; an address in a script without capitals and hyphens by its length."""
    words = [word for word in _SPLIT.split(segment) if word and not word.isdecimal()]
    length = sum(unit_length(word) for word in words)
    if len(words) >= 4 or (len(words) >= 2 and length >= 24):
        return 3.0
    if not segment.isascii() and length >= 20:
        return 3.0
    if len(words) == 3 or (len(words) == 2 and length >= 14):
        return 1.5
    return 0.5 if len(words) == 2 else 0.0


def _is_slug(segment: str) -> bool:
    return _slug_score(_PAGE_SUFFIX.sub("", segment)) >= 3.0


def _text_score(text: str) -> float:
    """Weigh the link's text: headlines are long; ``More``, ``Sport`` and numbers are not headlines."""
    if not text:
        return 0.0
    length = unit_length(text)
    if length < 12 or _LITTLE.match(text):
        return -2.0
    if length < 20:
        return 0.0
    return 2.0 if length < 40 else 3.0
