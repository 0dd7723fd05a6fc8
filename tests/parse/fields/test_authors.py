"""Who is named as an article's author, and who or what beside a byline is not."""

from __future__ import annotations

import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.authors import authors_of
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page.flatten import flatten

PROSE = (
    "<p>The council met on Monday evening to decide about the old mill, and it took them until after midnight.</p>" * 4
)


def authors(body: str = "", head: str = "", site: str | None = None) -> tuple[str, ...]:
    parser = LexborHTMLParser(f"<html><head>{head}</head><body><h1>The wheel stays</h1>{body}</body></html>")
    assert parser.body is not None
    meta, layout = gather(parser, "https://www.miller-post.example/a"), flatten(parser.body)
    return authors_of(parser, meta, layout, near=title_of(meta, layout).block, site=site)


def byline(text: str) -> tuple[str, ...]:
    return authors(f'<p class="byline">{text}</p>{PROSE}')


def linked(*names: object) -> str:
    node = {"@type": "NewsArticle", "headline": "The wheel stays", "author": names}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Ann Miller and Bo Carter", ("Ann Miller", "Bo Carter")),
        ("Von Anna Müller, Frankfurt", ("Anna Müller",)),
        ("By Ann Miller 7 hours ago", ("Ann Miller",)),
        ("Anna Müller am Samstag, 4. Mai 2024", ("Anna Müller",)),
        ("Por Ana Molinero C.", ("Ana Molinero C.",)),
        ("By Bo Carter Jr.", ("Bo Carter Jr.",)),
        ("By Ann Miller.", ("Ann Miller",)),
        ("Interview: Anna Müller", ("Anna Müller",)),
        ("Text und Interview: Anna Müller", ("Anna Müller",)),
        ("Posted on May 4, 2024 by Ann Miller", ("Ann Miller",)),
        ("By June Freitag", ("June Freitag",)),
        ("بقلم ليلى حسن وسامي خليل", ("ليلى حسن", "سامي خليل")),
        ("作者：王小明、李大为", ("王小明", "李大为")),
        ("时间:2024-05-04 来源:河湾晚报 作者:王小明 点击:312次", ("王小明",)),
        ("Par Jean Le Meunier", ("Jean Le Meunier",)),
    ],
)
def test_a_byline_gives_its_names_without_labels_places_and_times(text, names):
    assert byline(text) == names


@pytest.mark.parametrize(
    "text",
    ["Donnerstag", "Log Out", "By The Miller Post Staff", "Alle Artikel", "חדשות", "وكالات", "编辑部", "Quelle: sid"],
)
def test_what_is_no_name_is_no_author(text):
    assert byline(text) == ()


def test_what_the_site_is_called_after_is_no_author_while_the_page_names_a_person():
    head = '<meta name="author" content="miller-post.example">'
    assert authors(f'<p class="byline">By Ann Miller</p>{PROSE}', head) == ("Ann Miller",)


def test_names_in_the_json_ld_are_whole():
    head = linked({"@type": "Person", "name": "Ann Miller"}, {"@type": "Person", "name": "Bo Carter Jr."})
    assert authors(PROSE, head) == ("Ann Miller", "Bo Carter Jr.")


def test_a_credit_below_the_article_is_found_but_not_one_of_a_comment():
    comment = '<div class="comments"><p class="author">Troll Nick</p></div>'
    credit = "<p>Autorin: Anna Müller</p>"
    assert authors(PROSE + "<p>x</p>" * 12 + comment + credit) == ("Anna Müller",)
    assert authors(PROSE + "<p>（责编：王小明、李大为）</p>") == ("王小明", "李大为")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anna Müller und Bo Carter", ("Anna Müller", "Bo Carter")), ("Por Ana Torres e Ignacio Ruiz", ("Ana Torres", "Ignacio Ruiz")), ("di Anna Rossi e Marco Bianchi", ("Anna Rossi", "Marco Bianchi")),
        ("Jana Nováková a Petr Dvořák", ("Jana Nováková", "Petr Dvořák")), ("Anna Virtanen ja Matti Korhonen", ("Anna Virtanen", "Matti Korhonen")), ("Kovács Anna és Nagy Péter", ("Kovács Anna", "Nagy Péter")),
        ("Анна Петрова и Иван Смирнов", ("Анна Петрова", "Иван Смирнов")), ("Άννα Παππά και Νίκος Δήμου", ("Άννα Παππά", "Νίκος Δήμου")), ("سارا احمدی و رضا کریمی", ("سارا احمدی", "رضا کریمی")),
        ("Ayşe Yılmaz ve Ali Demir", ("Ayşe Yılmaz", "Ali Demir")), ("Oleh Siti Rahma dan Budi Santoso", ("Siti Rahma", "Budi Santoso")), ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("홍길동 기자", ("홍길동",)), ("[밀러신문 홍길동 선임기자]", ("홍길동",)), ("（记者张伟、李娜）", ("张伟", "李娜")), ("本报记者 张伟", ("张伟",)), ("山田太郎記者", ("山田太郎",)), ("लेखक: अनिल शर्मा", ("अनिल शर्मा",)),
    ],
)  # fmt: skip
def test_two_people_are_two_authors_in_every_language(text, names):
    assert byline(text) == names


