"""Legacy encodings, declared, undeclared and wrongly declared."""

from __future__ import annotations

import pytest

from crawler.parse.charset.decode import decode

TEXTS = {
    "windows-1256": (
        "cp1256",
        "أعلنت الحكومة اليوم أن المدارس ستفتح أبوابها في بداية الشهر القادم بعد عطلة طويلة، وأن الكتب ستوزع على التلاميذ",
    ),
    "windows-1251": (
        "cp1251",
        "Городской совет решил сегодня, что библиотеки будут открыты до полуночи, а автобусы пойдут чаще обычного",
    ),
    "koi8-r": (
        "koi8-r",
        "Городской совет решил сегодня, что библиотеки будут открыты до полуночи, а автобусы пойдут чаще обычного",
    ),
    "windows-1252": (
        "cp1252",
        "Der Gemeinderat hat beschlossen, dass die Büchereien länger geöffnet bleiben – “später als früher”, sagte Frau Müller über die Öffnung",
    ),
    "windows-1253": (
        "cp1253",
        "Το δημοτικό συμβούλιο αποφάσισε σήμερα ότι οι βιβλιοθήκες θα μένουν ανοιχτές μέχρι τα μεσάνυχτα",
    ),
    "windows-1255": (
        "cp1255",
        "העירייה הודיעה היום כי הספריות יהיו פתוחות עד חצות וכי האוטובוסים ייסעו בתדירות גבוהה יותר",
    ),
    "shift_jis": ("cp932", "市議会は本日、図書館を深夜まで開館することを決めました。バスの本数も増やす予定です。"),
    "euc-jp": ("euc_jp", "市議会は本日、図書館を深夜まで開館することを決めました。バスの本数も増やす予定です。"),
    "euc-kr": ("cp949", "시의회는 오늘 도서관을 자정까지 열기로 결정했다. 버스도 더 자주 다닐 예정이라고 밝혔다."),
    "gb18030": (
        "gb18030",
        "市议会今天决定图书馆将开放到午夜，公共汽车的班次也会增加。这是一个大家都在等待的好消息，他们说。",
    ),
    "big5": (
        "big5hkscs",
        "市議會今天決定圖書館將開放到午夜，公共汽車的班次也會增加。這是一個大家都在等待的好消息，他們說。",
    ),
    "windows-874": ("cp874", "สภาเทศบาลมีมติวันนี้ว่าห้องสมุดจะเปิดจนถึงเที่ยงคืนและรถประจำทางจะวิ่งบ่อยขึ้นกว่าเดิม"),
}


def html(text: str, codec: str, meta: str = "") -> bytes:
    return f"<html><head>{meta}<title>x</title></head><body><p>{text}</p><p>{text}</p></body></html>".encode(
        codec, "ignore"
    )


@pytest.mark.parametrize("name", TEXTS)
def test_an_undeclared_legacy_encoding_is_guessed_and_flagged(name):
    codec, text = TEXTS[name]
    found = decode(html(text, codec))
    assert text in found.text
    assert found.flags == ("charset_guessed",)
    assert found.charset == name


EUROPEAN = {
    "German": (
        "cp1252",
        "Heute hat der Gemeinderat beschlossen, dass die Büchereien länger geöffnet bleiben für Fußgänger.",
    ),
    "French": (
        "cp1252",
        "Le conseil a décidé que la bibliothèque restera ouverte là où la fête a commencé, a déclaré le maire.",
    ),
    "Spanish": (
        "cp1252",
        "El ayuntamiento decidió que la biblioteca abrirá hasta la medianoche para los niños, según el alcalde.",
    ),
    "Italian": (
        "cp1252",
        "Il comune ha deciso che la biblioteca resterà aperta: perché così sarà più facile, ha detto la città.",
    ),
    "Portuguese": (
        "cp1252",
        "A câmara decidiu que a biblioteca ficará aberta até à meia-noite. Não há mais informação em São João.",
    ),
    "Swedish": (
        "cp1252",
        "Kommunen har beslutat att biblioteken ska hålla öppet längre. Bussarna går oftare än förut.",
    ),
    "Danish": (
        "cp1252",
        "Kommunen har besluttet at holde længere åbent. Busserne kører oftere end før, siger borgmesteren.",
    ),
    "Icelandic": (
        "cp1252",
        "Bæjarstjórnin ákvað í dag að bókasöfnin verði opin lengur og að strætó gangi oftar, sagði hún við þá.",
    ),
    "Polish": (
        "cp1250",
        "Rada miasta zdecydowała dziś, że biblioteki będą otwarte do północy, a autobusy będą jeździć częściej.",
    ),
    "Czech": (
        "cp1250",
        "Městská rada dnes rozhodla, že knihovny budou otevřené až do půlnoci a autobusy budou jezdit častěji.",
    ),
    "Czech, ISO": (
        "iso8859_2",
        "Městská rada dnes rozhodla, že knihovny budou otevřené až do půlnoci a šatny budou zavřené.",
    ),
    "Hungarian": (
        "cp1250",
        "A városi tanács úgy döntött, hogy a könyvtárak őszintén szűkös időben is éjfélig nyitva lesznek.",
    ),
    "Turkish": (
        "cp1254",
        "Belediye meclisi bugün kütüphanelerin gece yarısına kadar açık olmasına karar verdi, dedi başkan.",
    ),
    "Lithuanian": (
        "cp1257",
        "Miesto taryba šiandien nusprendė, kad bibliotekos dirbs iki vidurnakčio, o autobusai važiuos dažniau.",
    ),
}


