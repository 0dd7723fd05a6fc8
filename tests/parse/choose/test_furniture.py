"""Furniture that shows by what it says and where: notes, captions, quotations pulled out, sign-offs, copies, items of a list."""

from __future__ import annotations

import pytest

from crawler.parse.choose.sayings import says_credit
from tests.parse.choose.test_select import OTHER, PROSE, body_of, kept_texts, page_of, paragraphs

POINTS = "<ul><li>The wheel stays.</li><li>The roof is repaired.</li></ul>"


def with_block(block: str) -> str:
    return page_of(paragraphs(PROSE[:3]) + block + paragraphs(PROSE[3:]))


@pytest.mark.parametrize(
    "block",
    [
        "<p>4 min read</p>",
        "<p>Lesezeit: 3 Minuten</p>",
        "<p>قراءة 5 دقائق</p>",
        "<p>https://news.example/2024/the-mill-keeps-its-wheel?id=7</p>",
        "<div class=gate><b>Read on</b><ul><li>Unlimited digital access to every story</li><li>The crossword and all puzzles</li></ul></div>",
        "<p>Follow us on <a href='#'>Facebook</a> and Instagram.</p>",
        "<p>تابعوا آخر الأخبار عبر <a href='#'>قناتنا على تلغرام</a></p>",
        "<p>To see this external content, accept the cookies of its provider.</p>",
        "<p class=pull>“The wheel stays, the roof is repaired”</p>",
        "<blockquote class=pullquote>Nobody had expected such a long debate</blockquote>",
        "<p><img src=/w.jpg></p><p>Pictured from left are the miller, the chair and the mayor of Ferrow.</p>",
        "<p>In this March 3, 2019, file photo, the wheel stands still.</p>",
        f"<div class=x><b>In brief</b>{POINTS}<p>This summary was made with the help of AI and checked.</p></div>",
    ],
)
def test_what_speaks_of_the_page_or_says_it_twice_leaves(block):
    assert body_of(with_block(block)) == "\n\n".join(PROSE)


@pytest.mark.parametrize(
    "line",
    [
        "The walk takes 4 minutes, reading the signs included, and everybody in the village has done it once in his life.",
        "Follow the river to the bridge, said the miller, and you will find the ferry that the captain ran aground on Tuesday.",
        "The chair (Ferrow) said that this summary of the debate was made by a machine that he had not been told about at all.",
    ],
)
def test_prose_that_sounds_alike_stays(line):
    assert body_of(with_block(f"<p>{line}</p>")) == "\n\n".join((*PROSE[:3], line, *PROSE[3:]))


@pytest.mark.parametrize(
    "sign",
    [
        "(dpa)",
        "--(بترا)",
        "انتهای پیام/",
        "(انتهى)",
        "المصدر: وكالات",
        "dpa/ab",
        "Reporting by Edda Brook; editing by Tomas Hale",
    ],
)
def test_a_sign_off_is_not_the_article(sign):
    assert body_of(page_of(paragraphs(PROSE) + f"<p>{sign}</p>")) == "\n\n".join(PROSE)


@pytest.mark.parametrize("hiding", ["style='display:none'", "hidden", "aria-hidden=true", "style='visibility: hidden'"])
def test_a_hidden_copy_goes_and_what_is_shown_stays(hiding):
    shown, copy = paragraphs(PROSE), f"<div {hiding}>{paragraphs(PROSE)}</div>"
    assert body_of(page_of(shown + copy)) == "\n\n".join(PROSE)
    assert body_of(page_of(copy + shown)) == "\n\n".join(PROSE)
    whole = f"<div {hiding}>{' '.join(PROSE)}</div>"
    assert body_of(page_of(shown + whole)) == "\n\n".join(PROSE)


def test_hidden_codes_are_no_paragraphs_even_where_hidden_text_is_read():
    html = page_of(f"<div hidden>{paragraphs(PROSE)}<p>https://cdn.example/a.js?v=1</p></div>")
    assert body_of(html) == "\n\n".join(PROSE)


def test_the_items_of_a_list_are_kept_or_dropped_together():
    items = "<ul><li>Weight: 40 g</li><li>Battery: 9 days</li><li>Price: 4 crowns</li></ul>"
    html = page_of(f"<p>{PROSE[0]}</p>{items}")
    texts = ("Weight: 40 g", "Battery: 9 days", "Price: 4 crowns")
    assert kept_texts(html, sure=[900, 900, 300, 900]) == (PROSE[0], *texts)
    assert kept_texts(html, sure=[900, 520, 100, 100]) == (PROSE[0],)


