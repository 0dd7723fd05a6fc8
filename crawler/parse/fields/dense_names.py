"""Names in Chinese, Japanese and Korean bylines, which stand between callings without spaces: ``新华社记者王明``."""

from __future__ import annotations

__all__ = ["dense_names", "is_dense"]

import re
from typing import Final

_DENSE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_KOREAN: Final = re.compile(
    r"(?:^|(?<=[^가-힣]))((?:[가-힣]{2,4}\s?[·,/]\s?)*[가-힣]{2,4})\s?(?:선임|인턴|수습|전문|객원|대학생|시민|편집|논설)?\s?(?:기자(?!명)|특파원|위원|에디터|앵커|칼럼니스트|작가|PD)|기자명\s*[:|]?\s*([가-힣]{2,4})"
)
_CHINESE: Final = re.compile(r"(?:记者|記者|通讯员|特约撰稿人?|撰文|作者|责编|責編|责任编辑|責任編輯|编辑|編輯|(?:^|[\s（(|])文\s*[:：/／])\s*[:：/／|]?\s*([\u4e00-\u9fff·]{2,4}(?:[\s、，,]+[\u4e00-\u9fff·]{2,4})*)(?![\u4e00-\u9fff:：])|(?:^|[\s，、])([\u4e00-\u9fff]{2,4})\s(?:记者|编辑|撰稿?|报道)(?![\u4e00-\u9fff])|(?:^|[\s（(〔【])([\u4e00-\u9fff]{2,3})\s?[／/]\s?[\u4e00-\u9fff]{2,6}(?:報導|报道|報道|電|电)")  # fmt: skip
_CALLED_LAST: Final = re.compile(r"\s*[|,]\s*(?=(?:논설|편집|선임|전문|객원)?(?:위원|기자|특파원|칼럼니스트))")
"""What stands between a Korean name and its bearer's calling."""
_DID: Final = frozenset(("报道", "報導", "報道", "编辑", "編輯", "撰文", "综合", "綜合"))
"""What stands behind the names."""
_ON_EDITING: Final = ("编", "編", "责", "責")
_JAPANESE: Final = re.compile(
    r"(?:^|[=＝、,，\s【（(])([\u4e00-\u9fff々ぁ-んァ-ヶー]{2,8}?)\s?(?:記者|特派員|編集委員|論説委員|支局長|編集長)"
)
_JAPANESE_LED: Final = re.compile(
    r"(?:^|[\s・、【（(])(?:(?:取材|構成|写真)・文|文|取材|執筆|執筆者|著者|筆者|文責|聞き手|編集委員|論説委員|ライター|特派員|記者(?=[・:：])|[ァ-ヶー\u4e00-\u9fff]{2,10}(?:支局|総局)|[ァ-ヶー]{3,12}(?=[=＝]))"
    r"\s?[・=＝:：/／\s]\s?([\u4e00-\u9fff々]{1,3}[ \u3000][\u4e00-\u9fff々ぁ-ゖァ-ヶー]{1,3}|[\u4e00-\u9fff々]{1,4}[ぁ-ゖァ-ヶー\u4e00-\u9fff々]{1,5})(?![ぁ-ゖァ-ヶー\u4e00-\u9fff々]|\s*[:：/／])"
)
"""A Japanese name behind what its bearer did, or where: ``文・山田太郎``, ``ニューヨーク=山田太郎``."""


def is_dense(text: str) -> bool:
    """Tell whether `text` has letters of a script that writes words, and first and last names, as one."""
    return _DENSE.search(text) is not None


def dense_names(text: str, others: re.Pattern[str]) -> list[str]:
    """Return the names that a byline marks by the writer's calling; `others` matches what names somebody who did not write."""
    if "기자" in text or "특파원" in text or "위원" in text or "에디터" in text:
        found = _KOREAN.findall(_CALLED_LAST.sub(" ", text))
        return [name for named in found for name in re.split(r"\s?[·,/]\s?", named[0] or named[1]) if name]
    japanese = _JAPANESE.findall(text) or _JAPANESE_LED.findall(text)
    chinese = [] if japanese else list(_CHINESE.finditer(text))
    wrote = [match for match in chinese if not any(mark in match[0] for mark in _ON_EDITING)]
    names = [name for match in wrote or chinese for name in re.split(r"[\s、，,]+", match[1] or match[2] or match[3])]
    return [*japanese, *(name for name in names if name not in _DID and not others.match(name))]