@pytest.mark.parametrize(
    "text",
    ["By Ann Miller, photos by Bo Carter", "By Ann Miller for the Miller Post", "Ann Miller, Senior Reporter", "By Ann MillerDecember 3, 2024", "More stories by Ann Miller", "Ann Miller @annmiller",
     '<a href="/author/ann">Ann Miller</a> <a href="/x">View All</a>', '<span>Ann Miller</span> <span class="role">Head of News</span>', "By Ann Miller, London", "Ann Miller - London",
     '<a href="https://twitter.example/ann">Twitter</a> <a rel="author" href="/a">Ann Miller</a>', "Ann MillerFollow", "By Ann Miller Staff Writer", "<b>Written by</b> <span>Ann Miller</span>"],
)  # fmt: skip
def test_roles_places_photographers_and_buttons_are_no_authors(text):
    assert byline(text) == ("Ann Miller",)


@pytest.mark.parametrize("text", ["By Reuters", "dpa/lno", "COMM/PRESS/01", "By Our Staff", "Report an error", "Submitted on", "December 3, 2024", "https://news.example/ann", "دبیر", "Miller Post | News | Sport", "24 Hours"])  # fmt: skip
def test_where_nobody_is_named_there_is_nobody(text):
    assert byline(text) == ()
    assert authors(PROSE, f'<meta name="author" content="{text}">') == ()


@pytest.mark.parametrize(
    "author",
    [
        {"@type": "Person", "givenName": "Ann", "familyName": "Miller"}, {"@list": [{"name": "Ann Miller"}]}, {"@type": "Role", "author": {"@type": "Person", "name": "Ann Miller"}},
        {"name": {"@value": "Ann Miller", "@language": "en"}}, {"@type": "Person", "name": {"@type": "Person", "name": "Ann Miller"}}, {"@type": "ProfilePage", "mainEntity": {"name": "Ann Miller"}},
        "Ann Miller", "#ann", {"@id": "#ann"}, {"@type": ["Person", "Organization"], "name": "Ann Miller"}, {"name": 'By <a href="/a">Ann Miller</a>'},
    ],
)  # fmt: skip
def test_a_person_is_found_in_every_form_of_json_ld(author):
    graph = [
        {"@type": "NewsArticle", "headline": "The wheel stays", "author": author},
        {"@type": "Person", "@id": "#ann", "name": "Ann Miller"},
    ]
    assert authors(PROSE, f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>') == (
        "Ann Miller",
    )


@pytest.mark.parametrize("author", [{"@type": "Person", "name": "https://news.example/ann"}, "https://news.example/ann", {"@type": "Organization", "name": "Mill | Wheel | Post"}, {"@type": "Person", "name": "Miller Post"}])  # fmt: skip
def test_an_address_and_an_organisation_are_no_authors(author):
    assert authors(PROSE, linked(author), site="Miller Post") == ()


def test_the_visible_byline_goes_before_an_organisation():
    head = linked({"@type": "Organization", "name": "Mill Wire"}) + '<meta name="author" content="Miller Post">'
    body = f'<p>By <a href="/writers/ann-miller">Ann Miller</a></p>{PROSE}'
    assert authors(body, head, site="Miller Post") == ("Ann Miller",)


