"""What an address says of itself, in the languages of the news."""

from __future__ import annotations

import pytest

from crawler.frontier.walls import is_front, wall_at

SITE = "https://quay.example"
STORY = f"{SITE}/2026/ferry-line-reopens"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        *[
            (path, "login")
            for path in (
                "/login?next=/a", "/user/login", "/konto/anmelden", "/kirjaudu", "/logga-in", "/prihlaseni", "/giris",
                "/bejelentkezes", "/prijava", "/accesso.php", "/iniciar-sessao", "/ingresar/", "/subscribe/offer",
                "/zaloguj", "/تسجيل-الدخول", "/%D9%88%D8%B1%D9%88%D8%AF", "/войти", "/登录", "/로그인", "/age-gate",
            )
        ],
        *[(path, "consent") for path in ("/aviso-cookies", "/cookies?back=/a", "/consent/", "/zgoda")],
        *[
            (path, "soft404")
            for path in (
                "/404.html", "/strona-nie-znaleziona", "/sidan-finns-inte", "/pagina-non-trovata", "/sayfa-bulunamadi",
                "/pagina-niet-gevonden", "/error/404", "/stranica-ne-naydena", "/page-introuvable.php",
                "/الصفحة-غير-موجودة", "/ar/يافت-نشد".replace("ي", "ی"),
            )
        ],
        *[(path, "bot_wall") for path in ("/captcha?u=1", "/blocked.html", "/cdn-cgi/challenge", "/access-denied")],
        ("/geo-blocked", "bot_wall"),
        ("/2026/ferry-line-reopens-again", None),
        ("/archive/ferry-line-reopens", None),
        ("/sport/cookies-and-other-recipes", None),
        ("/news/blocked-road-opens", None),
    ],
)  # fmt: skip
def test_an_address_tells_what_stands_there(path: str, reason: str | None) -> None:
    assert wall_at(SITE + path, of=STORY) == reason


def test_a_host_tells_it_too_if_it_is_another() -> None:
    assert wall_at("https://login.quay.example/x", of=STORY) == "login"
    assert wall_at("https://login.quay.example/x", of="https://login.quay.example/y") is None


def test_a_story_about_a_log_in_keeps_its_name() -> None:
    assert wall_at(f"{SITE}/tech/404", of=f"{SITE}/news/404") is None


@pytest.mark.parametrize(
    ("url", "front"),
    [
        (f"{SITE}/", True), (f"{SITE}/en/", True), (f"{SITE}/?error=404", True), (f"{SITE}/index.php", True),
        (f"{SITE}/startseite.html", True), (f"{SITE}/etusivu", True), (f"{SITE}/ar/home", True),
        (f"{SITE}/الرئيسية", True), (f"{SITE}/news/home", False), (f"{SITE}/?p=12", False),
        (f"{SITE}/index.php?id=5", False), (f"{SITE}/home/garden", False), (STORY, False),
    ],
)  # fmt: skip
def test_front_pages_are_known_by_their_names(url: str, front: bool) -> None:
    assert is_front(url) == front
