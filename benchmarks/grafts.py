"""Furniture to graft onto annotated pages, so that a selection learns kinds that few annotated pages have.

`grafted` returns a page with pieces of furniture put into, before and behind its article: readers' comments, the next
article of a stream, teasers with prose, consent tables, offers, summaries, captions and pull quotes set as paragraphs,
sign-offs. Every piece lies in an element with the attribute `MARK`, by which its blocks are known. All is drawn from a
seed.
"""

from __future__ import annotations

__all__ = ["MARK", "grafted"]

import html
import random
import re
from collections.abc import Callable, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

MARK = "data-graft"
_NAMES = [
    "Anna Berg",
    "Tom Hale",
    "Marisol Quiroga",
    "Jens Petersen",
    "Aïcha Benali",
    "O. Novak",
    "kite77",
    "Rolf",
    "the_old_miller",
    "M. Okafor",
    "Li Wen",
    "Petra S.",
    "harbourcat",
    "أحمد",
    "佐藤",
    "Игорь",
]
_CHAT = [
    "Great article, thank you for that!",
    "I have said so for years and nobody listens.",
    "So who is going to pay for all this in the end?",
    "First!",
    "You clearly have not read the report.",
    "My brother in law works there and he tells a very different story.",
    "Same here, we had it in our town last year.",
    "Vote them out.",
    "Can somebody explain to me why this takes so long?",
    "@{name} that is simply not true, look it up.",
    "LOL",
    "Nothing will change, as usual, it never does with this lot.",
    "Totally agree with you, well said!",
    "I was there yesterday and saw nothing of the kind.",
    "Does this also hold for those of us who rent?",
    "Thanks for the link, very interesting read.",
]
_OFFERS = [
    "Unlimited digital access to every story",
    "Daily puzzles, including the crossword",
    "Ad-free reading on all your devices",
    "The digital edition of the paper every evening",
    "Exclusive newsletters from our editors",
    "Take part in our commenting community",
    "Cancel at any time",
    "Email updates from your favourite authors",
    "Then $9.99 a month",
    "Share up to five articles a month with your friends",
    "Alle Inhalte auf der Website und in der App",
    "Monatlich kündbar",
    "4 Wochen für 1 Euro, danach 9,99 Euro im Monat",
    "Accès illimité à tous les articles",
    "Sans engagement, résiliable à tout moment",
    "Acceso ilimitado a todos los contenidos",
    "Sin publicidad, por 1 euro al mes",
    "Background reports and analysis by award-winning writers",
]
_COOKIES = [
    "Necessary cookies are essential for the website to function properly.",
    "This cookie is set by a provider of statistics to tell visitors apart.",
    "We and our partners store or access information on your device, such as cookies, and process personal data.",
    "Used to remember the visitor's consent to each category of cookies.",
    "Marketing cookies follow visitors across websites to show them advertisements that suit them.",
    "Diese Website verwendet Cookies, um Inhalte und Anzeigen zu personalisieren.",
    "Nous utilisons des cookies pour mesurer l'audience de nos pages.",
    "Utilizamos cookies propias y de terceros para mejorar nuestros servicios.",
]
_EMBEDS = [
    "At this point you will find external content that supplements the article. You can show it with a click.",
    "To see this content you must accept the cookies of the provider.",
    "This content is hosted by a third party that may set cookies. Please allow it to see the post.",
    "An dieser Stelle finden Sie einen externen Inhalt, der den Artikel ergänzt.",
    "Ce contenu est bloqué car vous n'avez pas accepté les traceurs.",
    "Your browser does not support this video.",
    "Este contenido no está disponible por su configuración de privacidad.",
]
_FOLLOW = [
    "Follow us on <a href=#>Facebook</a> and <a href=#>Instagram</a> for more.",
    "Get the latest news on our <a href=#>WhatsApp channel</a>.",
    "Download our app on <a href=#>Google Play</a> or the <a href=#>App Store</a>.",
    "Folgen Sie uns auf <a href=#>Google News</a>.",
    "Suivez-nous sur <a href=#>Telegram</a>.",
    "Síguenos en <a href=#>X</a> y en <a href=#>YouTube</a>.",
    "تابعوا آخر الأخبار عبر <a href=#>تطبيقنا</a>",
    "Подписывайтесь на наш <a href=#>Telegram-канал</a>.",
    "Sign up for <a href=#>our newsletter</a> and never miss a story.",
    "Do you have a tip for us? Write to <a href=#>tips@paper.example</a>.",
    "Join the conversation on <a href=#>Twitter</a> with #ourtown.",
]
_SIGNS = [
    "(dpa)",
    "(Reuters)",
    "(AFP)",
    "--(بترا)",
    "انتهای پیام/",
    "(انتهى)",
    "dpa/ab",
    "© 2026 dpa-infocom",
    "(TASS)",
    "(ANSA)",
    "(Lusa/Fim)",
    "المصدر: وكالات",
    "Reporting by Anna Berg; editing by Tom Hale",
    "With material from AP",
    "Mit Material der dpa",
    "(責任編輯：王明)",
]
_LABELS = [
    "Most read",
    "Related",
    "You may also like",
    "More from us",
    "Recommended for you",
    "Read also",
    "Don't miss",
    "Lesen Sie auch",
    "Mehr zum Thema",
    "À lire aussi",
    "Te puede interesar",
    "Leggi anche",
    "Читайте также",
    "اقرأ أيضاً",
    "関連記事",
    "相关阅读",
    "Up next",
    "Next article",
    "Trending",
    "More stories",
    "",
    "",
]
_SUMMARY = [
    "In brief",
    "Key points",
    "Summary",
    "At a glance",
    "Das Wichtigste in Kürze",
    "L'essentiel",
    "En resumen",
    "TL;DR",
    "AI summary",
    "Generated summary",
]
_MACHINE = [
    "This summary was made by a language model and checked by an editor.",
    "Generated by AI. Was this helpful?",
    "Zusammenfassung mit Hilfe von KI erstellt.",
    "Ce résumé a été généré par une IA.",
]
_READ = [
    "3 min read",
    "5 minute read",
    "Lesezeit: 4 Minuten",
    "Temps de lecture : 2 min",
    "2 min de lectura",
    "Reading time 6 minutes",
    "قراءة 3 دقائق",
    "Время чтения: 4 мин",
]
_BIO = [
    "{name} covers local politics for this newspaper. Before that she worked as a correspondent in Brussels.",
    "{name} is a freelance writer who lives with two dogs by the sea.",
    "Contact {name} at news@paper.example and follow on Twitter.",
    "{name} ist Redakteurin im Ressort Wirtschaft und schreibt seit 2014 für uns.",
    "{name} est journaliste au service politique.",
]
_CAPTIONS = [
    "Pictured from left are {name}, the mayor and two members of the club.",
    "In this Dec. 12, 2019, file photo, people walk past the gate.",
    "A view of the old harbour at dusk. (Photo: {name})",
    "{name} at the opening on Monday. Photo by {name}/Paper",
    "Archivfoto: Die alte Mühle im Herbst. Foto: {name}",
    "Une vue du port, en mars dernier. © {name} / AFP",
    "صورة أرشيفية للميناء",
    "Workers repair the roof in this handout image. Image: {name} via Getty Images",
    "The new bridge seen from the north bank of the river, with the cranes of the yard behind it.",
]
_PRESS = [
    "About the company",
    "Founded in 1978, the company makes pumps and valves for ships and employs 2,300 people at eleven sites.",
    "Media contact: press office, phone +49 40 123456, press@company.example",
    "Forward-looking statements in this release are subject to risks and uncertainties.",
]
_HASHES = [
    "x1a2b",
    "css-1q9z",
    "sc-bdVaJa",
    "_3kDf",
    "jsx-881",
    "e7n2k1",
    "px-24",
    "my-4",
    "rounded p-4",
    "grid",
    "flex",
    "wrapper-inner",
    "block-12",
    "c-9f",
]


