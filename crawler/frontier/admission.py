"""What may be asked for: a site's scope, judged anew at every announcement, for a declaration may have been
corrected.
"""

from __future__ import annotations

__all__ = ["Scope", "is_astray", "led_astray", "vouched_hosts"]

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from crawler.frontier.identity import is_home
from crawler.model.capture import Provenance
from crawler.model.run import Outcome
from crawler.model.site import Site
from crawler.urls import host_of, in_scope

_WALLS = {
    "login": (
        "login log-in logon signin sign-in sign_in sign-up signup register registration auth sso oauth account accounts"
        " user-login wp-login member-login paywall subscribe subscription subscriptions abonnement abonnieren anmelden"
        " registrieren connexion inscription se-connecter iniciar-sesion suscripcion suscribete registro entrar accedi"
        " abbonati inloggen logowanie giris uye-girisi"
    ),
    "consent": (
        "consent cookie-consent cookies-consent cookiewall cookie-wall privacy-gate gdpr gdpr-consent zustimmung"
    ),
    "soft404": (
        "404 error error404 error-404 404-error errors not-found notfound not_found page-not-found pagenotfound"
        " page-introuvable pagina-no-encontrada seite-nicht-gefunden nicht-gefunden expired article-expired gone"
        " removed"
    ),
}
_WALL_OF = {word: reason for reason, words in _WALLS.items() for word in words.split()}
_HOMES = frozenset(
    [
        "home",
        "homepage",
        "home-page",
        "startseite",
        "accueil",
        "portada",
        "inicio",
        "main",
        "frontpage",
        "front-page",
        "anasayfa",
    ]
)
_TELLS_A_PAGE = re.compile(r"(?:^|[&;])(?:[apnq]|\w*id|nr|(?:page|post|article|story|news)\w*)=", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The hosts, patterns and date that a site's pages must keep to."""

    hosts: tuple[str, ...]
    include: tuple[re.Pattern[str], ...] = ()
    exclude: tuple[re.Pattern[str], ...] = ()
    since: datetime | None = None

    @classmethod
    def of(cls, site: Site, *, since: datetime | None = None, more_hosts: tuple[str, ...] = ()) -> Scope:
        """Return the scope that `site` declares, from `since` on; `more_hosts` are those a channel vouches for."""
        return cls(
            hosts=(host_of(site.home), *site.hosts, *more_hosts),
            include=tuple(re.compile(pattern) for pattern in site.include),
            exclude=tuple(re.compile(pattern) for pattern in site.exclude),
            since=since,
        )

    def refusal(self, url: str, moment: datetime | None = None) -> str | None:
        """Return why the page at `url`, last changed at `moment`, is not asked for; None if it may be."""
        if not in_scope(url, self.hosts):
            return "other_host"
        if self.include and not any(pattern.search(url) for pattern in self.include):
            return "not_included"
        if any(pattern.search(url) for pattern in self.exclude):
            return "excluded"
        if self.since is not None and moment is not None and moment < self.since:
            return "before_since"
        return None

    def names(self, url: str) -> bool:
        """Tell whether the declaration's include asks for `url` in so many words, whatever its like gave."""
        return any(pattern.search(url) for pattern in self.include)

    @property
    def digest(self) -> str:
        """What changes whenever the declaration's scope does."""
        told = (self.hosts, [p.pattern for p in self.include], [p.pattern for p in self.exclude])
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]


def vouched_hosts(home: str | None, urls: Sequence[str]) -> tuple[str, ...]:
    """Return the hosts that a feed itself names as its paper's: that of its own link, and that of most of its items.

    Many feeds lie on another host than their stories (a feed service, a CDN).
    """
    count = Counter(host_of(url) for url in urls)
    host, most = max(count.items(), key=lambda one: one[1], default=("", 0))
    found = ([host_of(home)] if home else []) + ([host] if most * 2 > len(urls) else [])
    return tuple(dict.fromkeys(found))


def led_astray(asked: str, answered: str, hosts: tuple[str, ...]) -> tuple[Outcome, str] | None:
    """Return what became of a story `asked` for whose redirects led to `answered`; None: that is a page of its site.

    A page of another host than `hosts` (a log-in, an advertisement) is no article of the site, nor is a front page one,
    nor what by its address is a log-in, a question for consent, or a page that says not found.
    """
    if asked == answered:
        return None
    if not in_scope(answered, hosts):
        return "out_of_scope", f"redirected to {host_of(answered)}"
    reason = _wall(asked, answered) or ("soft404" if _is_front(answered) and not is_home(asked) else None)
    return None if reason is None else ("walled", reason)


def _is_front(url: str) -> bool:
    """Tell whether a redirect to `url` led to a front page: under a name of its own, or with a word on why, too."""
    parts = urlsplit(url)
    if parts.query and _TELLS_A_PAGE.search(parts.query):
        return False
    names = _names(parts.path)
    return is_home(f"{parts.scheme}://{parts.netloc}{parts.path}") or (len(names) == 1 and names[0] in _HOMES)


def _wall(asked: str, answered: str) -> str | None:
    """Return what stands at the address `answered` in the place of the story; None if it may be the story.

    A story that only moved keeps its own name.
    """
    before, after = urlsplit(asked), urlsplit(answered)
    theirs, ours = _names(after.path), _names(before.path)
    if theirs and ours and theirs[-1] == ours[-1]:
        return None
    label = (after.hostname or "").partition(".")[0]
    host = [label] if label != (before.hostname or "").partition(".")[0] else []
    named = (word for word in (*host, *theirs[:2], *theirs[-1:]) if word in _WALL_OF and word not in ours)
    return next((_WALL_OF[word] for word in named), None)


def _names(path: str) -> list[str]:
    """Return the segments of `path` in lower case, the last without its extension."""
    return [name for name in _EXTENSION.sub("", path).lower().split("/") if name]


def is_astray(url: str, known: Provenance, site: Site) -> bool:
    """Tell the same of an archived capture of `url`, from how it came to be fetched."""
    if known.role != "article" or not known.redirects:
        return False
    hosts = (host_of(known.redirects[0]), host_of(site.home), *site.hosts)
    return led_astray(known.redirects[0], url, hosts) is not None
