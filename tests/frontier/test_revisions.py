"""Kinds of edits, told from two texts."""

from __future__ import annotations

import pytest

from crawler.frontier.revisions import kinds_of

BODY = (
    "The council met on Monday to talk about the quay.\nIt closed the old slipway until spring.\nDivers will survey it."
)


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        (BODY, ()),
        (BODY.replace("slipway", "slip-way"), ("typo",)),
        (BODY.replace("survey", "survay"), ("typo",)),
        (BODY.replace("Monday,", "Monday").replace("quay.", "quay!"), ("typo",)),
        (BODY + "\nThe mayor said on Tuesday that the work begins in January, weather permitting.", ("added",)),
        (BODY.replace("\nIt closed the old slipway until spring.", ""), ("removed",)),
        (BODY + "\nCorrection: an earlier version gave a wrong day.", ("correction", "added")),
        (BODY + "\nتصحيح: ورد خطأ في اليوم", ("correction", "added")),
        (
            BODY.replace(
                "It closed the old slipway until spring.", "The fishing fleet was asked to land its catch elsewhere."
            ),
            ("rewritten",),
        ),
    ],
)
def test_edits_of_the_text_have_a_kind(after: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of("A title", BODY, "A title", after) == kinds


def test_a_headline_is_told_apart_from_the_text() -> None:
    assert kinds_of("Old title", BODY, "New title", BODY) == ("headline",)
    assert kinds_of("“Old” title", BODY, '"Old" title', BODY) == ()
    assert kinds_of("Old", BODY, "New", BODY.replace("survey", "survay")) == ("headline", "typo")


def test_a_text_without_spaces_between_words_is_compared_too() -> None:
    assert kinds_of("题", "港口委员会星期一开会。", "题", "港口委员会星期二开会。") == ("typo",)


HINDI = "प्रधानमंत्री ने सोमवार को नई दिल्ली में संसद भवन का उद्घाटन किया।\nसमारोह में कई नेता शामिल हुए।"
PERSIAN = "رئیس‌جمهور روز دوشنبه ساختمان جدید مجلس را در تهران افتتاح کرد.\nشماری از رهبران حضور داشتند."
CHINESE = "国家主席周一在北京为新议会大楼揭幕。\n多位领导人出席了仪式并发表讲话。"
THAI = "นายกรัฐมนตรีเปิดอาคารรัฐสภาแห่งใหม่เมื่อวันจันทร์\nผู้นำหลายคนเข้าร่วมพิธีและกล่าวสุนทรพจน์"


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (HINDI, HINDI.replace("उद्घाटन", "उदघाटन"), ("typo",)),
        (THAI, THAI.replace("สุนทรพจน์", "สุนทรพจ"), ("typo",)),
        (PERSIAN, PERSIAN.replace("ی", "ي").replace("ک", "ك"), ("typo",)),
        (PERSIAN, PERSIAN.replace("رئیس‌جمهور", "رئیس جمهور"), ("typo",)),
        (CHINESE, CHINESE.replace("揭幕", "揭慕"), ("typo",)),
        (CHINESE, CHINESE.replace("讲话。", "讲话。随后他对记者表示工作将持续到年底，并感谢所有参与者。"), ("added",)),
        (CHINESE, CHINESE.replace("并发表讲话", ""), ("removed",)),
        (CHINESE, "警方周三宣布逮捕了三名嫌疑人，案件仍在调查之中，居民表示担忧。", ("rewritten",)),
    ],
)
def test_edits_in_other_scripts_have_the_kinds_of_ours(before: str, after: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of("T", before, "T", after) == kinds


def test_a_sign_on_a_letter_of_the_headline_is_part_of_it() -> None:
    assert kinds_of("दिन", HINDI, "दीन", HINDI) == ("headline",)


@pytest.mark.parametrize(
    "note",
    [
        "सुधार: पहले तारीख गलत थी।",
        "바로잡습니다: 날짜가 틀렸습니다.",
        "תיקון: נפלה טעות בתאריך.",
        "Поправка: дата была неверной.",
        "Διόρθωση: λάθος ημερομηνία.",
        "اصلاح: تاریخ اشتباه بود.",
        "Đính chính: sai ngày.",
        "Ralat: tanggal salah.",
        "Виправлено: хибна дата.",
        "تصحیح: تاریخ غلط تھی۔",
        "Errata: zła data.",
        "Oprava: chybné datum.",
        "勘误：日期有误。",
    ],
)
def test_a_note_that_corrects_is_known_in_many_languages(note: str) -> None:
    assert kinds_of("T", BODY, "T", f"{BODY}\n{note}") == ("correction", "added")