class _Draw:
    """Draws the parts of one page's furniture."""

    def __init__(self, random_: random.Random, own: Sequence[str], foreign: Sequence[str]) -> None:
        self.random = random_
        self.own = own
        self.foreign = foreign

    def one(self, of: Sequence[str]) -> str:
        return self.random.choice(of).replace("{name}", self.random.choice(_NAMES))

    def named(self, *names: str) -> str:
        """Return an attribute with one of `names`, or with a name that says nothing, or none."""
        turn = self.random.random()
        if turn < 0.55:
            return f' class="{self.one(names)}"'
        return f' class="{self.one(_HASHES)}"' if turn < 0.85 else ""

    def prose(self, least: int, most: int) -> list[str]:
        count = self.random.randint(least, most)
        start = self.random.randrange(max(1, len(self.foreign) - count))
        return [html.escape(text) for text in self.foreign[start : start + count]]

    def sentence(self, of: Sequence[str]) -> str:
        parts = [part for part in re.split(r"(?<=[.!?。؟])\s*", self.random.choice(of)) if len(part) > 20]
        return html.escape(self.random.choice(parts) if parts else of[0][:200])

    def headline(self) -> str:
        return self.sentence(self.foreign)[:90].rstrip(" .,;:")

    def link(self, text: str) -> str:
        return f'<a href="/news/2026/{self.random.randrange(9999)}">{text}</a>'

    # ---- pieces

    def comments(self) -> str:
        said = [*_CHAT, *[self.sentence(self.foreign) for _ in range(8)]]
        items = []
        inner = self.one(("p", "div", "p", "br"))
        outer, name = (
            self.one(("li", "div", "article", "div")),
            self.named("comment", "comment-body", "comment-item", "post", "user-post", "thread-item"),
        )
        for _ in range(self.random.randint(2, 14)):
            lines = [
                self.one(said) + (" " + self.one(said) if self.random.random() < 0.6 else "")
                for _ in range(self.random.randint(1, 4))
            ]
            body = "<br><br>".join(lines) if inner == "br" else "".join(f"<{inner}>{line}</{inner}>" for line in lines)
            meta = (
                f"<div{self.named('comment-meta', 'meta', 'author')}>{self.one(_NAMES)} "
                f"{self.one(('2 hours ago', 'Mar 3', 'vor 3 Stunden', '12:40', 'says:'))}</div>"
            )
            items.append(
                f"<{outer}{name}>{meta}<div{self.named('comment-content', 'content', 'text')}>{body}</div>{self.one(('', '<a href=#>Reply</a>', '<span>Like 3</span> <a href=#>Reply</a>'))}</{outer}>"
            )
        head = self.one(
            (
                "<h2>Comments</h2>",
                "<h3>12 comments</h3>",
                "<h3>Top Rated Comments</h3>",
                "<div>Join the discussion</div>",
                "<h3>Kommentare</h3>",
                "<h2>Discussion</h2>",
                "",
            )
        )
        wrap = "ol" if outer == "li" else "div"
        return f"<section{self.named('comments', 'comments-area', 'discussion', 'reader-posts', 'thread')}>{head}<{wrap}>{''.join(items)}</{wrap}></section>"

    def next_article(self) -> str:
        tag, level = self.one(("article", "div", "section")), self.one(("h1", "h2", "h2"))
        head = self.headline()
        head = self.link(head) if self.random.random() < 0.4 else head
        byline = self.one(
            ("", f"<p{self.named('byline', 'meta')}>By {self.one(_NAMES)}, 2 May 2025</p>", "<time>2 May 2025</time>")
        )
        lead = self.one(("", f"<p>{self.one(('Up next', 'Next article', 'Read next'))}</p>"))
        prose = "".join(f"<p>{text}</p>" for text in self.prose(3, 9))
        return f"<{tag}{self.named('article', 'post', 'story', 'up-next', 'article-entity')}>{lead}<{level}>{head}</{level}>{byline}<div{self.named('article-body', 'content', 'bodytext')}>{prose}</div></{tag}>"

    def teasers(self) -> str:
        tag, level = self.one(("div", "article", "li")), self.one(("h2", "h3", "h4", "div", "strong"))
        name = self.named("teaser", "card", "box", "related-item", "story", "promo")
        cards = "".join(
            f"<{tag}{name}><{level}>{self.link(self.headline())}</{level}><p>{self.sentence(self.foreign)}</p></{tag}>"
            for _ in range(self.random.randint(1, 5))
        )
        label = self.one(_LABELS)
        head = f"<{self.one(('h3', 'div', 'p', 'strong'))}>{label}</div>" if label else ""
        head = re.sub(r"<(\w+)>(.*)</div>", r"<\1>\2</\1>", head)
        return f"<div{self.named('related', 'more-stories', 'teasers', 'recommended')}>{head}{'<ul>' + cards + '</ul>' if tag == 'li' else cards}</div>"

    def links(self) -> str:
        tag = self.one(("article", "li", "p", "div"))
        items = "".join(
            f"<{tag}{self.named('item', 'relative')}>{self.link(self.headline())}</{tag}>"
            for _ in range(self.random.randint(2, 6))
        )
        return (
            f"<div{self.named('related', 'most-read', 'inset')}><div>{self.one(_LABELS)}</div><div>{items}</div></div>"
        )

    def advertisement(self) -> str:
        return f"<{self.one(('div', 'aside', 'p'))}{self.named('ad', 'advert', 'banner')}>{self.one(('Advertisement', 'Anzeige', 'Publicité', 'Publicidad', 'Реклама', 'إعلان'))}</div>".replace(
            "<p", "<div"
        ).replace("<aside", "<div")

    def consent(self) -> str:
        rows = "".join(
            f"<tr><td>_c{n}</td><td>{self.random.randint(1, 12)} months</td><td>{self.one(_COOKIES)}</td></tr>"
            for n in range(self.random.randint(3, 20))
        )
        texts = "".join(f"<{'p'}>{self.one(_COOKIES)}</p>" for _ in range(self.random.randint(1, 4)))
        table = f"<table{self.named('cookielawinfo', 'cookie-table')}><thead><tr><th>Cookie</th><th>Duration</th><th>Description</th></tr></thead><tbody>{rows}</tbody></table>"
        return f"<div{self.named('cookie-banner', 'cli-modal', 'consent', 'gdpr', 'privacy')}>{self.one(('<h2>Privacy overview</h2>', ''))}{texts}{self.one((table, table, ''))}</div>"

    def offer(self) -> str:
        items = "".join(f"<li>{self.one(_OFFERS)}</li>" for _ in range(self.random.randint(2, 6)))
        head = self.one(
            (
                "Read on without limits",
                "Subscribe now",
                "Already a subscriber?",
                "Jetzt weiterlesen",
                "Abonnez-vous",
                "Support independent journalism",
                "Become a member",
            )
        )
        return f"<div{self.named('gate', 'paywall', 'offer', 'box', 'subscribe')}><{'p'}><strong>{head}</strong></p><ul>{items}</ul>{self.one(('', '<a href=/abo>Continue</a>', '<p>Already have an account? <a href=/l>Log in</a></p>'))}</div>"

    def summary(self) -> str:
        items = "".join(f"<li>{self.sentence(self.own)}</li>" for _ in range(self.random.randint(2, 4)))
        return f"<div{self.named('expandable', 'summary-box', 'ai-summary', 'box')}><{'div'}>{self.one(_SUMMARY)}</div><ul>{items}</ul><p>{self.one(_MACHINE)}</p></div>"

    def embed(self) -> str:
        return f"<div{self.named('embed', 'opt-in', 'placeholder')}><p>{self.one(_EMBEDS)}</p></div>"

    def reading_time(self) -> str:
        return f"<p{self.named('reading-time', 'meta')}>{self.one(_READ)}</p>"

    def follow(self) -> str:
        return f"<p{self.named('follow', 'promo', 'social')}>{self.one(_FOLLOW)}</p>"

    def sign_off(self) -> str:
        return f"<p{self.named('agency', 'source', 'credits')}>{self.one(_SIGNS)}</p>"

    def caption(self) -> str:
        return (
            f"<p{self.named('image', 'wp-caption')}><img "
            f"src=/a.jpg></p><p{self.named('wp-caption-text', 'caption')}>{self.one(_CAPTIONS)}</p>"
        )

    def pull_quote(self) -> str:
        tag = self.one(("p", "blockquote", "div", "aside"))
        return f"<{tag}{self.named('pull', 'pullquote', 'quote')}>“{self.sentence(self.own).rstrip('.')}”</{tag}>"

    def biography(self) -> str:
        return f"<div{self.named('author-bio', 'author', 'about')}><p>{self.one(_BIO)}</p></div>"

    def press(self) -> str:
        lines = self.random.sample(_PRESS[1:], self.random.randint(1, 3))
        return f"<div{self.named('boilerplate', 'about')}><h3>{_PRESS[0]}</h3>{''.join(f'<p>{line}</p>' for line in lines)}</div>"


