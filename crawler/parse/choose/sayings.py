"""What a block says that no article says: reading times, "follow us", sign-offs of agencies, notes about machine summaries.

Each pattern matches a block as a whole, so that an article which speaks of such things keeps its sentences.
"""

from __future__ import annotations

__all__ = ["is_cookie_table", "is_sign_off", "said_about_itself", "says_caption", "says_machine_summary"]

import re

from crawler.parse.choose.lexicon import LEXICON

_LABELLED = (
    "read(?:ing)? time|lesezeit|lesedauer|temps de lecture|dur[ée]e de lecture|tiempo de lectura|tempo di lettura|tempo de leitura|leestijd|lästid|"
    "lesetid|læsetid|lukuaika|czas czytania|doba čtení|čas čítania|время чтения|час читання|okuma süresi|مدة القراءة|وقت القراءة|زمان مطالعه|"
    "זמן קריאה|読了時間|阅读时间|閱讀時間|قراءة"
)
_MINUTES = (
    "[\\d٠-٩۰-۹]{1,3}(?:\\s*[-–]\\s*\\d{1,3})?\\s*-?\\s*(?:min(?:ute[nrs]?|uto?s?|uti|uter|utter|uut\\w*|s)?\\.?|мин\\.?|минут[аы]?|хв\\.?|dakika|"
    "دقائق|دقيقة|دقیقه|דקות|分钟|分鐘|分|분)"
)
_READING_TIME = re.compile(
    rf"\W*(?:(?:{_LABELLED})\s*[:：]?\s*(?:ca\.?|about|approx\.?|~|env\.?)?\s*{_MINUTES}|"
    rf"{_MINUTES}\s*(?:to |of )?(?:read(?:ing)?(?: time)?|{_LABELLED}|de lecture|de lectura|di lettura|de leitura|чтения|на чтение|"
    r"で読めます?|で読了|읽기))\W*",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"\W*(?:please |jetzt |you can |to )?(?:follow|join|like us|find us|subscribe|sign up|get (?:the|our|all|more|breaking)|download|stay (?:up|in|tuned|connected)|"
    r"connect with|watch us|listen to us|click here to|keep up|folgen?|folgt|abonnier\w*|lade[nt]?|hol|suivez|rejoignez|retrouvez|abonnez|téléchargez|"
    r"sigue|sígu\w+|seguinos|suscríb\w+|únete|descarga|segui\w*|iscriv\w+|scarica|siga|inscreva|baixe|entre no|participe|volg|följ|følg|seuraa|śledź|"
    r"obserwuj|dołącz|sledujte|kövess\w*|urmăr\w+|подпи\w+|следите|читайте нас|присоединяйтесь|takip|bizi|تابع\S*|انضم\S*|اشترك\S*|حمل\S*|حمّل\S*|"
    r"للاشتراك|للانضمام|ما را|برای عضویت|به کانال|עקבו|הצטרפו|フォロー|关注|關注|追蹤|訂閱|팔로우)(?![\w-])",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"google news|google play|app[- ]?store|whats ?app|telegram|facebook|twitter|instagram|youtube|tiktok|linkedin|bluesky|mastodon|\bthreads\b|"
    r"\bX\b|(?:our|unser\w*|notre|nos|nuestr\w+|nostr\w+|noss\w+|onze|vår\w*|vores|nasz\w*|наш\w*)\W+(?:\w+\W+)?(?:app|newsletters?|channel|kanal|chaîne|"
    r"application|canal|canale|lettre|boletín|podcast|рассылк\w+|канал\w*)|телеграм|вконтакте|дзен|تلغرام|تيليغرام|تليجرام|تليغرام|واتساب|فيسبوك|تويتر|"
    r"انستغرام|إنستغرام|يوتيوب|تطبيق|قناتنا|تلگرام|اینستاگرام|کانال|טלגרם|ווטסאפ|פייסבוק|微信|微博|公众号|LINE",
    re.IGNORECASE,
)
_LONGEST_CALL = 220
_WRITE = re.compile(
    r"\W*(?:get in touch with (?:our|the|us)|for more stories like this|(?:do you have|have you got|got|have) an? (?:story|tip)\b.{0,60}(?:[?]|email|contact|us)|"
    r"do you know more|(?:share|send) (?:us )?your (?:story|stories|tips|views|thoughts|opinion)|contact (?:the |our )?(?:author|reporter|newsroom|us)(?:\W+(?:at|by|via|on|with|here|if)\b|\W*$)|"
    r"haben sie (?:hinweise|informationen|einen tipp)|schreiben sie uns|hat ihnen dieser artikel gefallen|vous avez une information|une info à nous|"
    r"¿tienes (?:una historia|información)|hai una storia|há alguma (?:informação|correção)|tips oss|har du tips)",
    re.IGNORECASE,
)
_AGENCY = (
    "dpa|afp|reuters|ap|ansa|adnkronos|efe|tass|тасс|риа новости|интерфакс|pa media|pa|upi|kna|epd|sid|apa|ats|sda|keystone|belga|lusa|anp|tt|ntb|ritzau|"
    "stt|pap|čtk|ctk|tasr|mti|tanjug|hina|agerpres|bta|aa|irna|isna|wam|spa|qna|petra|mena|map|aps|kuna|xinhua|kyodo|jiji|yonhap|pti|ani|ians|antara|"
    "bernama|europa press|associated press|press association|بترا|واس|وام|قنا|كونا|سانا|وكالات|أ ف ب|رويترز|新华社|時事|共同"
)
_SIGN_OFF = re.compile(
    rf"[\W_]*[(\[（][^()\[\]（）]{{1,40}}[)\]）][\W_]*|[\W\d_]*(?:(?:{_AGENCY})(?:[-\s/,;:&+|._–—()]|infocom|digital|\d)*(?:[a-z]{{2,3}}[\W_]*)?)+|"
    r"\W*(?:انتهای پیام|انتهى|تمام|pixel|ends?|fim|fin|конец|-30-|###)\W*|"
    r"\W*(?:(?:additional |with )?(?:reporting|writing|editing|graphics)|compiled|written|edited) by\W.{2,240}|"
    r"[_\W]*(?!(?:he|she|they|it|we|i|who)\b)(?:[\w.'’-]+\W+){1,9}(?:reported from|contributed (?:to|reporting)|contributed from)\W.{2,200}|"
    r"\W*mit informationen (?:der|des|von)\W.{2,200}|"
    rf"\W*(?:with (?:material|files|reporting|agencies|inputs?)|mit (?:material|agenturmaterial)|avec|con información|con|met|с использованием)\W(?:\w+\W+){{0,4}}(?:{_AGENCY}|agencies|agenturen)\W*|"
    r"\W*(?:source|quelle|fuente|fonte|bron|kilde|källa|źródło|zdroj|источник|джерело|kaynak|المصدر|مصدر|منبع|מקור|来源|來源|출처|責任編輯|责任编辑|编辑|編輯)\s*[:：].{1,60}",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_SIGN_OFF = 280
_MACHINE = re.compile(
    r"\W*(?:this|the|diese|die|ce|le|este|esta|el|questo|il|o)?\s*(?:article )?(?:summary|summaries|overview|key points|bullet points|zusammenfassung|résumé|resumen|riassunto|sintesi|"
    r"resumo|samenvatting|sammanfattning)\b.{0,60}?(?:language model|\bai\b|\bki\b|\bia\b|artificial intelligence|künstlich\w* intelligenz|"
    r"intelligence artificielle|inteligencia artificial|intelligenza artificiale|inteligência artificial|chatgpt|\bgpt|machine|automat).*|"
    r"\W*(?:(?:ai|ki|ia)[- ](?:generated|generiert\w*|assisted|summary|powered)|(?:generated|created|summari[sz]ed|made|written) (?:by|with|using) "
    r"(?:the help of )?(?:ai\b|artificial intelligence|a language model|chatgpt)|mit hilfe (?:von )?(?:ki\b|künstlicher intelligenz)|généré\w* par).{0,120}",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_NOTE = 240
_EMBED = re.compile(
    r"external content|third[- ]party content|externe[rn]? inhalte?|contenus? externes?|contenido externo|contenuto esterno|conteúdo externo|externe inhoud|"
    r"внешний контент|(?:to|um) (?:see|view|display|show|diesen) (?:this|inhalt)|this content is (?:hosted|provided|blocked)|browser does not support|"
    r"inhalt (?:anzuzeigen|blockiert|nicht verfügbar)|privatsphäre-einstellungen|inhalt .{0,40}kann nicht (?:angezeigt|geladen)|contenu (?:est )?bloqué|contenido (?:está )?bloqueado",
    re.IGNORECASE,
)
_CONSENTING = re.compile(
    r"\bclick|\bshow\b|\baccept|\bconsent|cookies?\b|\ballow|javascript|\bplay\b|\bbrowser|anzeigen|einblenden|zustimm|akzeptier|klick|afficher|cliqu|haga clic|clic |mostrar|"
    r"nicht verfügbar|verhindern|acept|accett|visualizza|aceit|toestemming|tonen|показать|нажм|traceurs",
    re.IGNORECASE,
)
_LONGEST_EMBED = 500
_COOKIES = re.compile(
    r"necessary cookies|(?:we|this (?:web)?site|our (?:web)?site|and our partners) uses? (?:\w+ ){0,3}cookies|cookies? (?:is|are) (?:set|used|stored)|accept (?:all )?cookies|"
    r"cookie (?:settings|policy|preferences)|verwende[nt] (?:wir )?cookies|utilis\w+ (?:des|les) cookies|utiliza\w* cookies|utilizz\w+ (?:i )?cookie|"
    r"used to (?:store|remember) the (?:user|visitor)[’']?s? consent",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\W*(?:pictured\b|from left\b|\(?left to right|file (?:photo|image|picture|pic)|(?:photo|image|picture|foto|bild|fotos|photos|imagen|credit|crédit|fotografía|фото|صورة|عکس)\s*(?:by|credit|[:：/])|"
    r"in this .{3,60}?(?:photo|image|picture|photograph)\b|archiv(?:foto|bild)|symbol(?:foto|bild)|صورة أرشيفية|عکس آرشیوی|صورة تعبيرية|写真|資料写真|图为|資料照)"
    r"|.*(?:[(（|/©]\s*(?:photo|foto|image|bild|picture|credit|ap photo|getty(?: images)?|epa|imago|shutterstock|istock|file photo|archiv\w*)\b[^()]{0,60}|"
    r"[/|©]\s*(?:ap|afp|reuters|dpa|tass|efe|ansa)\b[^()]{0,20})[)）]?\.?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_STATED_CAPTION = re.compile(
    r"\W*(?:in this .{3,60}?,? (?:file |handout |undated |still )*(?:photo|image|picture|photograph)\b|file (?:photo|image|picture)\s*[:：])|.*\((?:ap )?(?:photo|foto|image|picture)\s*[:/][^()]{2,60}\)\s*$",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_CAPTION = 420
_LONGEST_TIME = 60
_ON_EMBEDS = 1 << LEXICON.index("embed") | 1 << LEXICON.index("consent")
_ON_COOKIES = 1 << LEXICON.index("consent")


def said_about_itself(text: str, bits: int) -> str:
    """Return what `text` is if it speaks of the page and not of the news; an empty string for all else.

    `bits` are its `lexical_bits`.
    """
    size = len(text)
    if size <= _LONGEST_TIME and _READING_TIME.fullmatch(text):
        return "a reading time"
    if size <= _LONGEST_CALL and _CALL.match(text) and _CHANNEL.search(text):
        return "a call to follow"
    if size <= _LONGEST_CALL and _WRITE.match(text):
        return "a call to write in"
    if size <= _LONGEST_EMBED:
        if bits & _ON_EMBEDS and _EMBED.search(text) and _CONSENTING.search(text):
            return "in place of an embedded post"
        if bits & _ON_COOKIES and _COOKIES.search(text):
            return "about cookies"
    return ""


def is_sign_off(text: str) -> bool:
    """Tell whether `text` is what an agency or a desk puts under a report."""
    return len(text) <= _LONGEST_SIGN_OFF and _SIGN_OFF.fullmatch(text) is not None


def is_cookie_table(text: str) -> bool:
    """Tell whether the text of a table lists cookies: its head names them, and so do many of its rows."""
    head, _, rows = text[:20_000].lower().partition("\n")
    return "cookie" in head and rows.count("cookie") * 3 > rows.count("\n")


def says_machine_summary(text: str) -> bool:
    """Tell whether `text` says of a summary that a machine made it."""
    return len(text) <= _LONGEST_NOTE and _MACHINE.fullmatch(text) is not None


def says_caption(text: str, *, below_picture: bool) -> bool:
    """Tell whether `text` is a picture's caption or credit; less says so where a picture stands above."""
    if len(text) > _LONGEST_CAPTION:
        return False
    return (_CAPTION if below_picture else _STATED_CAPTION).match(text) is not None