@pytest.mark.parametrize(
    "block",
    [
        "<p>The wheel on Monday. Photo: Ann Miller</p>",
        "<p class=img-desc>The wheel on Monday. © dpa/Ann Miller</p>",
        "<div class=embed><p>This content is not available due to your privacy preferences.</p><button>Show</button></div>",
        "<div class=poll><h3>Should the wheel stay?</h3><form><label><input type=radio>Yes</label><button>Vote</button></form></div>",
        "<div class=x1><p>We have no paywall. If you value our work, please support us with a small amount each month.</p></div>",
        "<div class=x1><p>You have 10 gift articles left this month.</p></div>",
    ],
)
def test_boxes_of_the_page_leave_the_text(block):
    assert body_of(with_block(block)) == "\n\n".join(PROSE)


@pytest.mark.parametrize(
    "line",
    [
        "RIPRODUZIONE RISERVATA © Copyright ANSA",
        "ann@miller-post.example",
        "Sursa: Agerpres",
        "Πηγή: ΑΠΕ-ΜΠΕ",
        "Nguồn: TTXVN",
        "Sumber: Antara",
        "Suivez-nous sur Google News et WhatsApp.",
        "Siga-nos no Google Notícias e no WhatsApp.",
        "हमें फेसबुक और व्हाट्सएप पर फॉलो करें",
        "Theo dõi chúng tôi trên Facebook và Zalo.",
        "Haben Sie einen Fehler entdeckt? Schreiben Sie uns.",
        "Tags: mill, council, wheel",
        "Themen: Mühle, Rat",
        "Filed under: Local news",
    ],
)
def test_what_stands_under_a_report_in_any_language_leaves(line):
    assert body_of(page_of(paragraphs(PROSE) + f"<p>{line}</p>")) == "\n\n".join(PROSE)


def test_what_a_press_release_says_of_its_own_forecasts_leaves():
    rest = "<h3>Forward-Looking Statements</h3><p>This release contains forward-looking statements within the meaning of the Act of 1995.</p>"
    assert body_of(page_of(paragraphs(PROSE) + rest)) == "\n\n".join(PROSE)


def test_a_summary_by_a_machine_takes_no_more_than_its_box():
    box = f"<div class=ai-summary><h3>Summary</h3>{POINTS}<p>This summary was generated by AI and checked by an editor.</p></div>"
    assert body_of(
        page_of(f"<div class=article-body>{paragraphs(PROSE[:2])}{box}{paragraphs(PROSE[2:])}</div>")
    ) == "\n\n".join(PROSE)


TEASERS = (
    "<h4><a href=/a>A ferry ran aground</a></h4><p>{0}</p>",
    "<h4><a href=/b>The captain and the chart</a></h4><p>{1}</p>",
)


def test_teasers_in_whole_sentences_leave_above_the_headline_and_below_the_text():
    above = "<div class=briefs>" + "".join(f"<div>{teaser}</div>" for teaser in TEASERS).format(*OTHER) + "</div>"
    html = page_of(paragraphs(PROSE)).replace("<h1", above + "<h1", 1)
    assert body_of(html) == "\n\n".join(PROSE)
    listed = "<dl class=mehr><dt><a href=/a>Ferry aground</a></dt><dd>{0}</dd><dt><a href=/b>The chart</a></dt><dd>{1}</dd></dl>"
    assert body_of(page_of(paragraphs(PROSE), after=listed.format(*OTHER))) == "\n\n".join(PROSE)


def test_answers_under_links_that_open_them_stay():
    asked = "".join(
        f"<h3><a href='#p{n}'>What of the mill, part {n}?</a></h3><p>{text}</p>" for n, text in enumerate(OTHER)
    )
    assert all(text in body_of(page_of(paragraphs(PROSE) + asked)) for text in OTHER)


def test_whose_a_text_is_and_since_when_is_no_credit():
    line = "The wheel and I, or why I bother.<br>© 2002, 2003 Ann Miller"
    assert says_credit("The wheel on Monday. © dpa/Ann Miller")
    assert not says_credit(line.replace("<br>", "\n"))