def grafted(raw: bytes, paragraphs: Sequence[str], foreign: Sequence[str], *, seed: int) -> bytes | None:
    """Return the page (UTF-8) with furniture; None if its paragraphs are not found in it, or `foreign` texts are
    missing."""
    tree = LexborHTMLParser(raw)
    own = [text for text in paragraphs if len(text) > 60]
    places = _paragraphs(tree, own)
    if len(places) < 2 or len(foreign) < 12 or tree.body is None:
        return None
    draw = _Draw(random.Random(seed), own, foreign)
    drawn = draw.random
    pieces: list[str] = []

    def put(node: LexborNode, make: Callable[[], str], *, before: bool = False) -> None:
        token = f"@@graft{len(pieces)}@@"
        pieces.append(f'<div {MARK}="1">{make()}</div>' if drawn.random() < 0.5 else _marked(make()))
        (node.insert_before if before else node.insert_after)(token)

    insets = (
        draw.links,
        draw.advertisement,
        draw.teasers,
        draw.offer,
        draw.embed,
        draw.caption,
        draw.pull_quote,
        draw.summary,
        draw.follow,
    )
    for node in drawn.sample(places[:-1], min(len(places) - 1, drawn.randint(1, 3))):
        put(node, drawn.choice(insets))
    last = places[-1]
    container = _outer(last)
    for make in drawn.sample(
        (draw.sign_off, draw.follow, draw.biography, draw.teasers, draw.press, draw.links), drawn.randint(0, 2)
    ):
        put(last, make)
    for make in drawn.sample(
        (draw.comments, draw.next_article, draw.teasers, draw.comments, draw.next_article, draw.offer, draw.biography),
        drawn.randint(1, 2),
    ):
        put(drawn.choice((container, last.parent or last)), make)
    if drawn.random() < 0.3:
        put(places[0], drawn.choice((draw.reading_time, draw.summary, draw.caption)), before=True)
    heading = tree.css_first("h1")
    if heading is not None and drawn.random() < 0.25:
        put(heading, draw.teasers, before=True)
    text = tree.html or ""
    for number, piece in enumerate(pieces):
        text = text.replace(f"@@graft{number}@@", piece)
    if drawn.random() < 0.3:
        text = text.replace("</body>", f'<div {MARK}="1">{draw.consent()}</div></body>')
    return text.encode("utf-8", "replace")