def test_who_comments_and_who_wrote_other_stories_is_no_author():
    comment = '<section class="comments"><div class="comment"><span class="author">Angry Reader</span></div></section>'
    teaser = '<div class="related"><p class="byline">By Bo Carter</p></div>'
    assert authors(PROSE + comment + teaser) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Von unserer Korrespondentin Anna Müller", ("Anna Müller",)),
        ("De notre correspondante Marie Dupont", ("Marie Dupont",)),
        ("dalla nostra inviata Giulia Rossi", ("Giulia Rossi",)),
        ("Aus Berlin berichtet Anna Müller", ("Anna Müller",)),
        ("Escribe: María García", ("María García",)),
        ("Por Ana Souza, São Paulo", ("Ana Souza",)),
        ("Text: Anna Lindqvist Foto: Per Ek", ("Anna Lindqvist",)),
        ("Rechtsanwalt Sebastian Holm", ("Sebastian Holm",)),
        ("Photographs by Tom Lee", ()),
        ("דוד כהן ושרה לוי", ("דוד כהן", "שרה לוי")),
        ("Show all posts", ()),
        ("Archiv anzeigen", ()),
        ("Ann Miller, MILLER-POST Valley", ("Ann Miller",)),
    ],
)
def test_words_around_names_in_many_languages_are_no_names(text, names):
    assert byline(text) == names


def test_a_name_behind_a_day_is_the_authors():
    line = "<div class=line>Fri 03.05.24 | 14:07 | By <span class=x>Ann Miller</span></div>"
    assert authors(line + PROSE) == ("Ann Miller",)
    assert authors("<p>Seized by Federal Agents in 2024 on the river</p>" + PROSE) == ()


def test_a_label_and_the_name_may_be_elements_of_their_own():
    assert authors(PROSE + "<dl><dt>Author:</dt><dd>Ann Miller</dd></dl>") == ("Ann Miller",)
    assert authors(PROSE + "<p>Date: 3 May 2024<br>Author: Ann Miller<br>Source: the council</p>") == ("Ann Miller",)


def test_a_part_of_the_page_named_for_readers_is_not_a_comment():
    assert authors(f'<p class="reader__meta">by <a href="/authors/am">Ann Miller</a></p>{PROSE}') == ("Ann Miller",)


@pytest.mark.parametrize(
    "line", ["<p>(Ann Miller)</p>", "<p><b>Ann Miller</b></p>", "<p><em>Ann Miller</em></p>", "<p>— Ann Miller</p>"]
)
def test_a_text_may_be_signed(line):
    assert signed(line) == ("Ann Miller",)


@pytest.mark.parametrize(
    "line", ["<p>(Ferrow)</p>", "<p><b>Keep reading</b></p>", "<p><b>Related Topics</b></p>", "<p>Ann Miller</p>"]
)
def test_not_every_line_at_the_end_is_a_name(line):
    assert signed(line) == ()


def signed(line: str) -> tuple[str, ...]:
    parser = LexborHTMLParser(f"<h1>The wheel stays</h1>{PROSE}{line}")
    assert parser.body is not None
    meta, layout = gather(parser, "https://www.miller-post.example/a"), flatten(parser.body)
    return authors_of(parser, meta, layout, near=0, last=len(layout.blocks) - 2, site=None)


def test_the_microdata_of_an_organisation_give_no_author():
    publisher = '<div itemprop=author itemscope itemtype="https://schema.org/Organization"><span itemprop=name>Valley House</span></div>'
    assert authors(publisher + PROSE) == ()


