"""Which language an article is in: what the page says, where its letters agree."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.language import direction_of, language_of, script_of
from crawler.parse.fields.metadata import Metadata, gather

ARABIC = "أعلنت الحكومة اليوم أن المدارس ستفتح أبوابها في بداية الشهر القادم"
ENGLISH = "The council said that the library and the buses of the town will open in the evening for all. " * 4


def meta(head: str = "") -> Metadata:
    return gather(LexborHTMLParser(f"<html><head>{head}</head><body></body></html>"), "https://news.example/a")


@pytest.mark.parametrize(
    ("declared", "tag"),
    [("de", "de"), ("de_at", "de-AT"), ("EN-us", "en-US"), ("zh-hant-tw", "zh-Hant-TW"), ("iw", "he"), ("cz", "cs")],
)
def test_a_declared_tag_is_given_in_its_usual_form(declared: str, tag: str) -> None:
    assert language_of(meta(), declared, "") == tag


def test_the_html_element_goes_before_what_the_metadata_say() -> None:
    head = '<meta property="og:locale" content="fr_FR">'
    assert language_of(meta(head), "de", "") == "de"
    assert language_of(meta(head), None, "") == "fr-FR"
    assert language_of(meta(head), "english", "") == "fr-FR"


def test_a_language_that_is_not_written_so_is_not_believed() -> None:
    assert language_of(meta(), "en", ARABIC) == "ar"
    assert language_of(meta(), "ru", ENGLISH) == "en"


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        (ARABIC, "ar", "arab"),
        ("شورای شهر امروز تصمیم گرفت که کتابخانه‌ها تا نیمه شب باز باشند", "fa", "arab"),
        ("شہر کی کونسل نے آج فیصلہ کیا کہ کتب خانے آدھی رات تک کھلے رہیں گے", "ur", "arab"),
        ("העירייה הודיעה היום כי הספריות יהיו פתוחות", "he", "hebr"),
        ("Городской совет решил сегодня открыть библиотеки", "ru", "cyrl"),
        ("Міська рада вирішила сьогодні відкрити бібліотеки", "uk", "cyrl"),
        ("市議会は本日、図書館を深夜まで開館することを決めました。", "ja", "kana"),
        ("市议会今天决定图书馆将开放到午夜。", "zh", "hani"),
        ("시의회는 오늘 도서관을 열기로 결정했다", "ko", "hang"),
        ("สภาเทศบาลมีมติวันนี้ว่าห้องสมุดจะเปิด", "th", "thai"),
        (ENGLISH, "en", "latn"),
        ("Der Rat hat das Haus nicht mit der Stadt und den Bussen gebaut, und das ist von Dauer.", "de", "latn"),
        ("La ville a ouvert les portes dans la nuit et une fête est prévue pour le soir et que des bus", "fr", "latn"),
    ],
)
def test_undeclared_text_is_known_by_its_letters_and_commonest_words(text: str, language: str, script: str) -> None:
    assert (language_of(meta(), None, text), script_of(text)) == (language, script)


def test_too_little_text_has_no_language() -> None:
    assert language_of(meta(), None, "Xyzzy plugh") is None


def test_direction_follows_the_letters_and_without_any_the_language() -> None:
    assert direction_of("en", ARABIC) == "rtl"
    assert direction_of("ar", ENGLISH) == "ltr"
    assert (direction_of("fa", ""), direction_of("fr-FR", ""), direction_of(None, "")) == ("rtl", "ltr", "ltr")


ZULU = (
    "Umeya uthi ibhuloho lizovalwa ngoba abezokuphepha bathole imifantu futhi abantu abaningi bathi bazokhala kakhulu ngoba abanayo enye indlela. "
    * 4
)
GERMAN = (
    "Der Rat hat das Haus nicht mit der Stadt und den Bussen gebaut, und das ist von Dauer, wie es auf dem Markt heißt. "
    * 4
)
PERSIAN = "شورای شهر امروز تصمیم گرفت که کتابخانه‌ها را تا نیمه شب باز کند و این خبر برای مردم خوب است که در شهر می‌مانند"


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        ("en-GB", ZULU, "zu"), ("en", GERMAN, "de"), ("fr", ENGLISH, "en"), ("ar", PERSIAN, "fa"), ("fa", ARABIC + " " + ARABIC + " من على إلى أن", "ar"),
        ("ar", "شہر کی کونسل نے آج فیصلہ کیا کہ کتب خانے آدھی رات تک کھلے رہیں گے اور یہ بھی", "ur"), ("en-IN", "નગર પરિષદે આજે નિર્ણય કર્યો કે પુસ્તકાલય ખુલ્લું રહેશે", "gu"),
        ("en", "ნაბიჯი ქალაქის საბჭომ დღეს გადაწყვიტა", "ka"), ("en", "క౜ నగర మండలి ఈరోజు నిర్ణయించింది", "te"),
    ],
)  # fmt: skip
def test_script_and_commonest_words_go_before_a_wrong_declaration(declared: str, text: str, language: str) -> None:
    assert language_of(meta(), declared, text) == language


@pytest.mark.parametrize(("declared", "text"), [("de-AT", GERMAN), ("nn", GERMAN[:60]), ("lb", GERMAN), ("hr", "Gradsko vijeće je danas odlučilo da će knjižnice biti otvorene do ponoći i da će autobusi voziti češće " * 5), ("sr-Latn", "Gradsko veće je danas odlučilo da će biblioteke biti otvorene do ponoći " * 8)])  # fmt: skip
def test_what_is_declared_stays_where_the_text_does_not_speak_against_it(declared: str, text: str) -> None:
    assert language_of(meta(), declared, text) == declared


HINDI = "बंदरगाह परिषद ने सोमवार को उत्तरी तटबंध को फिर से बनाने के पक्ष में मतदान किया जो अक्टूबर के तूफानों में अपनी लंबाई का एक तिहाई खो चुका था। "
MARATHI = "बंदर परिषदेने सोमवारी उत्तरेकडील बंधारा पुन्हा बांधण्याच्या बाजूने मतदान केले असून जुना धक्का वसंत ऋतूपर्यंत बंद राहणार आहे आणि त्याची लांबी कमी झाली आहे. "
RUSSIAN = "Совет порта в понедельник проголосовал за восстановление волнолома, который потерял треть длины, и за закрытие старого причала до весны. "
UKRAINIAN = "Рада порту в понеділок проголосувала за відновлення хвилеріза, який втратив третину довжини, і за закриття старого причалу до весни. "
DANISH = "Havnerådet stemte mandag for at genopbygge den nordlige mole, som mistede en tredjedel af sin længde i stormene, og for at lukke den gamle bedding indtil foråret. "
PORTUGUESE = "O conselho do porto votou pela reconstrução do quebra-mar norte, que perdeu um terço do seu comprimento nas tempestades, e pelo fechamento da antiga rampa até a primavera, numa decisão que não agradou. "


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        (HINDI, "en", "hi"), (MARATHI, "en", "mr"), (MARATHI, "hi", "mr"), (RUSSIAN, "uk", "ru"), (UKRAINIAN, "ru", "uk"), (DANISH, "en-US", "da"),
        (PORTUGUESE, "en", "pt"), (PORTUGUESE, "es", "pt"), (HINDI, "hi-IN", "hi-IN"), (UKRAINIAN, "uk", "uk"),
    ],
)  # fmt: skip
def test_letters_and_vowel_signs_speak_against_a_wrong_declaration(text: str, declared: str, language: str) -> None:
    assert language_of(meta(), declared, text * 4) == language


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("fa", "اين خبر را ديروز شهرداري تهران اعلام كرد و گفت كه كارهاي بازسازي بازار تا پايان سال ادامه دارد " * 4),
        (
            "ar",
            "أعلنت وزارة الصحة یوم الاثنین أن المستشفیات الحکومیة ستعمل علی مدار الساعة خلال العطلة فی کل المدن " * 4,
        ),
        ("ur", "حكومت نے كہا ہے كہ اس سال اسكولوں كى تعداد ميں اضافہ كيا جائے گا اور اساتذہ كى بھرتى ہو گى " * 4),
    ],
)
def test_which_kaf_and_yeh_a_keyboard_has_does_not_speak_against_a_declaration(declared: str, text: str) -> None:
    assert language_of(meta(), declared, text) == declared


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Ilkay Gündoğan has signed a new contract with the club, the team said on Monday. Gündoğan, who joined from Dortmund, said he was happy to stay. The midfielder scored twice in the last match. Gündoğan is expected to play on Saturday, and the coach said that Gündoğan would be the captain. "),
        ("de", "Der frühere Bürgermeister Ekrem İmamoğlu ist am Montag in Istanbul vor Gericht erschienen. İmamoğlu wies die Vorwürfe zurück. Präsident Erdoğan hatte İmamoğlu scharf kritisiert. Kılıçdaroğlu und Erdoğan äußerten sich nicht. "),
        ("fr", "Le footballeur Martin Ødegaard a signé avec le club de Malmö, a annoncé lundi son agent. Ødegaard et Håland ont été les meilleurs joueurs de la saison. Le club de Tromsø voulait aussi Ødegaard, mais il a refusé. "),
        ("es", "El presidente João Lourenço llegó a São Paulo el lunes para reunirse con el alcalde. João Lourenço dijo que la visita a São Paulo era importante para los dos países y que João Gonçalves iba a seguir en su puesto. "),
        ("ru", "Председатель партии Олександр Усік прибыл в Київ в понедельник, сообщили в редакции газеты Українська правда. По словам представителя Їжакевич, встреча прошла хорошо и будет продолжена в Києві. "),
        ("it", "Il calciatore Nicolò Zaniolo ha firmato con il Malmö, ha detto lunedì il club. Il centrocampista del Köln Müller non giocherà contro il São Paulo, mentre Müller e Özil saranno in campo sabato. "),
    ],
)  # fmt: skip
def test_foreign_names_do_not_speak_against_the_words(language: str, text: str) -> None:
    assert language_of(meta(), language, text) == language
    assert language_of(meta(), None, text * 4) == language
