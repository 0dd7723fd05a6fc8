"""Words that give short blocks away, in the languages of many newsrooms: bits for a block's opening words.

"Read more", "Advertisement", "Subscribe to our newsletter", "Photo:" and their kin are written much the same on every
site of a language. A bit is evidence for the selection, never a verdict.
"""

from __future__ import annotations

__all__ = ["LEXICON", "lexical_bits"]

import re
from functools import lru_cache

from crawler.parse.page.text import words

_PHRASES: dict[str, str] = {
    "related": "related|read more|read also|also read|see also|more on|more from|more stories|recommended|you may also|you might also|editor's picks|most read|most popular|trending|"
    "don't miss|latest news|further reading|up next|keep reading|continue reading|click here|top stories|"
    "lesen sie|lesen sie auch|mehr zum thema|mehr zu|mehr dazu|mehr aus|auch interessant|das könnte sie|weiterlesen|weitere artikel|weitere|zum thema|meistgelesen|verwandte|siehe auch|passend zum thema|empfehlungen|hier geht es|"
    "lire aussi|à lire|a lire|lire la suite|lire plus|en savoir plus|voir aussi|sur le même|à découvrir|les plus lus|"
    "lee también|leer más|lea también|te puede interesar|ver más|más noticias|noticias relacionadas|relacionad|lo más leído|más información|"
    "leggi anche|leggi|approfondisci|ti potrebbe|altre notizie|leia também|leia mais|veja também|saiba mais|lees ook|lees meer|meer over|læs også|les også|läs mer|läs också|lue myös|"
    "czytaj|zobacz|przeczytaj|čtěte|přečtěte|citește|citeste|olvasd|tovább|devamını|ilgili|baca juga|simak|xem thêm|đọc thêm|"
    "читайте|читать|подробнее|по теме|ещё|смотрите|материалы по теме|читайте також|"
    "اقرأ|إقرأ|المزيد|شاهد|مواضيع|مقالات|ذات صلة|أخبار ذات|قد يهمك|بیشتر بخوانید|مطالب مرتبط|بیشتر|اخبار مرتبط|קראו|עוד|כתבות|"
    "関連|続きを読む|あわせて読みたい|こちらも|관련|더보기|相关|延伸阅读|推荐|更多|阅读更多|延伸閱讀|相關",
    "signup": "subscribe|sign up|newsletter|log in|login|sign in|register|become a member|get the|download|already a|start your|support|donate|"
    "abonnieren|abo|jetzt|registrieren|anmelden|newsletter|testen|abonnez|inscrivez|s'abonner|déjà abonné|recevez|suscríbete|suscribirse|regístrate|abbonati|iscriviti|assine|cadastre|abonneer|meld je|"
    "prenumerera|abonner|zapisz|zaloguj|подпис|подписывайтесь|зарегистр|اشترك|عضویت|ثبت نام|הרשמ|登録|会員|구독|订阅|登录|註冊",
    "share": "share|follow|tweet|whatsapp|facebook|telegram|email|print|copy link|teilen|drucken|folgen|partager|suivez|compartir|síguenos|condividi|seguici|compartilhar|compartilhe|delen|volg|del|dela|udostępnij|"
    "paylaş|поделиться|شارك|تابع|تابعوا|به اشتراک|دنبال|שתפו|シェア|공유|分享|关注",
    "credit": "photo|image|photograph|picture|credit|source|getty|courtesy|file photo|©|foto|bild|fotos|quelle|symbolbild|imago|crédit|photo|imagen|fuente|fotografía|crédito|fonte|zdjęcie|źródło|фото|источник|"
    "صورة|المصدر|عکس|منبع|צילום|写真|画像|사진|图|图片|来源|video|watch|video:|ansehen",
    "ad": "advertisement|advertising|sponsored|promoted|ad|anzeige|werbung|publicité|publicidad|pubblicità|publicidade|advertentie|annons|annonse|annonce|mainos|reklama|reklam|hirdetés|реклама|إعلان|آگهی|广告|広告|광고",
    "byline": "by|von|par|por|di|da|door|av|af|author|autor|auteur|written by|reporting by|editing by|über|automatically|text|redaktion|bearbeitet|editorial|about|the author|contact|reporter|"
    "автор|بقلم|كتب|نویسنده|כתב|מאת|作者|记者|編集|기자|文|撰文|责编|编辑",
    "date": "published|updated|posted|last updated|created|modified|first published|veröffentlicht|aktualisiert|stand|publié|mis à jour|publicado|actualizado|pubblicato|aggiornato|gepubliceerd|bijgewerkt|uppdaterad|publicerad|"
    "opublikowano|aktualizacja|опубликовано|обновлено|نشر|تاريخ|تاریخ|انتشار|פורסם|עודכן|更新|公開|入力|입력|수정|发布|时间",
    "tags": "tags|topics|filed under|keywords|categories|in this article|more:|themen|schlagworte|stichwort|schlagwörter|thèmes|etiquetas|temas|archivado en|argomenti|tópicos|onderwerpen|tagi|теги|темы|الكلمات|وسوم|برچسب|תגיות|"
    "キーワード|タグ|태그|标签|关键词",
    "comment": "comment|comments|leave a|reply|join the|discuss|kommentar|kommentare|commentaire|commentaires|comentario|comentarios|comenta|commenti|comentários|reacties|kommentarer|komentarze|yorum|комментар|коммент|تعليق|تعليقات|نظر|דעות|תגובות|コメント|댓글|评论",
    "legal": "external content|externer inhalt|externen inhalt|externe inhalte|contenu externe|contenido externo|privacy settings|an dieser stelle|an dieser|to view this|to display this|um diesen inhalt|copyright|all rights|©|terms|privacy|cookies|cookie|this article|this story|alle rechte|datenschutz|impressum|tous droits|todos los derechos|tutti i diritti|todos os direitos|disclaimer|our standards|we use|wir verwenden|"
    "all quotes|материал|все права|جميع|کلیه حقوق|כל הזכויות|無断|무단|版权|责任编辑|版權|correction|corrections",
    "nav": "home|menu|skip|back|next|previous|search|close|top|startseite|zurück|suche|accueil|inicio|buscar|anterior|siguiente|главная|الرئيسية|رجوع|خانه|首页|ホーム|홈|目录|advert|loading|play|pause|listen|show|hide|vorlesen|anhören|écouter|escuchar|image caption",
}