@pytest.mark.parametrize("language", EUROPEAN)
def test_undeclared_latin_text_is_not_taken_for_another_alphabet(language):
    codec, text = EUROPEAN[language]
    found = decode(html(text, codec))
    assert (text in found.text, found.flags) == (True, ("charset_guessed",))


@pytest.mark.parametrize("name", TEXTS)
def test_a_declared_encoding_is_taken_without_flag(name):
    codec, text = TEXTS[name]
    found = decode(html(text, codec), f"text/html; charset={name}")
    assert (text in found.text, found.flags) == (True, ())


def test_the_meta_element_declares_when_the_header_does_not():
    codec, text = TEXTS["windows-1256"]
    found = decode(
        html(text, codec, '<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">'), "text/html"
    )
    assert (found.charset, found.flags, text in found.text) == ("windows-1256", (), True)


@pytest.mark.parametrize("name", ["windows-1256", "windows-1251", "euc-kr", "gb18030", "shift_jis"])
def test_a_wrong_latin_declaration_is_corrected_and_flagged(name):
    codec, text = TEXTS[name]
    found = decode(html(text, codec), "text/html; charset=iso-8859-1")
    assert (text in found.text, found.flags) == (True, ("charset_corrected",))


def test_utf8_declared_as_latin_is_read_as_utf8_and_flagged():
    found = decode(html(TEXTS["windows-1256"][1], "utf-8"), "text/html; charset=iso-8859-1")
    assert (found.charset, found.flags) == ("utf-8", ("charset_corrected",))


def test_legacy_bytes_declared_as_utf8_are_guessed_and_flagged():
    codec, text = TEXTS["windows-1251"]
    found = decode(html(text, codec), "text/html; charset=utf-8")
    assert (text in found.text, found.flags) == (True, ("charset_corrected",))


def test_stray_latin_bytes_in_utf8_are_mended_and_flagged():
    body = html(TEXTS["windows-1256"][1], "utf-8").replace(b"</body>", b"<p>caf\xe9</p></body>")
    found = decode(body, "text/html; charset=utf-8")
    assert ("café" in found.text, found.flags) == (True, ("charset_mixed",))


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_decides(codec):
    found = decode(html("ابجد", codec), "text/html; charset=windows-1252")
    assert ("ابجد" in found.text, found.flags) == (True, ())


def test_ascii_needs_no_guess():
    assert decode(b"<p>plain</p>").flags == ()


def test_media_cloud_s_encoding_parameter_is_understood():
    codec, text = TEXTS["windows-1251"]
    assert decode(html(text, codec), "text/html; encoding=windows-1251").flags == ()


@pytest.mark.parametrize("codec", ["utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"])
def test_wide_encodings_are_read_with_and_without_a_mark(codec):
    text = f"<html><head><title>{TEXTS['windows-1251'][1]}</title></head></html>"
    assert decode(("\ufeff" + text).encode(codec)).text == text
    assert decode(text.encode(codec)).text == text


def test_a_page_that_can_be_read_is_not_in_the_utf_16_it_asks_for():
    found = decode(html("Müller", "utf-8", '<meta charset="utf-16">'))
    assert ("Müller" in found.text, found.charset, found.flags) == (True, "utf-8", ())


@pytest.mark.parametrize(
    ("codec", "title"),
    [
        ("gb18030", "市政府宣布明天开放图书馆"), ("big5hkscs", "市議會決定圖書館將開放到午夜"), ("cp932", "市議会が図書館の開館を決めました"),
        ("cp949", "시의회는 도서관을 열기로 했다"), ("cp1256", "أعلنت البلدية فتح المكتبة ليلا"), ("koi8-r", "Городской совет открыл библиотеку"),
    ],
)  # fmt: skip
def test_a_title_is_enough_to_tell_the_encoding(codec, title):
    found = decode(f"<html><head><title>{title}</title></head></html>".encode(codec))
    assert (title in found.text, found.flags) == (True, ("charset_guessed",))


def test_of_two_likely_readings_that_of_the_page_s_language_is_taken():
    title = "Vláda koupí dům"
    assert title in decode(f'<html lang="cs"><title>{title}</title></html>'.encode("cp1250")).text


def test_seven_bit_encodings_are_read_where_they_are_declared():
    text = TEXTS["gb18030"][1]
    assert text in decode(html(text, "hz", '<meta charset="hz-gb-2312">')).text


@pytest.mark.parametrize("opened", [b"<script ", b"<style>", b"&"])
def test_a_page_of_what_is_never_closed_comes_to_an_end(opened):
    page = b"<p>\xe9t\xe9 \xff</p>" + opened * 300_000
    assert decode(page, None) is not None