def _marked(piece: str) -> str:
    """Return a piece with the mark on each of its outermost elements, and nothing around it."""
    holder = LexborHTMLParser(f"<body>{piece}").body
    node = holder.first_child if holder is not None else None
    while node is not None:
        if node.is_element_node:
            node.attrs[MARK] = "1"
        node = node.next
    return (holder.inner_html or "") if holder is not None else ""


def _paragraphs(tree: LexborHTMLParser, own: Sequence[str]) -> list[LexborNode]:
    """Return the nodes of the commonest kind that show the article's paragraphs."""
    wanted = {" ".join(text.split())[:80] for text in own}
    found = [node for node in tree.css("p") if " ".join(node.text().split())[:80] in wanted]
    parents: dict[int, list[LexborNode]] = {}
    for node in found:
        if node.parent is not None:
            parents.setdefault(node.parent.mem_id, []).append(node)
    return max(parents.values(), key=len, default=[])


def _outer(node: LexborNode) -> LexborNode:
    """Return the article element around `node`, or its parent."""
    at = node.parent
    for _ in range(6):
        if at is None or at.tag in ("body", "html", "main"):
            break
        if at.tag == "article":
            return at
        at = at.parent
    return node.parent if node.parent is not None and node.parent.tag not in ("body", "html") else node