def test_reviews_under_links_to_what_they_are_of_stay():
    reviews = "".join(
        f"<h3><a href='https://shop.example/{n}'>The mill, a history in {n} parts</a></h3><p class=review>{' '.join(PROSE[n : n + 4])}</p>"
        for n in range(2)
    )
    kept = kept_texts(
        page_of(paragraphs((*PROSE, *OTHER, OTHER[0] + PROSE[0])) + reviews), sure=[900] * 10 + [100, 900] * 2
    )
    assert kept[-2:] == (" ".join(PROSE[:4]), " ".join(PROSE[1:5]))


@pytest.mark.parametrize(
    "caption",
    [
        "غواصون عند الرصيف الشمالي يوم الاثنين (تصوير: منى خالد)",
        "غواصان در اسکله شمالی | عکس: رضا کریمی",
        "צוללנים ברציף הצפוני (צילום: דנה לוי)",
        "月曜日、北桟橋の潜水士＝佐藤花子撮影",
        "北桟橋の潜水士（港湾局提供）",
        "潜水员周一在北码头作业。新华社记者 王小明摄",
        "북쪽 부두의 잠수부들. [사진=뉴시스]",
        "북쪽 부두의 잠수부들. 항만청 제공",
        "Δύτες στη βόρεια προβλήτα (φωτ.: Νίκος Δήμου)",
        "Kuzey iskelesinde dalgıçlar (Fotoğraf: Ali Kaya)",
        "उत्तरी घाट पर गोताखोर (फोटो: राहुल शर्मा)",
        "นักประดาน้ำที่ท่าเรือเหนือ (ภาพ: สมชาย ใจดี)",
        "Thợ lặn ở cầu cảng phía bắc. Ảnh: Nguyễn Văn An",
        "Nurkowie przy północnym nabrzeżu (fot. Anna Nowak)",
    ],
)
def test_a_caption_ends_in_who_took_the_picture_in_every_language(caption):
    assert says_credit(caption)


@pytest.mark.parametrize(
    "sentence",
    [
        "قالت الهيئة إن الصورة التي نشرت يوم الاثنين تعود إلى العام الماضي.",
        "写真は記者団に公開され、局長が「撮影は許可を得た」と説明した。",
        "부두를 찍은 사진은 항만청이 공개했다.",
        "The law on photography (1931) has not been changed since.",
    ],
)
def test_a_sentence_on_pictures_is_no_caption(sentence):
    assert not says_credit(sentence)


CARD = (
    "<div class=k><a href='{}'><img src=/f.jpg><h4>A ferry runs aground near the lighthouse</h4></a><p>"
    + OTHER[0]
    + "</p></div>"
)


def test_a_card_of_another_story_within_the_text_leaves():
    assert body_of(with_block(CARD.format("/2025/ferry"))) == "\n\n".join(PROSE)


def test_cards_that_lead_to_what_an_article_lists_stay():
    lines = (*OTHER, *PROSE[3:])
    cards = (CARD.replace(OTHER[0], line).replace("ferry", f"boat {n}") for n, line in enumerate(lines))
    assert (
        body_of(page_of(paragraphs(PROSE[:3]) + "".join(cards).replace("/2025/", "https://boats.example/"))).count(
            "boat"
        )
        > 0
    )


def test_the_table_of_a_consent_form_leaves_by_what_cookies_are_called():
    rows = "".join(f"<tr><td>{name}</td><td>Keeps the visit.</td></tr>" for name in ("_ga", "PHPSESSID", "__cf_bm"))
    form = f"<p>{{}}</p><table><tr><th>Name</th><th>Purpose</th></tr>{rows}</table>"
    notice = "We and our 214 partners store and access information on your device, such as cookies, to show you personalised advertising."
    assert kept_texts(page_of(paragraphs(PROSE) + form.format(notice)), sure=900) == PROSE
    assert len(kept_texts(page_of(paragraphs(PROSE) + form.format(OTHER[0])), sure=900)) == len(PROSE) + 2


def test_who_wrote_leaves_where_name_and_text_stand_in_a_box_at_the_end():
    box = "<div class=z><h4>Ida Moor</h4><p>Ida Moor has walked to every mill of the valley. She lives in Ferrow with two cats.</p></div>"
    assert kept_texts(page_of(paragraphs(PROSE) + box), sure=900) == PROSE
    several = box + box.replace("Ida Moor", "Tom Hale")
    assert len(kept_texts(page_of(paragraphs(PROSE) + several), sure=900)) == len(PROSE) + 4


