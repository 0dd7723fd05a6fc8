"""News sentences that only resemble notices stay, wherever they stand; notices in the same words leave."""

from __future__ import annotations

import pytest

from crawler.parse.choose.manner import addresses, is_reported
from crawler.parse.fields.names import is_named, tells
from tests.parse.choose.test_select import OTHER, PROSE, body_of, kept_texts, page_of, paragraphs

INNOCENT = """
"Donate what you can, and keep our newsroom alive," the publisher told two hundred people in front of the mill.
Readers donate fourteen crowns on average; our journalism costs ten times as much, the publisher told the council.
"They support us because of our work, not because of the wheel," the nurse said.
Follow the money, the detective told her students, and you will find YouTube at the end of it.
Join the army or go to prison: on Telegram, that was the offer he received.
Get our boys home: that is the slogan of the mothers on TikTok.
All rights reserved for the crown in 1611 passed to parliament a century later, historians say.
The clause "all rights reserved" has no force in half of the countries, the court held.
© is the sign that the artist tattooed on his arm.
Cookies are stored in tins of twelve and sold at the market every Saturday.
We use cookies from the bakery next door, said the ice cream maker.
This report was published on Monday by the auditors, who found 400 million missing.
Originally published in 1851, the novel sold 3,000 copies in the lifetime of its author.
The views expressed in the letter are not those of the bishop, his spokesman said.
I earn a commission on every goat that I sell, the farmer explained.
Do you know more than the police? The question hung on every tree in the village.
Written by a language model, the judgment cited six cases that do not exist.
Your browser does not support justice, read one of the banners that the programmers carried.
Like this story, many others from the war were told only after the last witness had died.
In this family photo album, forty years of a vanished village can be seen.
Follow the same guidelines as you did at home, and stay online until your deadline has passed.
Get the support of your colleagues, family and friends before you start your online course.
Ann Miller was a teacher and writer who hid eleven children in her attic.
Edited by hand, a single gene was enough to cure the mice.
Source: the river rises in a meadow above the village, where a stone marks the spot.
Folgen hat das Urteil vor allem für Facebook und Instagram, sagen Juristen.
Alle Rechte vorbehalten blieben den Erben, entschied das Gericht am Dienstag.
Mit Informationen von Nachbarn kamen die Ermittler dem Täter auf die Spur.
Suivez l'argent, disait le juge, et vous trouverez Facebook au bout.
Photo : ce mot figurait seul sur l'enveloppe trouvée lundi.
Par Marie Dupont, tout passait, disait-on au village.
Sigue la protesta en Facebook contra el cierre de la mina.
Los artículos de opinión valen menos que los hechos, dice el juez.
Siga o dinheiro, disse o juiz, e você chega ao Facebook.
Seguirono scontri, ripresi da decine di telefoni e finiti su YouTube.
Volg het geld, zei de rechter, en u komt bij Facebook uit.
Källa: ån rinner upp på en äng ovanför byn.
Takip eden polis Facebook paylaşımıyla zanlıya ulaştı.
Следите за деньгами, говорил судья, и придёте в Facebook.
Перепечатка денег запрещена, шутил министр финансов.
حمل المتظاهرون صور القتلى ونشروها على فيسبوك.
ما را در تلگرام تهدید کردند، گفت معلم روستا.
हमें फेसबुक ने नहीं, बारिश ने रुलाया, किसान ने कहा।
الآراء في القرية منقسمة، ولا تعبر عنها الصحف.
Мнение авторов закона не изменилось за десять лет.
来源：这条河发源于村子上方的草地。
编辑：这个职业正在消失，学者在会上说。
写真：封筒に書かれていたのはこの二文字だけだった。
사진: 봉투에는 이 두 글자만 적혀 있었다.
""".strip().split("\n")


@pytest.mark.parametrize("sentence", INNOCENT)
def test_news_in_the_words_of_a_notice_stays(sentence):
    for at in (1, 3, len(PROSE)):
        lines = (*PROSE[:at], sentence, *PROSE[at:])
        assert kept_texts(page_of(paragraphs(lines)), sure=950) == lines


