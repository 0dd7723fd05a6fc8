"""Lines that say something about the page, the article or its author, and are dropped however sure the judgement was."""

from __future__ import annotations

import re

import pytest

from crawler.parse.choose import sayings
from crawler.parse.choose.sayings import is_biography, is_day_line, is_sign_off, said_about_itself, says_about
from tests.parse.choose.test_select import PROSE, kept_texts, page_of, paragraphs


def around(before: str = "", inside: str = "", after: str = "") -> str:
    return page_of(before + paragraphs(PROSE[:3]) + inside + paragraphs(PROSE[3:]) + after)


@pytest.mark.parametrize(
    "line",
    [
        "<p>3 May 2024</p>",
        "<p>3 May 2024, 16:05</p>",
        "<div>Published on 3 May 2024 at 16:05</div>",
        "<p>Updated: May 3, 2024 4:05 p.m.</p>",
        "<p>Stand: Fr., 03.05.2024, 16:05 Uhr</p>",
        "<p>vendredi 3 mai 2024 à 16h05</p>",
        "<p>نشر في 3 مايو 2024</p>",
        "<p>2024年5月3日 16:05</p>",
        "<p>입력 2024-05-03 16:05</p>",
        "<p>By Ann Miller</p>",
        "<p>By Ann Miller, 3 May 2024</p>",
        "<p>By Our Correspondent</p>",
        "<p><em>Von Anna Müller</em></p>",
        "<div class=author>Ann Miller, health correspondent</div>",
        "<div class=auteur>Marie Dupont, à Bruxelles</div>",
        "<p>FERROW (dpa)</p>",
        "<p>Save article</p>",
        "<p>Listen to this article</p>",
        "<p>Artikel anhören</p>",
        "<p>Photo: Tom Lee</p>",
        "<p>Source: Reuters</p>",
        "<p class=wp-caption-text>The mill last spring</p>",
        "<p>This article is more than 2 years old.</p>",
        "<p>Subscribers only</p>",
    ],
)
def test_a_line_below_the_headline_that_is_a_field_or_a_button_is_not_the_article(line):
    assert kept_texts(around(before=line), sure=900) == PROSE


@pytest.mark.parametrize(
    "line",
    [
        "<p>Advertisement</p>",
        "<p>ADVERTISEMENT - CONTINUE READING BELOW</p>",
        "<p>Story continues below advertisement</p>",
        "<p>Skip promotion</p>",
        "<p>[embedded video]</p>",
        "<p>WATCH: The mill from the air</p>",
        "<p><b>Read more:</b> <a href=/x>The miller wants a second wheel</a></p>",
        "<p>Also read: <a href=/x>The miller wants a second wheel</a></p>",
        "<blockquote class=twitter-tweet><p>The mill is closed until further notice, we are sorry for all who came.</p></blockquote>",
    ],
)
def test_a_line_between_paragraphs_that_is_a_label_or_an_embed_is_not_the_article(line):
    assert kept_texts(around(inside=line), sure=900) == PROSE


@pytest.mark.parametrize(
    "line",
    [
        "<p>© 2024 The Miller Post. All rights reserved.</p>",
        "<p>Copyright 2024 Associated Press. This material may not be published or redistributed.</p>",
        "<p>Tags: <a href=/t/mill>mill</a>, <a href=/t/wheel>wheel</a></p>",
        "<p>First published on 3 May 2024</p>",
        "<p>This article was originally published in The Other Paper.</p>",
        "<p>Read the original article on <a href=https://other.example>The Other Paper</a>.</p>",
        "<p>Was this article helpful? Yes No</p>",
        "<p>Like this story? Share it with a friend.</p>",
        "<p>Ann Miller is a reporter at the Post. She covers local politics.</p>",
        "<p>Anna Müller ist Redakteurin im Ressort Politik.</p>",
        "<p>Marie Dupont est journaliste au service économie.</p>",
        "<p>About the Post: The Post is the leading daily of the valley, founded in 1890.</p>",
        "<h3>About Acme Mills</h3><p>Acme Mills builds wheels for mills in forty countries.</p>",
    ],
)
def test_a_notice_below_the_text_is_not_the_article(line):
    assert kept_texts(around(after=line), sure=900) == PROSE


@pytest.mark.parametrize(
    "sentence",
    [
        "On 3 May 2024 the council decided about the wheel.",
        "By Friday the wheel had stopped.",
        "Ann Miller was elected chair of the council in May.",
        "The photo: a wheel, a river, and nobody who would have wanted to stop either of them that day.",
        "Advertisement revenue of the mill fell by a third.",
        "About 500 people came to see the wheel turn.",
        "Copying the wheel was never an aim of the society.",
        "Listen to the wheel, the miller told the children.",
        "Source code of the mill's machine was lost in the flood.",
        "Une erreur dans le calcul des taxes a coûté trois millions d'euros à la ville, dit le maire.",
        "Copyright law will be changed next year, the minister said on Monday in parliament.",
        "Prohibida la reproducción de murales en la capital, el alcalde anunció multas de mil euros.",
        "Toute reproduction des loups est désormais surveillée par les gardes du parc national.",
        "Нашли ошибку в расчётах учёные из Новосибирска, сообщила пресс-служба института.",
        "Fehler gefunden haben die Prüfer in jeder dritten Rechnung der Stadtwerke, sagt der Rechnungshof.",
        "Sostieni che il nostro lavoro sia inutile, ha detto il ministro ai giornalisti presenti.",
        "Readers who become a member of the harbour association each month pay twelve euros to it.",
    ],
)
def test_sentences_that_begin_like_one_are_the_article(sentence):
    html = around(inside=f"<p>{sentence}</p>")
    assert kept_texts(html, sure=900) == (*PROSE[:3], sentence, *PROSE[3:])


def test_each_says_what_it_is():
    assert said_about_itself("Save article", 0) == "a button or a label"
    assert said_about_itself("© 2024 The Post", 0) == "about rights"
    assert is_day_line("3 May 2024")
    assert not is_day_line("3 May")
    assert is_biography("Ann Miller is a reporter at the Post.")
    assert not is_biography("Ann Miller is the new chair of the council.")
    assert says_about("About the author", alone=True)
    assert not says_about("About time", alone=True)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200 + "x",
        "ap " * 80 + "zzzz",
        "AFP dpa de " * 20 + "zzzz",
        "- " * 120 + "contributed x",
        "a-" * 120 + " reported x",
    ],
)
def test_a_line_of_nothing_but_beginnings_is_told_at_once(text):
    assert not is_sign_off(text)


@pytest.mark.parametrize(
    ("text", "signs"), [("dpa/abc", True), ("AFP dpa de Reuters", True), ("April", False), ("Parts", False)]
)
def test_an_agencys_letters_sign_off_and_words_that_begin_with_them_do_not(text, signs):
    assert is_sign_off(text) is signs


def test_what_names_a_machine_has_one_of_the_words_that_are_looked_for_first() -> None:
    for name in sayings._MACHINE_MADE[0].pattern.split("|"):
        said = re.sub(r"\\[wb][+*]?|\(\?<?!\[[^\]]*\]\)", "", name)
        assert sayings._ON_MACHINES.found(f"x {said} x"), name
