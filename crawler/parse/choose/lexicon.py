"""Words that give short blocks away, in the languages of many newsrooms: bits for a block's opening words.

"Read more", "Advertisement", "Subscribe to our newsletter", "Photo:" and their kin are written much the same on every
site of a language. A bit is evidence for the selection, never a verdict.
"""

from __future__ import annotations

__all__ = ["LEXICON", "announces_comments", "announces_more", "bits_and_share", "lexical_bits"]

import re
from functools import lru_cache
from typing import Final, NamedTuple

from crawler.parse.native import Openings
from crawler.parse.page.text import fold, words

_PHRASES: Final[dict[str, str]] = {
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

_ANYWHERE: Final[dict[str, str]] = {
    "offer": "unlimited access|unlimited digital|digital access|all access|full access|cancel anytime|cancel any time|free trial|per month|a month|first month|ad free|crossword|"
    "crosswords|puzzles|exclusive content|exclusive access|exclusive stories|subscriber|subscribers|subscription|subscriptions|membership|paper edition|e paper|epaper|unsubscribe|inbox|email updates|"
    "commenting|pro monat|monatlich|kündbar|unbegrenzter zugang|unbegrenzten zugang|unbegrenzt|werbefrei|testabo|digitalabo|probeabo|abonnenten|sans engagement|accès illimité|par mois|essai gratuit|abonnés|"
    "sans publicité|acceso ilimitado|al mes|sin publicidad|suscriptores|suscripción|accesso illimitato|al mese|senza pubblicità|abbonati|abbonamento|acesso ilimitado|por mês|assinantes|assinatura|onbeperkt|"
    "per maand|abonnees|obegränsad|per månad|prenumeranter|bez limitu|miesięcznie|prenumerata|по подписке|подписка|подписчиков|اشتراك|المشتركين|اشتراک|مشترکین|מנויים|購読|読み放題|いつでも解約|cancela cuando|отменить подписку|ко всем статьям|有料会員|会員限定|구독자|訂閱|订阅",
    "consent": "cookie|cookies|куки|кукис|ملفات تعريف|کوکی|gdpr|privacy policy|datenschutzerklärung|consent|einwilligung|third party|third parties|drittanbieter|personalised ads|personalized ads|"
    "personal data|personenbezogene daten|données personnelles|datos personales|クッキー|쿠키",
    "summary": "this summary|diese zusammenfassung|ce résumé|este resumen|questo riassunto|este resumo|generated by|generated with|ki generiert|ia generado|min read|mins read|minute read|minutes read|min lesezeit|lesezeit|minuten lesezeit|reading time|read time|temps de lecture|min de lecture|min de lectura|tiempo de lectura|tempo di lettura|tempo de leitura|"
    "leestijd|lästid|lesetid|czas czytania|время чтения|language model|generated by ai|ai generated|created with ai|summarized by|mit hilfe von ki|ki generiert|künstlicher intelligenz|key points|key takeaways|"
    "in brief|at a glance|auf einen blick|das wichtigste|l essentiel|en bref|en resumen|in sintesi|em resumo|коротко|главное|باختصار|مدة القراءة|زمان مطالعه|まとめ|要約|요약",
    "embed": "privatsphäre einstellungen|external content|third party content|this content|content is|dieser inhalt|diesen inhalt|ce contenu|este contenido|externer inhalt|externen inhalt|externe inhalte|contenu externe|contenido externo|contenuto esterno|conteúdo externo|show content|allow content|javascript|your browser|embedded content|"
    "extern innehåll|ekstern innhold|externe inhoud|внешний контент",
    "follow": "google news|google play|app store|whatsapp channel|telegram channel|our app|unsere app|whatsapp kanal|on twitter|on facebook|on instagram|on youtube|on telegram|on whatsapp|on linkedin|on tiktok|"
    "follow us|our newsletter|unseren newsletter|folgen sie|folgt uns|suivez nous|síguenos|seguici|siga nos|подписывайтесь|telegram|whatsapp|تابعونا|تابعوا|تابعنا|تطبيقنا|تلغرام|تيليغرام|واتساب|فيسبوك|تويتر|انستغرام|"
    "کانال|تلگرام|اینستاگرام|ما را|טלגרם|ווטסאפ|公式アカウント|채널|公众号",
    "caption": "pictured|file photo|file image|file picture|photo by|photos by|photo courtesy|image courtesy|from left|left to right|archivfoto|archivbild|symbolbild|symbolfoto|photo d'archive|foto de archivo|foto d'archivio|"
    "архивное фото|صورة أرشيفية|عکس آرشیوی|ap photo|getty images|afp via|handout|screenshot|image source|image credit|via reuters|via ap|資料写真|자료사진|资料图|資料照",
    "signoff": "reporting by|editing by|writing by|additional reporting|all rights reserved|contributed to this|contributed reporting|انتهای پیام|انتهى|بترا|المصدر|خبرگزاری|press release|for more information|"
    "media contact|press contact|media inquiries|media enquiries|forward looking|pressekontakt|medienkontakt|rückfragen|contact presse|contacto de prensa|about the author|about the company|責任編集|责任编辑",
}
"""Words that give a block away wherever they stand in it."""

LEXICON: Final[tuple[str, ...]] = (*_PHRASES, *_ANYWHERE)
"""The kinds, in the order of their bits."""

_MORE: Final = (
    "up next|next up|next article|next story|read next|more stories|related|recommended|you may also like|you might also like|you may be interested|most read|most popular|see also|also read|read also|"
    "don't miss|trending|top stories|latest news|more from|more on|lesen sie auch|mehr zum thema|das könnte sie auch|auch interessant|weitere artikel|meistgelesen|à lire aussi|lire aussi|sur le même sujet|"
    "te puede interesar|lee también|noticias relacionadas|más noticias|leggi anche|leia também|veja também|lees ook|lees verder|läs också|läs mer|les også|læs også|lue myös|zobacz także|zobacz też|czytaj też|czytaj także|"
    "читайте также|по теме|материалы по теме|читайте також|اقرأ أيض|إقرأ أيض|مواضيع ذات صلة|أخبار ذات صلة|قد يهمك|بیشتر بخوانید|مطالب مرتبط|اخبار مرتبط|関連記事|あわせて読みたい|次の記事|관련 기사|관련기사|다음 기사|相关阅读|相关新闻|延伸阅读|推荐阅读|"
    "下一篇|相關新聞|延伸閱讀|baca juga|ilgili haberler|xem thêm|đọc thêm"
)

_THREAD: Final = re.compile(
    r"\W*(?:(?:\d+|[(\[]\d+[)\]])\s*)?(?:reader(?:s?['’]?s?)? )?(?:comments|kommentare|leserkommentare|commentaires|comentarios|comentários|commenti|reacties|kommentarer|kommentit|komentarze|"
    r"komentáře|komentari|komentarai|hozzászólások|comentarii|yorumlar|комментарии|коментарі|коментари|σχόλια|التعليقات|تعليقات|تعلیقات|نظرات|دیدگاه[\u200c ]?ها|תגובות|コメント|댓글|评论|評論|留言|"
    r"bình luận|ความคิดเห็น|komentar|टिप्पणियाँ|टिप्पणियां|মন্তব্য|vos (?:réactions|commentaires)|leser(?:meinungen|stimmen|reaktionen)|opiniones de (?:los )?lectores|"
    r"readers?['’]? (?:opinions|responses|reactions|views)|what (?:our )?readers say|コメント一覧|みんなのコメント|読者の声|网友评论|全部评论|最新评论|热门评论|讀者留言|網友留言|آراء القراء|"
    r"نظر کاربران|okur yorumları|opinie czytelników|мнения читателей|ความเห็น|tanggapan pembaca|ý kiến bạn đọc|"
    r"(?:réactions|discussion|diskussion|discusión|discussione|dyskusja|обсуждение|meinungen|opinions|opiniones|responses|replies|reaktionen|reaktioner)(?=\W*\d))(?: (?:der leser|des lecteurs|de los lectores|dei lettori|dos leitores|بینندگان|کاربران|القراء|читателей))?"
    r"(?:\s*[(（\[]?\d+\s*(?:件|개|条|條)?[)）\]]?)?\W*|"
    r"\W*\d+ (?:comment|commentaire|comentario|comentário|commento|kommentar|thoughts?|responses?|replies|réponses?|antworten?|respuestas?|yorum|комментари[йя]|ответ\w*)(?: (?:on|to|zu|à|a)\b.*)?\W*|"
    r"\W*(?:join the (?:conversation|discussion)|leave a (?:reply|comment)|what do you think\?)\W*",
    re.IGNORECASE,
)
_DENSE: Final = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_LOOK: Final = 6
"""Opening words."""
_READ: Final = 320
"""Letters in which words are looked for that give away anywhere."""
_SLACK: Final = 24


class _Tables(NamedTuple):
    phrases: Openings
    dense: tuple[tuple[str, int], ...]
    """Bits by substring, in scripts without spaces."""
    dense_anywhere: tuple[tuple[str, int], ...]
    sign: int
    """Bits of the copyright sign, which is no word."""


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    openings: dict[str, int] = {}
    anywhere: dict[str, int] = {}
    dense: list[tuple[str, int]] = []
    dense_anywhere: list[tuple[str, int]] = []
    for order, kind in enumerate(LEXICON):
        table, substrings = (openings, dense) if kind in _PHRASES else (anywhere, dense_anywhere)
        for phrase in (_PHRASES.get(kind) or _ANYWHERE[kind]).split("|"):
            if _DENSE.search(phrase):
                substrings.append((phrase, 1 << order))
            else:
                key = " ".join(words(phrase))
                table[key] = table.get(key, 0) | 1 << order
    sign = openings.pop("", 0)
    return _Tables(Openings(openings, anywhere, _LOOK), tuple(dense), tuple(dense_anywhere), sign)


def lexical_bits(text: str) -> int:
    """Return the bits of the phrases in `text` (bits of `LEXICON`), doubled for those that it begins with.

    The lower half of the bits: among the first words, or anywhere in a short text for kinds that give away there; the
    upper half: the text begins so.
    """
    return bits_and_share(text, [])[0]


def bits_and_share(text: str, title: list[str]) -> tuple[int, int]:
    """Return the `lexical_bits` of `text`, and how many of its words are of `title`, per cent."""
    tables = _tables()
    head = text[:_READ]
    found, first, count, titled = tables.phrases.read(head, title)
    if not head.isascii():
        head = head.lower()
        if _DENSE.search(head):
            bits = _dense_bits(head, tables)
            found, first = found | bits[0], first | bits[1]
        elif "©" in head:
            found |= tables.sign
            first |= tables.sign if head[0] == "©" else 0
    return found | first << len(LEXICON), 100 * titled // count if count else 0


def _dense_bits(head: str, tables: _Tables) -> tuple[int, int]:
    """Return the bits of substrings of `head`, and of those it begins with."""
    found = first = 0
    opening = head[:80]
    for phrase, bit in tables.dense:
        if phrase in opening:
            found |= bit
            if opening.startswith(phrase):
                first |= bit
    for phrase, bit in tables.dense_anywhere:
        if phrase in head:
            found |= bit
            if head.startswith(phrase):
                first |= bit
    return found, first


@lru_cache(maxsize=1)
def _more() -> tuple[str, ...]:
    return tuple(fold(phrase) for phrase in _MORE.split("|"))


def announces_comments(text: str) -> bool:
    """Tell whether `text` is a label such as "Comments (2)" or "3 thoughts on ...": what follows is readers'."""
    return _THREAD.fullmatch(text) is not None


def announces_more(text: str) -> bool:
    """Tell whether `text` is a label such as "Up next" or "Related stories", and little else."""
    label = fold(text).strip(" .:…-|»›>•→")
    return any(label.startswith(phrase) and len(label) <= len(phrase) + _SLACK for phrase in _more())