@pytest.mark.parametrize("sentence", INNOCENT[:3] + INNOCENT[-4:])
def test_it_stays_on_the_whole_page_too(sentence):
    assert body_of(page_of(paragraphs((*PROSE[:3], sentence, *PROSE[3:])))) == "\n\n".join(
        (*PROSE[:3], sentence, *PROSE[3:])
    )


@pytest.mark.parametrize(
    "notice",
    [
        "Follow our WhatsApp channel for the latest from the valley.",
        "Abonnez-vous à notre newsletter.",
        "关注我们的微信公众号。",
        "تابعونا على فيسبوك وتويتر.",
        "Do you have a story? Get in touch with our reporters.",
        "Support independent journalism. Become a member today.",
        "Unterstützen Sie unabhängigen Journalismus: Werden Sie Mitglied, wir brauchen Sie.",
        "© 2024 The Gazette. All rights reserved.",
        "無断転載を禁じます。",
        "This story was produced in partnership with The Other Paper.",
        "This article was translated from German by Ann Miller.",
        "The views expressed in this article are the author's own.",
        "الآراء الواردة أدناه لا تعبر عن رأي الموقع، بل تعكس وجهات نظر أصحابها فقط.",
        "Мнение автора может не совпадать с позицией редакции.",
        "本文仅代表作者个人观点。",
        "We use cookies to improve your experience.",
        "Photo: Ann Miller",
        "来源：新华社",
    ],
)
def test_a_notice_in_the_same_words_leaves(notice):
    assert kept_texts(page_of(paragraphs((*PROSE[:3], notice, *PROSE[3:]))), sure=950) == PROSE


def test_what_markup_sets_apart_need_not_speak_to_anybody():
    box = "<div class=tip><p>Folgt der Spur auf <a href=/t>Telegram</a></p></div>"
    assert kept_texts(page_of(paragraphs(PROSE[:3]) + box + paragraphs(PROSE[3:])), sure=950) == PROSE


def test_how_a_text_speaks():
    assert is_reported("« Soutenez notre journal », a lancé la directrice.")
    assert not is_reported("Support our journal and keep it free.")
    assert addresses("Abonnieren Sie den Kanal.")
    assert not addresses("The channel has forty viewers.")


def test_names_and_sentences_are_told_apart():
    assert is_named(" Ann Miller in Ferrow; Tom Lee")
    assert not is_named(" by hand, the letters were found in a wall")
    assert tells("By the time he came, the mill had burnt.")
    assert not tells("By Ann Miller, Ferrow.")


@pytest.mark.parametrize(
    "block",
    [
        "<p>Читайте также: <a href=/a>Мель</a></p>",
        "<p>Lees ook | <a href=/a>Wiel</a></p>",
        "<div class=poll><p>Should the wheel stay?</p><label><input type=radio>Yes</label></div>",
    ],
)
def test_labels_with_short_links_and_polls_without_a_form_leave(block):
    assert kept_texts(page_of(paragraphs(PROSE[:3]) + block + paragraphs(PROSE[3:])), sure=950) == PROSE


def test_the_article_that_is_named_the_next_one_leaves_though_it_lies_in_this_one():
    other = f"<section class=next><article><h2>A ferry ran aground</h2>{paragraphs(OTHER)}</article></section>"
    assert kept_texts(page_of(paragraphs(PROSE) + other), sure=950) == PROSE


def test_a_hidden_text_in_one_piece_stays_where_what_is_shown_was_not_chosen():
    whole = f"<div style='display:none'>{' '.join(PROSE)}</div>"
    html = page_of(paragraphs(PROSE) + whole)
    assert kept_texts(html, sure=[950] * 6 + [900]) == PROSE
    assert kept_texts(html, sure=[100] * 6 + [900]) == (" ".join(PROSE),)


def test_a_standfirst_among_links_stays_though_it_stands_alone():
    lead = "The wheel stays, the roof is repaired, and a café will open in the old mill by spring."
    html = page_of(f"<div>{lead}</div><div>Ann</div><div>B1</div><div>B2</div><div>B3</div>{paragraphs(PROSE)}")
    assert lead in kept_texts(html, sure=[600, 10, 10, 10, 10, *([950] * len(PROSE))])