def test_the_site_with_an_article_before_its_name_is_no_person():
    assert authors('<meta name="author" content="The Miller-Post">' + PROSE) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anna Kowalska oraz Piotr Nowak", ("Anna Kowalska", "Piotr Nowak")),
        ("احمد علی اور سارہ خان", ("احمد علی", "سارہ خان")),
        ("โดย สมชาย ใจดี และ สมหญิง รักไทย", ("สมชาย ใจดี", "สมหญิง รักไทย")),
        ("ანა ბერიძე და გიორგი მაისურაძე", ("ანა ბერიძე", "გიორგი მაისურაძე")),
        ("Айгүл Серікова және Ерлан Ахметов", ("Айгүл Серікова", "Ерлан Ахметов")),
        ("Nga Arta Hoxha dhe Ilir Meta", ("Arta Hoxha", "Ilir Meta")),
        ("Deur Pieter Botha en Marie Nel", ("Pieter Botha", "Marie Nel")),
        ("a cura di Anna Rossi", ("Anna Rossi",)),
        ("Haber: Ayşe Yılmaz", ("Ayşe Yılmaz",)),
        ("王小明 记者", ("王小明",)),
        ("撰文：王小明　攝影：李大華", ("王小明",)),
        ("文・山田太郎", ("山田太郎",)),
        ("取材・文/山田太郎", ("山田太郎",)),
        ("編集委員 山田太郎", ("山田太郎",)),
        ("ロンドン支局 山田太郎", ("山田太郎",)),
        ("ニューヨーク=山田太郎", ("山田太郎",)),
        ("홍길동·김철수 기자", ("홍길동", "김철수")),
        ("기자명 홍길동", ("홍길동",)),
        ("홍길동 편집위원", ("홍길동",)),
        ("By Ann Miller5 June 2026", ("Ann Miller",)),
        ("By Ann MillerUpdated: June 5, 2026", ("Ann Miller",)),
        ("Publié par Marie Meunier le 5 juin 2026", ("Marie Meunier",)),
        ("Brussels correspondent Ann Miller", ("Ann Miller",)),
        ("Ann Miller Staff writer Covers the harbour", ("Ann Miller",)),
        ("Jan de Molenaar Redacteur buitenland", ("Jan de Molenaar",)),
        ("Anna Müller, ARD Berlin", ("Anna Müller",)),
        ("| By Ann Miller | April 13, 2020", ("Ann Miller",)),
    ],
)
def test_a_byline_in_any_language_gives_persons_and_nothing_beside_them(text, names):
    assert byline(text) == names


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("De Ana Popescu și Ion Ionescu", "ro", ("Ana Popescu", "Ion Ionescu")),
        ("Per Marta Puig i Jordi Soler", "ca", ("Marta Puig", "Jordi Soler")),
        ("Gan Siân Jones a Dafydd Evans", "cy", ("Siân Jones", "Dafydd Evans")),
        ("Le Máire Ní Bhriain agus Seán Ó Sé", "ga", ("Máire Ní Bhriain", "Seán Ó Sé")),
        ("Na Juma Hassan na Asha Ali", "sw", ("Juma Hassan", "Asha Ali")),
        ("Per Svensson", "sv", ("Per Svensson",)),
    ],
)
def test_by_is_read_in_the_language_of_the_page(text, language, names):
    parser = LexborHTMLParser(f'<h1>The wheel stays</h1><p class="byline">{text}</p>{PROSE}')
    assert parser.body is not None
    meta, layout = gather(parser, "https://www.miller-post.example/a"), flatten(parser.body)
    assert authors_of(parser, meta, layout, near=0, site=None, languages=(language,)) == names


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ({"@type": "Person", "name": "Miller, Ann"}, ("Ann Miller",)),
        ({"@type": "Person", "name": "Ann Miller, Reporter"}, ("Ann Miller",)),
        ({"@type": "Person", "alternateName": "Ann Miller"}, ("Ann Miller",)),
        ({"0": {"@type": "Person", "name": "Ann Miller"}, "1": {"@type": "Person", "name": "Bo Carter"}}, ("Ann Miller", "Bo Carter")),
    ],
)  # fmt: skip
def test_json_ld_gives_persons_in_odd_forms(author, names):
    assert authors(PROSE, linked(author)) == names


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ('<meta name="citation_author" content="Miller, Ann"><meta name="citation_author" content="Carter, Bo">', ("Ann Miller", "Bo Carter")),
        ('<meta name="dc.creator" content="Miller, Ann">', ("Ann Miller",)),
        ('<meta name="author" content="ann@miller-post.example (Ann Miller)">', ("Ann Miller",)),
    ],
)  # fmt: skip
def test_catalogues_give_the_family_name_first(head, names):
    assert authors(PROSE, head) == names


@pytest.mark.parametrize(
    "line",
    [
        "<div><div>By</div><div>Ann Miller</div><div>-</div></div>",
        "<p>04.02.2022 | 13:10 | Ann Miller</p>",
        '<ul class="authors"><li>Ann Miller</li></ul>',
        '<div class="author-box"><span>Photo: </span><span>Bo Carter</span></div><p class="byline">Ann Miller</p>',
        '<div class="author-info"><div class="name">Ann Miller</div><div>She writes.</div></div>',
        '<h3><a href="/component/userprofile/ann">Ann Miller</a></h3>',
    ],
)
def test_a_name_is_found_beside_its_label_its_day_and_in_its_box(line):
    assert authors(line + PROSE) == ("Ann Miller",)


