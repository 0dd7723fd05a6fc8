"""What class names, ids and roles say about an element: a set of bits for each, in any language that sites use.

Names are cut into tokens (``articleBody``, ``article-body`` and ``article_body`` are the same two); a token has a kind
by how it begins. A hint is evidence for the selection, never a verdict.
"""

from __future__ import annotations

__all__ = ["HINTS", "Hint", "hints_of"]

from typing import ClassVar, Final

from crawler.parse.native import Stems

# kind: how its tokens begin ("=token": the whole token)
_STEMS: Final[dict[str, str]] = {
    "nav": "nav menu breadcrumb pagin pager =toc sitemap",
    "foot": "foot colophon copyright legal imprint impressum disclaimer",
    "head": "=header masthead topbar =top",
    "side": "sidebar aside rail widget secondary =side =right =left column",
    "related": "relat recommend more readmore teaser promo trend popular mostread most =also outbrain taboola similar suggest"
    " latest next previous =prev weiter mehr verwandt related crosslink linkbox linklist =links =link card tease ticker"
    " =list carousel slider river feed recirc digest aussi =lire leia altri correlat relacion zum =see =read =seealso",
    "share": "shar social follow facebook twitter whatsapp linkedin pinterest sns addthis teilen telegram bookmark",
    "comment": "comment reacties yorum viafoura hyvor spotim disqus respond reply replies discuss komment coment forum reader talkback",
    "signup": "newsletter subscri signup =abo abonn paywall piano regwall offer donat support member login signin register"
    " metered premium =plus membership =cta",
    "consent": "cookie consent truste borlabs cmplz =cky =cli gdpr =cmp privacy onetrust didomi sourcepoint usercentrics notice alert",
    "ad": "=ad =ads advert =adv sponsor banner dfp =gpt werbung anzeige =pub publicit adslot adunit commercial affiliate partner"
    " =mpu reklam adsense",
    "caption": "caption credit figcap legend bildunter copyright photograph =bu courtesy",
    "media": "image =img photo picture media gallery galerie slideshow figure thumb =pic =foto lightbox",
    "video": "video player audio podcast listen youtube jwplayer brightcove playlist",
    "author": "author byline =bio biograph contributor auteur autor writer journalist reporter autore profile signature"
    " =by creator columnist redact redakt yazar muhabir verfasser skribent forfatter penulis szerzo",
    "date": "date datum time publish timestamp =updated =update modified fecha data hour =posted clock",
    "tags": "tag keyword topic label categor =cat chip tema theme",
    "meta": "meta =info tool action print utility =bar =btn button stat count view font",
    "kicker": "kicker overline eyebrow section rubri rubrik supertitle pretitle topline dachzeile overtitle surtitre spitzmarke"
    " antetit roofline",
    "lead": "lead lede standfirst intro summary excerpt subtitle subhead deck =dek chapo abstract descr =sapo bajada entradilla"
    " ingress manchet vorspann anreiss subline synopsis sumario resumo resume subtit =sub perex subheadline occhiello"
    " sommario chapeau lide leadtext =desc headnote strapline",
    "body": "body content text paragraph richtext copy inhalt contenu contenido conteudo cuerpo corpo texto texte wysiwyg",
    "article": "article story post entry artikel news articulo artigo beitrag nota noticia storybody main",
    "title": "title headline heading =head titre titulo titel =hed",
    "quote": "quote pullquote zitat blockquote citat cita",
    "box": "box fact factbox infobox callout inset embed tweet instagram panel module =note sidenote pullout explainer"
    " encart highlight bullet keypoint takeaway expandable accordion collapsible",
    "hidden": "hidden =sr visually offscreen invisible collapsed =hide screenreader =screen accessib =none modal popup overlay"
    " tooltip dropdown popover dialog lightbox flyout offcanvas",
    "top": "=totop backtotop gototop scrolltop",
    "live": "live liveblog ticker update timeline",
    "table": "table grid",
    "form": "form search input field poll quiz survey vote",
    "correction": "correction editor =note errat",
    "brand": "logo brand site source agency publisher",
}

HINTS: Final[tuple[str, ...]] = tuple(_STEMS)
"""The kinds, in the order of their bits."""


class Hint:
    """The bit of each kind that rules refer to."""

    NAV: ClassVar[int] = 1 << HINTS.index("nav")
    FOOT: ClassVar[int] = 1 << HINTS.index("foot")
    SIDE: ClassVar[int] = 1 << HINTS.index("side")
    RELATED: ClassVar[int] = 1 << HINTS.index("related")
    SHARE: ClassVar[int] = 1 << HINTS.index("share")
    COMMENT: ClassVar[int] = 1 << HINTS.index("comment")
    SIGNUP: ClassVar[int] = 1 << HINTS.index("signup")
    CONSENT: ClassVar[int] = 1 << HINTS.index("consent")
    AD: ClassVar[int] = 1 << HINTS.index("ad")
    CAPTION: ClassVar[int] = 1 << HINTS.index("caption")
    MEDIA: ClassVar[int] = 1 << HINTS.index("media")
    VIDEO: ClassVar[int] = 1 << HINTS.index("video")
    AUTHOR: ClassVar[int] = 1 << HINTS.index("author")
    DATE: ClassVar[int] = 1 << HINTS.index("date")
    TAGS: ClassVar[int] = 1 << HINTS.index("tags")
    META: ClassVar[int] = 1 << HINTS.index("meta")
    KICKER: ClassVar[int] = 1 << HINTS.index("kicker")
    LEAD: ClassVar[int] = 1 << HINTS.index("lead")
    BODY: ClassVar[int] = 1 << HINTS.index("body")
    ARTICLE: ClassVar[int] = 1 << HINTS.index("article")
    TITLE: ClassVar[int] = 1 << HINTS.index("title")
    HIDDEN: ClassVar[int] = 1 << HINTS.index("hidden")
    BOX: ClassVar[int] = 1 << HINTS.index("box")
    FORM: ClassVar[int] = 1 << HINTS.index("form")


_BITS: Final = Stems([
    (stem.removeprefix("="), 1 << order, stem[0] == "=") for order, stems in enumerate(_STEMS.values()) for stem in stems.split()
])  # fmt: skip
_KNOWN: Final[dict[str, int]] = {}
_MAX_KNOWN: Final = 20_000
_LONGEST: Final = 400


def hints_of(name: str) -> int:
    """Return the bits of all tokens in `name`, which may hold several class names."""
    known = _KNOWN.get(name)
    if known is not None:
        return known
    if len(_KNOWN) > _MAX_KNOWN:
        _KNOWN.clear()
    bits = _BITS.bits(name[:_LONGEST])
    if len(name) <= _LONGEST:
        _KNOWN[name] = bits
    return bits
