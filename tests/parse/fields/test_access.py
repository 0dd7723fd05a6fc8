"""Walls, challenges, consent forms, missing and script-only pages in several languages; and articles that look like them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.model.article import Article
from crawler.model.page import Page
from crawler.parse.article import parse_article

PROSE = "".join(
    f"<p>{line}</p>"
    for line in (
        "The council met on Monday evening to decide about the old mill, and it took them until after midnight to agree.",
        "Nobody had expected such a long debate, said the chair, who had prepared for an hour and brought one sandwich.",
        "In the end they voted for a compromise: the wheel stays, the roof is repaired, and the café opens in the spring.",
        "The money comes from the fund for monuments, which had been empty for years until a former miller left her house.",
    )
)
BLOCKED = (
    "<h1>Sorry, you have been blocked</h1><p>You are unable to access news.example</p>"
    f'<div class="cf-error-details"><p>{"This website is using a security service to protect itself. " * 8}</p></div>'
)
NEWS = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "The wheel stays"%s}</script>'


def read(html: str, status: int = 200) -> Article:
    page = Page(
        url="https://news.example/2024/a",
        captured_at=datetime(2025, 1, 2, tzinfo=UTC),
        body=html.encode(),
        status=status,
    )
    return parse_article(page)


def page_of(title: str, body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("title", "body", "status"),
    [
        ("Just a moment...", "<noscript>Enable JavaScript and cookies to continue</noscript>", 403),
        ("Just a moment...", '<div id="challenge-platform"></div><script src="/cdn-cgi/challenge-platform/x.js"></script>', 200),
        ("Attention Required! | Wall", BLOCKED, 403),
        ("Access to this page has been denied", "<p>Press &amp; Hold to confirm you are a human (and not a bot).</p>", 200),
        ("Pardon Our Interruption", "<p>As you were browsing something about your browser made us think you were a bot.</p>", 200),
        ("news.example", '<p>Please verify you are human.</p><script src="https://geo.captcha-delivery.com/c.js"></script>', 403),
        ("news.example", "<p>Bitte bestätigen Sie, dass Sie kein Roboter sind.</p>", 200),
        ("news.example", "<p>Vérification de sécurité en cours</p>", 200),
        ("news.example", "<p>Confirme que no eres un robot</p>", 200),
        ("news.example", "<p>Подтвердите, что вы не робот</p>", 200),
        ("安全验证", "<p>请完成安全验证后继续访问</p>", 200),
        ("news.example", "<p>私はロボットではないことを確認</p>", 200),
        ("news.example", "<p>يرجى التأكد من أنك لست روبوت</p>", 200),
        ("جارٍ التحقق", "<h1>يتم التحقق من أن اتصالك آمن</h1><p>يرجى الانتظار بينما نتحقق من متصفحك</p>", 200),
        ("news.example", "<p>التحقق من أنك إنسان. قد يستغرق هذا الإجراء بضع ثوانٍ.</p>", 200),
        ("یک لحظه", "<p>تأیید کنید که انسان هستید</p>", 200),
    ],
)  # fmt: skip
def test_a_challenge_is_a_bot_wall(title, body, status):
    article = read(page_of(title, body), status)
    assert article.access == "bot_wall"
    assert article.access_evidence


@pytest.mark.parametrize(
    "title",
    [
        "Page not found | The Herald", "404 - The Herald", "Error 404", "Oops! That page can’t be found.", "404 Not Found", "The Herald - This page does not exist",
        "Seite nicht gefunden - Der Bote", "Der Bote | Die angeforderte Seite existiert nicht mehr", "Page introuvable | Le Messager", "Página no encontrada - El Heraldo",
        "Pagina non trovata", "Página não encontrada | O Arauto", "Pagina niet gevonden", "Sidan hittades inte", "Siden blev ikke fundet", "Nie znaleziono strony", "Sayfa bulunamadı",
        "Страница не найдена — Вестник", "الصفحة غير موجودة", "صفحه مورد نظر یافت نشد", "הדף לא נמצא", "ページが見つかりません", "页面不存在", "페이지를 찾을 수 없습니다",
        "Sivua ei löytynyt | Sanansaattaja", "Az oldal nem található", "Pagina nu a fost găsită - Vestitorul", "Η σελίδα δεν βρέθηκε", "Halaman tidak ditemukan",
        "Không tìm thấy trang", "Stranica nije pronađena", "Stran ni najdena", "Страницата не е намерена", "La pàgina no existeix", "Síðan fannst ekki", "ไม่พบหน้าที่คุณต้องการ", "पृष्ठ नहीं मिला",
    ],
)  # fmt: skip
def test_a_missing_page_with_status_200_is_a_soft_404_even_below_a_list_of_the_latest_news(title):
    latest = "<p>These are the latest stories of the day, which may be of interest to the readers of this page.</p>" * 4
    article = read(page_of(title, f"<h1>{title}</h1><p>Sorry.</p>{latest}"))
    assert article.access == "soft404"


def test_a_missing_page_that_says_so_by_its_status_is_a_soft_404():
    assert read(page_of("The Herald", "<p>Sorry about that.</p>"), 410).access == "soft404"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Before you continue", "We value your privacy. We and our 240 partners store information. Accept all cookies or manage your preferences."),
        ("Zustimmung", "Mit Werbung weiterlesen. Wir und unsere Partner verwenden Cookies. Ihre Einwilligung können Sie jederzeit widerrufen. Alle akzeptieren."),
        ("Gestion des cookies", "Avec votre accord, nos partenaires et nous utilisons des cookies. Tout accepter. Continuer sans accepter."),
        ("El Heraldo", "Nosotros y nuestros socios utilizamos cookies. Aceptar y continuar. Aceptar todas las cookies o configurar."),
        ("Il Messaggero", "Accetta e continua con la pubblicità. Accetta tutti i cookie oppure abbonati."),
        ("De Bode", "Cookies accepteren. Alles accepteren of ga naar de privacy-instellingen."),
    ],
)  # fmt: skip
def test_a_page_that_asks_for_consent_in_the_articles_place_is_consent(title, text):
    assert read(page_of(title, f"<h1>{title}</h1><div><p>{text}</p></div><button>OK</button>")).access == "consent"


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to continue reading. Already a subscriber? Log in.",
        "Jetzt weiterlesen mit Plus. Bereits Abonnent? Anmelden.",
        "Article réservé aux abonnés.",
        "Contenido exclusivo para suscriptores.",
        "Riservato agli abbonati.",
        "Exclusivo para assinantes.",
        "Alleen voor abonnees.",
        "Только для подписчиков",
        "للمشتركين فقط",
        "この記事は会員限定です。",
        "订阅后阅读全文",
        "유료회원 전용",
    ],
)
def test_a_page_without_text_that_sells_it_is_a_wall(text):
    article = read(page_of("The wheel stays", f"<h1>The wheel stays</h1><div class=paywall>{text}</div>", NEWS % ""))
    assert article.access == "wall"


def test_an_opening_below_a_subscription_box_is_a_teaser():
    opening = PROSE[: PROSE.index("<p>In the end")]
    box = '<div class="paywall"><p>Subscribe to continue reading this story.</p></div>'
    article = read(page_of("The wheel stays", f"<article><h1>The wheel stays</h1>{opening}</article>{box}"))
    assert article.access == "teaser"


@pytest.mark.parametrize(
    ("more", "evidence"),
    [
        (', "isAccessibleForFree": false, "wordCount": 900', "json-ld:wordCount=900"),
        (', "isAccessibleForFree": "False", "hasPart": {"isAccessibleForFree": false, "cssSelector": ".rest"}', "markup: .rest is empty"),
    ],
)  # fmt: skip
def test_an_article_that_is_not_free_and_not_whole_is_a_teaser(more, evidence):
    html = page_of(
        "The wheel stays", f"<article><h1>The wheel stays</h1>{PROSE}<div class=rest></div></article>", NEWS % more
    )
    article = read(html)
    assert article.access == "teaser"
    assert article.access_evidence == ("json-ld:isAccessibleForFree=false", evidence)


def test_an_article_that_is_not_free_but_there_is_full_and_keeps_the_statement():
    html = page_of(
        "The wheel stays",
        f"<article><h1>The wheel stays</h1><div class=rest>{PROSE * 2}</div></article>",
        NEWS % ', "isAccessibleForFree": false, "hasPart": {"isAccessibleForFree": false, "cssSelector": ".rest"}',
    )
    article = read(html)
    assert (article.access, article.access_evidence) == ("full", ("json-ld:isAccessibleForFree=false",))


@pytest.mark.parametrize(
    "body",
    [
        '<div id="root"></div><script src="a.js"></script>',
        '<div id="__next"></div><script src="a.js"></script><script>self.x=[]</script>',
        "<app-root></app-root><script src=main.js></script>",
        "<noscript>You need to enable JavaScript to run this app.</noscript><div class=a></div>",
        "<noscript><strong>Bitte aktivieren Sie JavaScript, um diese Seite zu sehen.</strong></noscript>",
        "<noscript>Veuillez activer JavaScript pour lire cet article.</noscript>",
        "<noscript>Включите JavaScript в браузере</noscript>",
        "<noscript>このページを見るにはJavaScriptを有効にしてください</noscript>",
        "<noscript>请启用JavaScript</noscript>",
        "<noscript>يرجى تفعيل جافا سكريبت</noscript>",
        "<p>This site requires JavaScript.</p>",
        f'<article><script type="text/template">{PROSE}</script></article>{"<ul><li><a href=/x>About us</a></li></ul>" * 40}',
    ],
)
def test_a_page_that_a_script_would_fill_needs_javascript(body):
    article = read(page_of("The Herald", body))
    assert article.access == "needs_javascript"
    assert article.access_evidence


@pytest.mark.parametrize(
    ("title", "extra"),
    [
        ("Access denied: how a captcha kept the miller out", "<p>This site is protected by reCAPTCHA.</p><div class=g-recaptcha></div>"),
        ("Page not found: what becomes of old newspapers", ""),
        ("404 steps to the mill", "<footer>Error? Tell us.</footer>"),
        ("Your privacy and the mill", "<div class=cookie-banner>We value your privacy. Accept all cookies.</div>"),
        ("The wheel stays", "<aside>Subscribe now! Already a subscriber? Log in to read more.</aside>"),
        ("The wheel stays", "<noscript>Please enable JavaScript to see the comments.</noscript><div id=root></div>"),
    ],
)  # fmt: skip
def test_an_article_is_never_called_a_wall_for_a_word_in_it(title, extra):
    article = read(page_of(title, f"<article><h1>{title}</h1>{PROSE}{PROSE}</article>{extra}"))
    assert (article.access, article.access_evidence) == ("full", ())


@pytest.mark.parametrize(
    "extra",
    [
        "<p>This site is protected by reCAPTCHA and the terms of service apply.</p>",
        "<div class=cookie-banner>We value your privacy. Accept all cookies or manage your preferences.</div>",
        "<aside>Subscribe now and read on paper.</aside>",
    ],
)
def test_a_news_flash_of_one_line_is_an_article(extra):
    flash = "<p>A small fire on the roof of the old mill was put out at noon; nobody was hurt, the police said.</p>"
    article = read(
        page_of(
            "Fire at the mill is out", f"<article><h1>Fire at the mill is out</h1>{flash}</article>{extra}", NEWS % ""
        )
    )
    assert article.access == "full"


@pytest.mark.parametrize(
    "form",
    [
        '<form action="/login"><input type="email"><input type="password"><button>Sign in</button></form>',
        "<form><label>Mot de passe <input type=PASSWORD></label></form><p>Vous avez oublié votre mot de passe ?</p>",
    ],
)
def test_a_log_in_page_is_named(form):
    assert read(page_of("Welcome", f"<h1>Welcome</h1>{form}")).access == "login"


def test_an_article_with_a_form_to_log_in_is_an_article():
    html = page_of(
        "The wheel stays", f"<form><input type=password></form><article><h1>The wheel stays</h1>{PROSE}</article>"
    )
    assert read(html).access == "full"


PATIENCE = (
    "<h2>{} We look at your connection before the page is shown; this is done automatically and takes a few seconds, so "
    "leave the window open and have a little patience with us, for it is only done once a day for each of our readers.</h2>"
    "<p>If nothing happens within that time, enable cookies and reload the page, or write to us with the number below.</p>"
)
DATA_FORM = (
    "<h1>Your privacy</h1><p>Together with 511 partners we keep and read cookies on your device and use personal data such "
    "as addresses for personalised ads and content, for measuring both, and for learning about our audience.</p>"
    "<p>Accept all cookies to go on to the paper, or manage preferences. You may change your mind at any time.</p>"
)
LOG_IN = '<h1>{}</h1><p>New here? An account takes a minute and costs nothing, we promise.</p><form><input name="u"><input type="password" name="p"></form>'


@pytest.mark.parametrize(
    "asked", ["Checking your browser.", "Security check.", "Проверка браузера.", "正在进行安全验证。"]
)
def test_a_page_that_asks_for_patience_in_many_words_is_a_bot_wall(asked: str) -> None:
    assert read(f"<title>paper.example</title>{PATIENCE.format(asked)}").access == "bot_wall"


@pytest.mark.parametrize(
    ("title", "body", "access"),
    [
        ("News", "<h1>This article is no longer available</h1><p>It has expired. Please search, or visit our home page.</p>", "soft404"),
        ("Unavailable", f"<h1>451: Unavailable due to legal reasons</h1><p>{'We recognise where you are. ' * 9}</p>", "bot_wall"),
        ("The paper", "<h1>Sorry</h1><p>This content is not available in your region.</p>", "bot_wall"),
        ("Site under maintenance", "<h1>We will be back soon</h1><p>Please check back in a few minutes.</p>", "bot_wall"),
        ("Cookies", "<p>Your browser does not accept cookies. Let it, and load the page anew.</p>", "bot_wall"),
        ("paper.example", "<h1>This domain is for sale</h1><p>Buy it today, at a good price, from our partner.</p>", "bot_wall"),
    ],
)  # fmt: skip
def test_what_stands_in_the_articles_place_is_no_article(title: str, body: str, access: str) -> None:
    assert read(page_of(title, f"<main>{body}</main>")).access == access


@pytest.mark.parametrize(
    "title",
    ["Bridge under maintenance until May", "Castle is for sale", "Reports not available in your region, says mayor"],
)
def test_news_of_such_things_is_news(title: str) -> None:
    assert read(page_of(title, f"<article><h1>{title}</h1>{PROSE}</article>")).access == "full"


def test_a_long_form_about_data_is_consent() -> None:
    assert read(f"<title>Your privacy choices</title>{DATA_FORM}").access == "consent"


@pytest.mark.parametrize("title", ["Log in", "Anmelden", "Connexion", "تسجيل الدخول", "ログイン"])
def test_a_page_that_only_logs_in_is_no_article(title: str) -> None:
    assert read(f"<title>{title} - The paper</title>{LOG_IN.format(title)}").access == "login"


def test_news_about_robots_cookies_and_passwords_is_news() -> None:
    told = "<p>A bot wall with its captcha, said the council, asks readers to enable cookies; the page will be reloaded.</p>"
    form = '<form><input type="password" name="p"></form>'
    assert (
        read(f"<title>Why the paper asks who is human</title><h1>Why the paper asks</h1>{PROSE}{told}{form}").access
        == "full"
    )
    assert read(f"<title>Log in to vote</title><h1>Log in to vote, says the council</h1>{PROSE}{form}").access == "full"