LEXICON: tuple[str, ...] = tuple(_PHRASES)
"""The kinds, in the order of their bits."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|©")
_DENSE = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_LOOK = 6


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, int], frozenset[str], tuple[tuple[str, int], ...]]:
    """Return bits by opening words (one to three), the first of several words, and bits by substring where none are spaced."""
    phrases: dict[str, int] = {}
    dense: list[tuple[str, int]] = []
    for order, text in enumerate(_PHRASES.values()):
        for phrase in text.split("|"):
            if _DENSE.search(phrase):
                dense.append((phrase, 1 << order))
            else:
                key = " ".join(_WORD.findall(phrase))
                phrases[key] = phrases.get(key, 0) | 1 << order
    openings = frozenset(key.split(" ", 1)[0] for key in phrases if " " in key)
    return phrases, openings, tuple(dense)


def lexical_bits(text: str) -> int:
    """Return the bits of the phrases among the first words of `text` (bits of `LEXICON`), doubled for the very first.

    The lower half of the bits: somewhere near the start; the upper half: the text begins so.
    """
    phrases, openings, dense = _tables()
    head = text[:80].lower().replace("’", "'")
    found = first = 0
    if not head.isascii() and _DENSE.search(head):
        for phrase, bit in dense:
            if phrase in head:
                found |= bit
                if head.startswith(phrase):
                    first |= bit
    plain = head.isascii() and "'" not in head and "_" not in head
    tokens = (words(head) if plain else _WORD.findall(head))[:_LOOK]
    for start, token in enumerate(tokens):
        bits = phrases.get(token, 0)
        if token in openings and start + 1 < len(tokens):
            pair = f"{token} {tokens[start + 1]}"
            bits |= phrases.get(pair, 0)
            if start + 2 < len(tokens):
                bits |= phrases.get(f"{pair} {tokens[start + 2]}", 0)
        if bits:
            found |= bits
            if not start:
                first |= bits
    return found | first << len(_PHRASES)