@pytest.mark.parametrize(
    "call", ["LINEで最新ニュースを受け取る", "텔레그램 채널을 구독하세요", "WhatsApp kanalımıza katılın"]
)
def test_a_call_to_follow_leaves_though_its_verb_stands_at_the_end(call):
    assert kept_texts(page_of(paragraphs(PROSE) + f"<p><b>{call}</b></p>"), sure=900) == PROSE


def test_a_card_may_give_the_address_in_full_if_it_is_the_papers_own():
    assert body_of(with_block(CARD.format("https://news.example/2025/ferry"))) == "\n\n".join(PROSE)
    elsewhere = kept_texts(with_block(CARD.format("https://other.example/2025/ferry")), sure=900)
    assert OTHER[0] in elsewhere


def test_cards_without_pictures_leave_at_the_end_of_a_text():
    card = "<div><h4><a href='/{0}'>Another headline of the paper, {0}</a></h4><p>{1}</p></div>"
    cards = "".join(card.format(number, line) for number, line in enumerate(OTHER[:2]))
    assert kept_texts(page_of(paragraphs(PROSE) + f"<div>{cards}</div>"), sure=900) == PROSE


def test_texts_below_the_pictures_of_a_gallery_leave():
    slides = "".join(
        f"<div class=slide><img src=/{n}.jpg width=800 height=500><p class=t>{line}</p></div>"
        for n, line in enumerate(OTHER[:2])
    )
    assert kept_texts(page_of(paragraphs(PROSE) + slides), sure=900) == PROSE
    assert OTHER[0] in kept_texts(page_of(paragraphs(PROSE[:1]) + slides), sure=900)


@pytest.mark.parametrize(
    "note",
    [
        "تم إنشاء هذا الملخص بواسطة الذكاء الاصطناعي.",
        "この要約はAIが作成しました。",
        "Краткое изложение создано искусственным интеллектом.",
        "Bu özet yapay zekâ ile oluşturuldu.",
    ],
)
def test_what_a_machine_made_leaves_with_its_note_in_every_language(note):
    box = f"<div class=k><ul><li>{PROSE[0][:50]}</li><li>{PROSE[1][:50]}</li></ul><small>{note}</small></div>"
    assert kept_texts(page_of(box + paragraphs(PROSE)), sure=900) == PROSE


def test_a_long_label_with_a_link_is_no_text():
    line = f"<p><strong>関連記事:</strong> <a href=/n>{'日曜の夜、誰も予想しなかった暴風がホルム村の屋根を吹き飛ばした' * 2}</a></p>"
    assert kept_texts(page_of(paragraphs(PROSE[:3]) + line + paragraphs(PROSE[3:])), sure=900) == PROSE


@pytest.mark.parametrize(
    "name",
    ["ta-disclaimer", "FootnotesComponent_disclaimer__x7", "contentAdvertiserDisclosure", "text haftungsausschluss"],
)
def test_what_is_named_a_disclaimer_leaves(name):
    note = f"<div class={name!r}><p>{OTHER[0]}</p></div>"
    assert kept_texts(page_of(note + paragraphs(PROSE)), sure=900) == PROSE
    assert kept_texts(page_of(paragraphs(PROSE) + note), sure=900) == PROSE


@pytest.mark.parametrize("name", ["author-bio", "elementor-author-box__bio", "about-the-author", "byline-bio"])
def test_what_is_named_for_the_author_leaves_in_the_second_half_of_the_text(name):
    box = f"<div class={name!r}><p>{OTHER[0]}</p></div>"
    assert kept_texts(page_of(paragraphs(PROSE) + box), sure=900) == PROSE
    assert OTHER[0] in kept_texts(page_of(box + paragraphs(PROSE)), sure=900)


@pytest.mark.parametrize("name", ["disclaimer", "author-bio"])
def test_a_text_that_is_mostly_so_named_is_the_article(name):
    assert (
        kept_texts(page_of(paragraphs(PROSE[:2]) + f"<div class={name!r}>{paragraphs(PROSE[2:])}</div>"), sure=900)
        == PROSE
    )