def test_the_headline_itself_is_no_author():
    parser = LexborHTMLParser(f"<p>4 May 2024 | Will Smith</p><h1>Will Smith</h1>{PROSE}")
    assert parser.body is not None
    meta, layout = gather(parser, "https://www.miller-post.example/a"), flatten(parser.body)
    assert authors_of(parser, meta, layout, near=1, site=None) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Eigener Bericht", "Avec AFP", "Por Agência Brasil", "TT Nyhetsbyrån", "Anadolu Ajansı", "来源：新华网", "本报讯", "Theo VnExpress", "Tim Redaksi", "न्यूज़ डेस्क",
        "ডেস্ক রিপোর্ট", "ویب ڈیسک", "Συντακτική Ομάδα", "Senior Political Correspondent", "New York correspondent", "Haber Merkezi", "朝日新聞社", "온라인뉴스팀",
        "กองบรรณาธิการ", "Укрінформ", "Redacția", "PR Newswire", "Guest contributor", "London (Reuters)", "中央社記者",
    ],
)  # fmt: skip
def test_desks_agencies_and_callings_are_nobody_in_any_language(text):
    assert byline(text) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By ANN MILLER Associated Press", ("ANN MILLER",)),
        ("Von Anna Müller  Lesezeit: 3 Min", ("Anna Müller",)),
        ("Par Marie Meunier Publié le 5 juin 2026", ("Marie Meunier",)),
        ("记者：张伟 编辑：李华", ("张伟",)),
        ("張偉／台北報導", ("張偉",)),
        ("山田太郎（ライター）", ("山田太郎",)),
        ("執筆者：山田太郎", ("山田太郎",)),
        ("著者: 山田 太郎", ("山田 太郎",)),
        ("記者・山田太郎", ("山田太郎",)),
        ("홍길동 | 논설위원", ("홍길동",)),
        ("अनिल शर्मा, नई दिल्ली", ("अनिल शर्मा",)),
        ("เรื่อง: สมชาย ใจดี", ("สมชาย ใจดี",)),
    ],
)
def test_what_stands_around_a_name_does_not_cost_it(text, names):
    assert byline(text) == names


@pytest.mark.parametrize(
    "line", ["Par Marie Dupont, tout passait, disait-on au village.", "编辑：这个职业正在消失，学者在会上说。"]
)
def test_a_sentence_that_begins_like_a_byline_names_nobody(line):
    assert authors(f"<p>{line}</p>{PROSE}") == ()


def test_our_correspondent_is_no_part_of_a_name():
    assert byline("Von unserem Korrespondenten Leo Falk, Oslo") == ("Leo Falk",)


@pytest.mark.parametrize("by", ["Reviewed by", "Medically reviewed by", "Fact checked by", "Edited by"])
def test_who_reviewed_or_edited_did_not_write(by):
    links = '<a href="/author/ann">Ann Miller, DVM</a>{}<a href="/author/bo">Bo Carter, DVM</a>'
    assert authors(f'<div class="byline">By {links.format(f". {by} ")}</div>{PROSE}') == ("Ann Miller",)
    assert authors(f'<div class="byline">By {links.format(f" | <span>{by}</span> ")}</div>{PROSE}') == ("Ann Miller",)
    apart = (
        f'<div>By <a rel="author" href="/a">Ann Miller</a></div><div>{by} <a rel="author" href="/b">Bo Carter</a></div>'
    )
    assert authors(apart + PROSE) == ("Ann Miller",)


@pytest.mark.parametrize("above", ["Reviewed: the new wheel of the mill", "Editor at large"])
def test_a_headline_above_a_byline_says_nothing_of_who_wrote(above):
    assert authors(f'<h2>{above}</h2><div><a rel="author" href="/a">Ann Miller</a></div>{PROSE}') == ("Ann Miller",)


@pytest.mark.parametrize(("by", "name"), [("By", "Ann Miller"), ("Von", "Anna Müller"), ("Par", "Marie Meunier")])
@pytest.mark.parametrize("tag", ["span", "a"])
def test_by_and_a_name_that_are_elements_without_a_blank_are_two_words(by, name, tag):
    body = f"<div><div><span>{by}</span><{tag}>{name}</{tag}></div><div>4 May 2024</div></div>"
    assert authors(body + PROSE) == (name,)


def test_behind_a_label_all_names_of_a_list_are_read():
    listed = "<ul><li><a href='/l?a=1'>Ann A. Miller</a></li><li><a href='/l?a=2'>Bo C. Carter</a></li><li>Download</li></ul>"
    assert authors(f"<h6>Author(s)</h6>{listed}{PROSE}") == ("Ann A. Miller", "Bo C. Carter")
    assert authors(f"<p><strong>Contributors:</strong> Ann Miller</p>{PROSE}") == ("Ann Miller",)


def test_a_catalogue_s_list_of_authors_goes_before_its_first_creator():
    tags = [("DC.Creator", "Ann Miller"), ("citation_authors", "Miller, Ann"), ("citation_authors", "Carter, Bo")]
    head = "".join(f'<meta name="{name}" content="{value}">' for name, value in tags)
    assert authors(PROSE, head) == ("Ann Miller", "Bo Carter")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Ann Miller, Master Horticulturalist & Garden Educator", ("Ann Miller",)),
        ("By Ann Miller | Certified Paediatric Sleep Consultant", ("Ann Miller",)),
        ("Ann (Annie) Miller", ("Ann (Annie) Miller",)),
        ("By Ann Miller (Miller Post)", ("Ann Miller",)),
        ("Center for Drug Evaluation and Research", ()),
        ("Licensed Wine Grader", ()),
        ("© Ann Miller", ("Ann Miller",)),
        ("Super User", ()),
    ],
)
def test_callings_and_houses_are_no_names_and_what_somebody_is_called_is(text, names):
    assert byline(text) == names


@pytest.mark.parametrize(
    ("stated", "names"), [("anna miller", ("anna miller",)), ("site admin", ()), ("news desk", ()), ("annmiller", ())]
)
def test_a_name_that_is_stated_without_capitals_is_one_if_it_can_be_nothing_else(stated, names):
    assert authors(PROSE, f'<meta name="author" content="{stated}">') == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Von Ann Miller (Text) und Bo Carter (Fotos)", ("Ann Miller",)),
        ("إعداد: أحمد سالم | تحرير: منى خالد", ("أحمد سالم",)),
        ("记者 王小明 李华 报道", ("王小明", "李华")),
        ("文/王小明 编辑/李华", ("王小明",)),
        ("எழுதியவர்: முருகன் ராஜா", ("முருகன் ராஜா",)),
        ("Հեղինակ՝ Արամ Սարգսյան", ("Արամ Սարգսյան",)),
    ],
)
def test_who_edited_or_took_the_pictures_is_told_by_what_stands_beside_the_name(text, names):
    assert byline(text) == names


@pytest.mark.parametrize(
    "author", [{"name": {"en": "Ann Miller", "ar": "آن ميلر"}}, {"@type": "Person", "name": {"de-AT": "Ann Miller"}}]
)
def test_a_name_in_several_languages_is_one_person(author):
    assert authors(PROSE, linked(author)) == ("Ann Miller",)


def test_several_may_be_given_as_catalogues_do():
    assert authors(PROSE, linked("Miller, Ann; Carter, Bo")) == ("Ann Miller", "Bo Carter")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("<p>Ann Miller, 24 November 2024, 10:00</p>", "Ann Miller"),
        ("<p>24 November 2024 • Ann Miller in Project Management</p>", "Ann Miller"),
        ("<div>24.11.2024 | 10:00 Uhr | Ann Miller | Lokales</div>", "Ann Miller"),
        ("<div><span>Ayşe Yılmaz</span><span>24 Kasım 2024 - 10:00</span></div>", "Ayşe Yılmaz"),
        ("<div><span>أحمد سالم</span> <span>الأحد 24 نوفمبر 2024</span></div>", "أحمد سالم"),
        (
            "<div><span>24 ноября 2024, 10:00</span><span>Анна Петрова, корреспондент отдела новостей</span></div>",
            "Анна Петрова",
        ),
        ("<div><em>김철수 기자</em> <span>승인 2024.11.24 10:00</span> <span>댓글 0</span></div>", "김철수"),
        ("<div>کد خبر: 140309041234 | تاریخ انتشار: ۴ آذر ۱۴۰۳ | خبرنگار: رضا کریمی</div>", "رضا کریمی"),
    ],
)
def test_a_name_is_found_wherever_it_stands_on_the_line_of_the_day(line, name):
    assert authors(f"{line}{PROSE}") == (name,)


@pytest.mark.parametrize(
    "line",
    [
        "<div>24.11.2024 | 10:00 Uhr | Sport | Lokales</div>",
        "<p>The Mill, 24 November 2024</p>",
        "<div>24 May 2024 | New York</div>",
    ],
)
def test_other_words_on_the_line_of_the_day_are_no_author(line):
    assert authors(f"{line}{PROSE}") == ()


@pytest.mark.parametrize(
    "line", ["（田中一郎）", "【田中一郎】", "김철수 기자 kim@news.example", "[서울=뉴시스] 김철수 기자"]
)
def test_a_text_is_signed_in_japanese_and_korean_as_well(line):
    assert signed(f"<p>{line}</p>") in (("田中一郎",), ("김철수",))


@pytest.mark.parametrize("line", ["（敬称略）", "（社会部）", "（続報）", "（无断转载）"])
def test_a_note_in_brackets_is_no_signature(line):
    assert signed(f"<p>{line}</p>") == ()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Bo Carter", ("Bo Carter",)),
        ("By: Bo Carter, MD", ("Bo Carter",)),
        ("Von Bo Carter und Uta Holt", ("Bo Carter", "Uta Holt")),
        ("By Ann L. Miller", ("Ann Miller",)),
        ("By Reuters", ("Ann Miller",)),
        ("Photo by Bo Carter", ("Ann Miller",)),
        ("By Bo Carter's account the money was never counted.", ("Ann Miller",)),
    ],
)
def test_whom_the_line_below_the_headline_names_goes_before_who_put_the_article_in(line, names):
    assert authors(f"<p>{line}</p>{PROSE}", head=linked({"@type": "Person", "name": "Ann Miller"})) == names


def test_a_house_or_a_first_name_does_not_end_the_search_for_who_wrote():
    boxed = '<div class="byline">Miller Post</div><div class="meta"><a href="/author/ann">Ann Carter</a></div>'
    assert authors(f"{boxed}{PROSE}", site="Miller Post") == ("Ann Carter",)
    credited = '<p class="author">Wheelscale</p><p>Written by <a href="https://x.example/ann">Ann Carter</a></p>'
    assert authors(f"{PROSE * 4}{credited}") == ("Ann Carter",)


def test_a_name_of_one_word_that_the_page_states_is_its_author_if_its_byline_says_no_more():
    head = linked({"@type": "Person", "name": "Jessie"})
    byline = '<p class="byline">By Jessie</p><p class="meta"><a href="/author/wheels">Old Wheels</a></p>'
    assert authors(f"{byline}{PROSE}", head=head) == ("Jessie",)


def below(end: str) -> tuple[str, ...]:
    """Return the authors where `end` stands below a text of some length."""
    parser = LexborHTMLParser(f"<h1>The wheel stays</h1><div>{PROSE * 4}</div><div>{end}</div>")
    assert parser.body is not None
    meta, layout = gather(parser, "https://www.miller-post.example/a"), flatten(parser.body)
    return authors_of(parser, meta, layout, near=0, last=16, site=None)


@pytest.mark.parametrize("line", ["<p>By: Ann Carter</p>", '<p>By <a href="/ann">Ann Carter</a></p>'])
def test_a_line_right_below_the_text_says_who_wrote_it(line):
    assert below(line) == ("Ann Carter",)
    assert below(f"<p>Last changed in May</p>{line}") == ("Ann Carter",)


@pytest.mark.parametrize("head", ["<h3>A ferry on the sand</h3>", '<p><a href="/b">A ferry on the sand</a></p>'])
def test_below_another_heading_or_link_a_line_speaks_of_another_story(head):
    assert below(f"{head}<p>By Ann Carter</p>") == ()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Text von Ann Carter   Illustration von Bo Holt", ("Ann Carter",)),
        ("By Ann Carter Photos by Bo Holt", ("Ann Carter",)),
        ("Blog Beitrag von Ann Carter", ("Ann Carter",)),
    ],
)
def test_who_drew_or_took_pictures_is_told_by_what_stands_before_the_name(line, names):
    assert authors(f"<p>{line}</p>{PROSE}") == names


def test_a_name_that_is_a_link_to_its_author_s_page_may_stand_in_an_element_of_its_own():
    line = '<div><a href="/blog/authors/ann-carter" aria-label="Ann Carter"><figure><img src="a.jpg"></figure><span>Ann Carter</span></a></div>'
    assert authors(f"{line}{PROSE}") == ("Ann Carter",)
