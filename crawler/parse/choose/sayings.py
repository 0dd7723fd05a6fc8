"""What a block says that no article says: reading times, "follow us", sign-offs of agencies, notes about machine summaries.

Each pattern matches a block as a whole, so that an article which speaks of such things keeps its sentences.
"""

from __future__ import annotations

__all__ = [
    "A_LABEL", "is_biography", "is_cookie_table", "is_day_line", "is_sign_off", "lists_cookies", "said_about_itself", "says_about", "says_caption", "says_credit", "says_machine_summary",
]  # fmt: skip

import re
from typing import Final

from crawler.parse.choose.lexicon import LEXICON
from crawler.parse.choose.manner import addresses, is_reported
from crawler.parse.dates import read_date
from crawler.parse.dates.fold import fold_date
from crawler.parse.dates.vocabulary import words_of_dates
from crawler.parse.fields.names import is_named
from crawler.parse.native import Phrases

_LABELLED: Final = (
    "read(?:ing)? time|lesezeit|lesedauer|temps de lecture|dur[ée]e de lecture|tiempo de lectura|tempo di lettura|tempo de leitura|leestijd|lästid|"
    "lesetid|læsetid|lukuaika|czas czytania|doba čtení|čas čítania|время чтения|час читання|okuma süresi|مدة القراءة|وقت القراءة|زمان مطالعه|"
    "זמן קריאה|読了時間|阅读时间|閱讀時間|قراءة"
)
_MINUTES: Final = (
    "[\\d٠-٩۰-۹]{1,3}(?:\\s*[-–]\\s*\\d{1,3})?\\s*-?\\s*(?:min(?:ute[nrs]?|uto?s?|uti|uter|utter|uut\\w*|s)?\\.?|мин\\.?|минут[аы]?|хв\\.?|dakika|"
    "دقائق|دقيقة|دقیقه|דקות|分钟|分鐘|分|분)"
)
_READING_TIME: Final = re.compile(
    rf"\W*(?:(?:{_LABELLED})\s*[:：]?\s*(?:ca\.?|about|approx\.?|~|env\.?)?\s*{_MINUTES}|"
    rf"{_MINUTES}\s*(?:to |of )?(?:read(?:ing)?(?: time)?|{_LABELLED}|de lecture|de lectura|di lettura|de leitura|чтения|на чтение|"
    r"で読めます?|で読了|읽기))\W*",
    re.IGNORECASE,
)
_CALL: Final = re.compile(
    r"\W*(?:please |jetzt |you can |to )?(?:follow|join|like us|find us|subscribe|sign up|get (?:the|our|all|more|breaking)|download|stay (?:up|in|tuned|connected)|"
    r"connect with|watch us|listen to us|click here to|keep up|folgen?|folgt|abonnier\w*|lade[nt]?|hol|suivez|rejoignez|retrouvez|abonnez|téléchargez|"
    r"sigue|sígu\w+|seguinos|suscríb\w+|únete|descarga|segui\w*|iscriv\w+|inscriv\w+|inscrib\w+|scarica|siga|inscreva|baixe|entre no|participe|volg|följ|følg|seuraa|śledź|"
    r"obserwuj|dołącz|sledujte|kövess\w*|urmăr\w+|подпи\w+|следите|читайте нас|присоединяйтесь|takip|bizi|تابع\S*|انضم\S*|اشترك\S*|حمل\S*|حمّل\S*|"
    r"للاشتراك|للانضمام|ما را|برای عضویت|به کانال|עקבו|הצטרפו|フォロー|关注|關注|追蹤|訂閱|팔로우|हमें|हमारे|theo dõi|আমাদের|ہمیں|ติดตาม|ikuti|ακολουθήστε|prati\w*|sekojiet|jälgi\w*|ndiqni|пратете|следвайте|пратите)"
    r"(?:-(?:nous|nos|me|ci|vous|toi|te|se))?(?![\w-])|\W*(?:フォロー|关注|關注|追蹤|訂閱|订阅|팔로우)|"
    r".{0,120}(?:受け取る|受け取れます|友だち追加|チャンネル登録|フォローする|ご登録ください|구독(?:하\S*)?|팔로우(?:하\S*)?|takip ed\w+|abone ol\w*|katılın|फॉलो कर\S*|जुड़\S*|सब्सक्राइब कर\S*)"
    r"(?:はこちら)?\W*$",
    re.IGNORECASE,
)
"""Some languages have the verb at the end."""
_CHANNEL: Final = re.compile(
    r"google news|google play|app[- ]?store|whats ?app|telegram|facebook|twitter|instagram|youtube|tiktok|linkedin|bluesky|mastodon|\bthreads\b|"
    r"(?-i:\bX\b)|(?:our|unser\w*|notre|nos|nuestr\w+|nostr\w+|noss\w+|onze|vår\w*|vores|nasz\w*|наш\w*)\W+(?:\w+\W+)?(?:app|newsletters?|channel|kanal|chaîne|"
    r"application|canal|canale|lettre|boletín|podcast|рассылк\w+|канал\w*)|телеграм|вконтакте|дзен|تلغرام|تيليغرام|تليجرام|تليغرام|واتساب|فيسبوك|تويتر|"
    r"انستغرام|إنستغرام|يوتيوب|تطبيق|قناتنا|تلگرام|اینستاگرام|کانال|טלגרם|ווטסאפ|פייסבוק|微信|微博|公众号|نشرتنا|النشرة البريدية|ニュースレター|メールマガジン|メルマガ|電子報|뉴스레터|텔레그램|페이스북|인스타그램|카카오톡|유튜브|네이버|टेलीग्राम|यूट्यूब|ไลน์|เฟซบุ๊ก|ยูทูบ|(?-i:(?<![A-Za-z])LINE(?![A-Za-z]))|फेसबुक|व्हाट्सएप|व्हाट्सऐप|यूट्यूब|ट्विटर|ফেসবুক|فیس بک|واٹس ایپ|zalo|เฟซบุ๊ก|ไลน์|viber|вайбер|вайбър|google (?:notícias|noticias|haberler|actualités)",
    re.IGNORECASE,
)
_LONGEST_CALL: Final = 220
_WRITE: Final = re.compile(
    r"\W*(?:(?:(?:haben sie (?:einen )?(?:tipp)?fehler (?:entdeckt|gefunden|bemerkt)|fehler (?:gefunden|entdeckt)|(?:have you )?(?:found|spotted|see|noticed) (?:an? (?:error|mistake|typo)|something (?:wrong|inaccurate))|"
    r"vous avez (?:repéré|trouvé|constaté) une erreur|¿?(?:has|ha) (?:encontrado|visto) (?:un|algún) error|hai trovato un errore|(?:нашли|заметили) (?:ошибку|опечатку)|знайшли помилку)"
    r"(?=\W*$|[^.!?]{0,60}[?]\W*$|.{0,110}(?:report|let us know|tell us|contact|@|melden|mitteilen|schreiben sie|signal|écri|escríb|avís|segnal|scrivi|ctrl|выделите|сообщите|повідом|виділіть)))|"
    r"signaler une erreur(?:\W*$| (?:dans|sur) (?:l['’]article|cet|ce|cette)\b)|une erreur dans (?:l['’]article|cet article|ce texte|cette page)\W*[?]|"
    r"you(?:['’]ve| have) .{1,30}(?:gift|free) (?:articles?|links?)|get in touch with (?:us\b|(?:our|the) (?:team|reporters?|news\w*|editors?|desk|journalists?|authors?))|for more stories like this(?:\W*$|,? (?:please |you can )?(?:subscribe|sign|follow|visit|click|go to|see|download|join))|(?:do you have|have you got|got|have) an? (?:story|tip)\b.{0,60}(?:[?]\W*$|email|e-mail|contact|get in touch|write to|\bus\b|@)|"
    r"do you know more(?: about (?:this|it))?\W*(?:$|[?])(?!\W*the\b)|(?:share|send) (?:us )?your (?:story|stories|tips|views|thoughts|opinion)|contact (?:the |our )?(?:author|reporter|newsroom|us)(?:\W+(?:at|by|via|on|with|here|if)\b|\W*$)|"
    r"haben sie (?:hinweise|informationen|einen tipp)|schreiben sie uns|hat ihnen dieser artikel gefallen|vous avez une information(?=.*(?:\bnous\b|rédaction|@|contact|écri))|une info à nous|"
    r"¿tienes (?:una historia|información)|hai una storia|há alguma (?:informação|correção)|tips oss|har du tips)",
    re.IGNORECASE,
)
_AGENCY: Final = (
    "dpa|afp|reuters|ap|ansa|adnkronos|efe|tass|тасс|риа новости|интерфакс|pa media|pa|upi|kna|epd|sid|apa|ats|sda|keystone|belga|lusa|anp|tt|ntb|ritzau|"
    "stt|pap|čtk|ctk|tasr|mti|tanjug|hina|agerpres|bta|aa|irna|isna|wam|spa|qna|petra|mena|map|aps|kuna|xinhua|kyodo|jiji|yonhap|pti|ani|ians|antara|"
    "bernama|europa press|associated press|press association|بترا|واس|وام|قنا|كونا|سانا|وكالات|أ ف ب|رويترز|新华社|時事|共同"
)
_SIGN_OFF: Final = re.compile(
    rf"[\W_]*[(\[（][^()\[\]（）]{{1,40}}[)\]）][\W_]*|[\W\d_]*(?:(?:{_AGENCY})(?![a-z])(?:[-\s/,;:&+|._–—()]|infocom|digital|\d)*(?:(?!(?:{_AGENCY})(?![a-z]))[a-z]{{2,3}}(?![a-z])[\W_]*)?)+|"
    r"\W*(?:انتهای پیام|انتهى|تمام|pixel|ends?|fim|fin|конец|-30-|###)\W*|"
    rf"\W*(?:with (?:material|files|reporting|agencies|inputs?)|mit (?:material|agenturmaterial)|avec|con información|con|met|с использованием)\W(?:\w+\W+){{0,4}}(?:{_AGENCY}|agencies|agenturen)\W*",
    re.IGNORECASE | re.DOTALL,
)
_SIGNED: Final = re.compile(
    r"\W*(?:(?:(?:additional |with )?(?:reporting|writing|editing|graphics)|compiled|written|edited) by\W)(?P<whom>.{2,240})|"
    r"\W*(?:source|quelle|fuente|fonte|bron|kilde|källa|źródło|zdroj|источник|джерело|kaynak|المصدر|مصدر|منبع|מקור|来源|來源|출처|責任編輯|责任编辑|编辑|編輯)\s*[:：](?P<named>.{1,60})",
    re.IGNORECASE | re.DOTALL,
)
_CONTRIBUTED: Final = re.compile(
    r"[_\W]*+(?!(?:he|she|they|it|we|i|who)\b)(?:[\w.'’-]++\W++){1,9}(?:reported from|contributed (?:to|reporting)|contributed from)\W.{2,200}",
    re.IGNORECASE | re.DOTALL,
)
"""Costly where it does not match, so it is asked of texts with one of these words only."""
_CONTRIBUTING: Final = re.compile(r"(?:reported|contributed) ", re.IGNORECASE)
_LONGEST_SIGN_OFF: Final = 280
_MACHINE: Final = re.compile(
    r"\W*(?:this|the|diese|die|ce|le|este|esta|el|questo|il|o)?\s*(?:article )?(?:summary|summaries|overview|key points|bullet points|zusammenfassung|résumé|resumen|riassunto|sintesi|"
    r"resumo|samenvatting|sammanfattning)\b[^,;.:]{0,60}?(?:language model|\bai\b|\bki\b|\bia\b|artificial intelligence|künstlich\w* intelligenz|"
    r"intelligence artificielle|inteligencia artificial|intelligenza artificiale|inteligência artificial|chatgpt|\bgpt|machine|automat).*|"
    r"\W*(?:(?:ai|ki|ia)[- ](?:generated|generiert\w*|assisted|summary|powered)(?:\W*$| (?=summar|overview|text|content|translat|key|audio|zusammenfass))|(?:generated|created|summari[sz]ed|made|written) (?:by|with|using) "
    r"(?:the help of )?(?:ai\b|artificial intelligence|a language model|chatgpt)|mit hilfe (?:von )?(?:ki\b|künstlicher intelligenz)|généré\w* par)[^,;]{0,120}",
    re.IGNORECASE | re.DOTALL,
)
_MACHINE_MADE: Final = (
    re.compile(
        r"الذكاء الاصطناعي|هوش مصنوعی|בינה מלאכותית|\bAI\b|(?<![A-Za-z])AI(?![A-Za-z])|人工知能|人工智能|人工智慧|인공지능|искусственн\w+ интеллект|штучн\w+ інтелект|\bИИ\b|\bШІ\b|yapay zek|sztuczn\w+ inteligencj|"
        r"uměl\w+ inteligenc|mesterséges intelligenci|inteligenț\w+ artificial|kunstmatige intelligentie|कृत्रिम बुद्धि|एआई|ปัญญาประดิษฐ์|trí tuệ nhân tạo|kecerdasan buatan|τεχνητή\w* νοημοσύνη"
    ),
    re.compile(
        r"ملخص|خلاصة|الموجز|خلاصه|چکیده|תקציר|סיכום|要約|まとめ|摘要|概要|总结|總結|요약|кратк\w+ (?:изложение|содержание|пересказ)|пересказ|резюме|стисл\w+|özet|podsumowani|streszczeni|shrnut|összefoglal|rezumat|samenvatting|"
        r"सारांश|สรุป|tóm tắt|ringkasan|περίληψη",
        re.IGNORECASE,
    ),
    re.compile(
        r"إنشاء|إعداد|توليد|إنتاج|تلخيص|تولید|تهیه|نوצר|נוצר|生成|作成|自动|自動|создан|сгенерир|подготовл|створен|oluştur|üretil|hazırlan|wygenerow|utworz|przygotow|vygener|vytvoř|készít|készült|generat|gegenereerd|생성|작성|तैयार|बनाया|สร้าง|tạo|dibuat|δημιουργ",
        re.IGNORECASE,
    ),
)
"""What a note on a machine's summary speaks of in other languages: the machine, the summary, its making."""
_MACHINE_IN_ASCII: Final = ("AI", "yapay", "sztuczn", "kunstmatige", "kecerdasan")
"""Of the machine's names those without other letters: most texts have none of them, and need not be searched."""
_LONGEST_MADE: Final = 120
_LONGEST_NOTE: Final = 240
_EMBED: Final = re.compile(
    r"external content|third[- ]party content|externe[rn]? inhalte?|contenus? externes?|contenido externo|contenuto esterno|conteúdo externo|externe inhoud|"
    r"внешний контент|чтобы (?:увидеть|посмотреть|просмотреть) (?:этот|эту|это|данн)|щоб (?:побачити|переглянути) (?:цей|цю)|aby (?:zobaczyć|wyświetlić) t|om deze inhoud te|per visualizzare quest|para (?:ver|visualizar) est[ea]|bu içeriği (?:gör|görüntüle)|要查看此内容|이 콘텐츠를|(?:to|um) (?:see|view|display|show|diesen) (?:this|inhalt)|this content is (?:hosted|provided|blocked)|browser does not support (?:the |this |html|java|video|audio|iframe|frames|embed|playback|inline|cookies|svg|webgl)|"
    r"content (?:is )?(?:not available|unavailable|blocked|hidden).{0,40}(?:privacy|cookie|consent|settings|preferences)|inhalt (?:anzuzeigen|blockiert|nicht verfügbar)|privatsphäre-einstellungen|inhalt .{0,40}kann nicht (?:angezeigt|geladen)|contenu (?:est )?bloqué|contenido (?:está )?bloqueado",
    re.IGNORECASE,
)
_CONSENTING: Final = re.compile(
    r"privacy (?:settings|preferences|choices)|\bclick|\bshow\b|\baccept|\bconsent|cookies?\b|\ballow|javascript|\bplay\b|\bbrowser|anzeigen|einblenden|zustimm|akzeptier|klick|afficher|cliqu|haga clic|clic |mostrar|"
    r"nicht verfügbar|verhindern|acept|accett|visualizza|aceit|toestemming|tonen|показать|нажм|traceurs",
    re.IGNORECASE,
)
_LONGEST_EMBED: Final = 500
_COOKIES: Final = re.compile(
    r"necessary cookies|(?:we|this (?:web)?site|our (?:web)?site|and our partners) uses? (?:\w+ ){0,3}cookies|cookies? (?:is|are) (?:set|used|stored)|accept (?:all )?cookies|"
    r"cookie (?:settings|policy|preferences)|verwende[nt] (?:wir )?cookies|utilis\w+ (?:des|les) cookies|utiliza\w* cookies|utilizz\w+ (?:i )?cookie|"
    r"used to (?:store|remember) the (?:user|visitor)[’']?s? consent|"
    r"^\W*(?:we|wir|nous|nosotros|noi|nós|wij|мы|ми|biz|vi|my|our|unsere|nos|nuestros|i nostri)\b.{0,160}\b(?:your|an?|the|ihrem|deinem|einem|votre|un|su|tu|tuo|vostro|seu|uw|je|een|вашем|ваш\w*|устройстве|din|twoim)\W"
    r"(?:device|terminal|browser|(?:end)?gerät|appareil|navigateur|dispositivo|navegador|apparaat|устройстве|браузере|enhet|urządzeni\w+)|cihazınız|お使いの(?:端末|デバイス|ブラウザ)|على جهازك|您的(?:设备|裝置|浏览器|瀏覽器)",
    re.IGNORECASE,
)
_COOKIE_NAME: Final = re.compile(
    r"(?:__?[a-z][\w.-]{1,40}|[\w.-]{0,20}(?:sess(?:ion)?_?id|csrf|xsrf|cookie|consent|gdpr|visitor)[\w.-]{0,40}|NID|IDE|DSID|YSC|cf_\w{2,20})(?<!__)(?=\t|\s*$)",
    re.IGNORECASE,
)
_FEW_COOKIES: Final = 2
_SURFING: Final = re.compile(
    r"web|site|browser|device|settings|policy|experience|traffic|analy|persona|consent|partner|\bads?\b|advert|privacy|track|erlebnis|einwillig|zustimm|datenschutz|"
    r"navigation|expérience|audience|confidential|experiencia|navega|privacidad|esperienza|privacy|naviga|experiência|ervaring|доступ|сайт",
    re.IGNORECASE,
)
"""What notices about cookies speak of, and recipes do not."""
_GIVING: Final = re.compile(
    r"\b(?:support(?:ing)? (?:us|our (?:work|journalism|reporting|newsroom)|independent journalism)|donat(?:e|ing|ion)|become a (?:member|supporter|patron)|make a (?:small )?(?:contribution|donation)|unterstütz\w+ (?:sie )?(?:uns|unser\w*)|unterstütz\w+ sie unabhängig\w*|"
    r"mit (?:einer|ihrer) spende|soutenez|soutenir (?:notre|nous)|faites un don|faire un don|apóyan?os|apoya (?:nuestro|el)|hazte soci\w|sostien\w+ (?:il nostro|la nostra|ci)|apoie|steun ons|word (?:lid|donateur)|поддержите)\b",
    re.IGNORECASE,
)
_GIVEN: Final = re.compile(
    r"\b(?:our (?:work|journalism|reporting|newsroom|readers)|paywall|independent journalism|unser\w* (?:arbeit|journalismus|redaktion)|unabhängig\w* journalismus|bezahlschranke|notre (?:travail|journal|rédaction|média)|"
    r"nuestro (?:trabajo|periodismo)|nostro (?:lavoro|giornale|giornalismo)|nosso (?:trabalho|jornalismo)|onze (?:redactie|journalistiek)|periodismo independiente|presse indépendante|if you value|please consider)\b",
    re.IGNORECASE,
)
_ON_GIVING: Final = (
    "support",
    "donat",
    "member",
    "contribution",
    "unterstütz",
    "spende",
    "souten",
    "don",
    "apó",
    "apoy",
    "soci",
    "sost",
    "apoie",
    "steun",
    "word ",
    "поддерж",
)
_ENDS_CREDITED: Final = re.compile(
    r"(?:^|[\s(|.])(?:photos?|fotos?|bild(?:er)?|images?|pictures?|фото|kuvat?|zdjęci[ae]|photograph|fotografie)(?: by| credit)?\s*[:/©]\s*(?P<named>[^.!?:\n]{2,50}[.)]?)$|\s©(?!\s*\d{4})\s*[^.!?\n]{2,50}$",
    re.IGNORECASE,
)
_PICTURES: Final = "تصوير|عدسة|الصورة|صورة|عکس|عکاس|תצלום|צילום|фото|снимка|φωτ(?:ογραφία|ογραφίες|ό|ο)?|fotoğraf|fot|foto(?:graf)?|fotó|photos?|bild|ảnh|hình|ภาพ|फोटो|फ़ोटो|तस्वीर|ছবি|तस्बिर|படம்|사진|写真|撮影|摄影|攝影|图|圖|图片"
_ENDS_IN_PICTURED: Final = re.compile(
    rf"[(（\[【]\s*(?:{_PICTURES})\s*[:：.=/–-]?\s*[^()（）\[\]【】]{{2,40}}[)）\]】]\W*$|"
    rf"(?:^|[\s|،.。])(?:{_PICTURES})\s*[:：=]\s*[^:：。!?\n]{{2,40}}$|"
    r"[＝=／/（(][^。．＝=（）()\n]{2,24}(?:撮影|提供|写す)[)）]?$|（[^（）]{1,20}[摄攝]）?$|(?:新华社|中新社|中央社|記者|记者)[^。\n]{1,16}[摄攝]$|(?:供图|供圖|图片来源|圖片來源)[^。\n]{0,20}$|[가-힣A-Za-z0-9] ?(?:자료사진|제공)\W{0,2}$",
    re.IGNORECASE,
)
"""Who took a picture, behind the caption, in the languages whose words for it are not in the pattern above."""
_LONGEST_CREDITED: Final = 260
_TAG_LINE: Final = re.compile(
    r"\W*(?:tags?|topics?|filed under|filed in|keywords?|themen|schlagw[oö]rte[rn]?|stichwörter|mots[- ]clés|thèmes|etiquetas|temas|archivado en|palabras clave|argomenti|palavras-chave|onderwerpen|trefwoorden|tagi|теги|"
    r"метки|etiketler|الكلمات المفتاحية|كلمات مفتاحية|الوسوم|وسوم|برچسب ?ها|תגיות|タグ|キーワード|태그|标签|标籤|關鍵字|关键词)\s*[:：]\s*\S.{0,200}",
    re.IGNORECASE,
)
_CAPTION: Final = re.compile(
    r"\W*(?:pictured\b|from left\b|\(?left to right|file (?:photo|image|picture|pic)|(?:photo|image|picture|foto|bild|fotos|photos|imagen|credit|crédit|fotografía|фото|صورة|عکس)\s*(?:by|credit|[:：/])|"
    r"in this .{3,60}?(?:photo|image|picture|photograph)(?=,| (?:taken|provided|released|made|shot|from|by|courtesy|illustration)\b)|archiv(?:foto|bild)|symbol(?:foto|bild)|صورة أرشيفية|عکس آرشیوی|صورة تعبيرية|写真|資料写真|图为|資料照)"
    r"|.*(?:[(（|/©]\s*(?:photo|foto|image|bild|picture|credit|ap photo|getty(?: images)?|epa|imago|shutterstock|istock|file photo|archiv\w*)\b[^()]{0,60}|"
    r"[/|©]\s*(?:ap|afp|reuters|dpa|tass|efe|ansa)\b[^()]{0,20})[)）]?\.?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_STATED_CAPTION: Final = re.compile(
    r"\W*(?:in this .{3,60}?,? (?:file |handout |undated |still )*(?:photo|image|picture|photograph)(?=,| (?:taken|provided|released|made|shot|from|by|courtesy|illustration)\b)|file (?:photo|image|picture)\s*[:：])|.*\((?:ap )?(?:photo|foto|image|picture)\s*[:/][^()]{2,60}\)\s*$",
    re.IGNORECASE | re.DOTALL,
)
A_LABEL: Final = "a button or a label"
_LABEL: Final = re.compile(
    r"[\W_]*(?:(?:listen|watch|play|save|print|share|bookmark|comment|like|gift|email)(?:[ -](?:to|on))?(?: th(?:is|e))?(?: (?:article|story|page|post|video))?(?: now)?(?:\W+\d{1,2}:\d\d)?(?: ?min(?:utes)?)?|"
    r"(?:artikel|beitrag|text|seite|meldung)(?: jetzt)? (?:anhören|vorlesen|hören|drucken|teilen|speichern|merken|kommentieren)|(?:anhören|vorlesen|drucken|teilen|merken|kommentieren)|"
    r"(?:écouter|imprimer|partager|enregistrer|sauvegarder|offrir)(?: (?:l[’']article|cet article))?|(?:escuchar|imprimir|compartir|guardar)(?: (?:el |este )?(?:artículo|noticia|nota))?|"
    r"(?:ascolta|stampa|condividi|salva)(?: (?:l[’']articolo|questo articolo))?|(?:ouvir|imprimir|compartilhar|salvar|partilhar)(?: (?:o |este )?(?:artigo|texto|notícia))?|"
    r"(?:luister|deel|bewaar)(?: (?:dit|naar dit) artikel)?|(?:поделиться|распечатать|сохранить|слушать)(?: (?:статью|новость))?|"
    r"(?:skip|close|hide)(?: (?:the |this )?(?:promotion|ad|ads|advert|advertisement|newsletter|content|promo)s?)(?: (?:promotion|section))?|"
    r"(?:story |article |content |text )?continue(?:s|d)?(?: reading)?(?: the (?:story|article))? (?:below|after)(?: th(?:is|e))?(?: (?:ad|advert|advertisement|promotion|video|gallery))?|"
    r"(?:advertisement|advertising|ad|anzeige|werbung|publicité|publicidad|pubblicità|publicidade|advertentie|annons|annonse|annonce|mainos|reklama|reklam|hirdetés|реклама|إعلان|آگهی|広告|广告|광고)"
    r"(?:\W+(?:(?:continue|story|article|scroll|please|weiter|lisez|lire|siga)\W.{0,40}|nach der anzeige.{0,30}))?|"
    r"(?:for |nur für |réservé aux |sólo para |solo per |somente para )?(?:subscribers?|abonnenten|abonnés|suscriptores|abbonati|assinantes|members)(?: only| exclusive| content)?|"
    r"(?:exclusive|subscriber|premium|members?)[- ](?:only|content|article|story|exclusive)s?|"
    r"topics(?: in this (?:article|story))?|themen in diesem artikel|filed under|more (?:topics|on this story)|"
    r"(?:embedded|external) (?:video|audio|tweet|post|content|media|image)|(?:video|audio|tweet|image|photo|gallery) (?:embed|placeholder|unavailable)|"
    r"(?:was|did you find|is|find) this (?:article|page|story|content) (?:helpful|useful|interesting)\b.{0,30}|war dieser artikel hilfreich.{0,30}|cet article vous a-t-il été utile.{0,30}|"
    r"(?:like|liked|enjoy(?:ed)?|enjoying) (?:this|the|our|what you) (?:story|article|post|read|read\w*|content)\b(?:[^,;:]{0,60}[?].{0,60}|(?=.*\b(?:share|subscribe|sign|support|follow|join|donate|rate|tell)\b).{0,90}|\W*)|"
    r"(?:hide|show|read|view) (?:caption|transcript|comments|full (?:article|story|text))|image caption|image source|toggle caption|(?:\d+|no|add|post|view|read|write|leave)(?: a| all| \d+)? comments?|"
    r"\d+ (?:kommentare?|commentaires?|comentarios?|commenti|comentários|reacties|комментари\w+)|copy (?:link|url)|link copied!?|copied|(?:back|return|go) to (?:top|homepage|home)|loading\W*)[\W_]*",
    re.IGNORECASE,
)
"""Buttons and labels that stand as a line of their own."""
_LONGEST_LABEL: Final = 140
_MAIL: Final = re.compile(r"(?:[가-힣]{2,4} ?기자 ?)?\W*(?:e-?mail\W*)?[\w.+-]+@[\w-]+\.[\w.]+\W*", re.IGNORECASE)
_LONGEST_LINE: Final = 80
_OLD: Final = re.compile(
    r"\W*(?:this (?:article|story|post|page|content) is (?:more than |over |about )?(?:\d+|one|two|three|a|several) (?:years?|months?) old|"
    r"(?:dieser artikel|dieser beitrag) ist (?:älter als|mehr als|über) .{3,40}|cet article (?:date de|a été publié il y a) plus d.{3,30})\W*(?:\w+ ){0,8}\W*",
    re.IGNORECASE,
)
_RIGHTS: Final = re.compile(
    r"\W*(?:©(?! ?(?-i:[a-z]+ [a-z]+ [a-z]))|\(c\)|copyright\b(?=\W*(?:©|\(c\)|\d{4}|by (?:the )?(?-i:[A-ZÀ-Þ])|:)|.{0,24}$)|&copy;).{0,240}|.{0,160}\b(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|(?:todos los|todos os|tutti i) (?:derechos reservados|direitos reservados|diritti riservati)|"
    r"alle rechten voorbehouden|все права защищены|wszelkie prawa zastrzeżone|tüm hakları saklıdır|جميع الحقوق محفوظة|無断転載(?:を)?禁(?:止|じます)?|무단\s?전재)\b(?=\W*$|\s*[.,;|–—\n©(-]|\s+(?:by|and|of|и охраняются|worldwide)\b|\s+ل\w+(?:\s\S+){0,4}\W*$|\s?(?:및|재배포)).{0,200}|"
    r"\W*(?:riproduzione riservata|reproducción prohibida|reprodução proibida|reproduction interdite|nachdruck verboten)\b(?=\W*$|\s*[.,;|–—\n©(-]|\s+(?:sans|sin|sem|senza|ohne|total|parcial|ou|même|copyright)\b).{0,160}|"
    r"\W*(?:prohibida (?:su|la) reproducción|proibida a reprodução)(?:\W*$|,? (?:total|parcial|sin|sem|de (?:est|todo|los contenid|o conteúd|texto\b|artí|arti))).{0,160}|"
    r"\W*(?:toute reproduction(?=,| (?:même|ou|et|totale|partielle|sans|est|interdite|de (?:cet|nos|l[’']article|tout|textes|contenus)))|перепечатка(?= (?:и|или|материал\w*|без|только|текст\w*|люб\w+|статей|статьи|возможн\w+|разреш\w+|запрещена? без|допуск\w+|полная|частичная)\b))\b.{0,100}(?:interdit|autoris|запрещ|разреш|ссылк|соглас).{0,60}",
    re.IGNORECASE | re.DOTALL,
)
_ELSEWHERE: Final = re.compile(
    r"\W*(?:(?:this|the) (?:article|story|post|piece|essay|report|commentary|interview)(?:,? .{3,60},?)? (?:was |is |has been |had been )?(?:originally |first |also |previously |initially )*"
    r"(?:published|appeared|appears|posted|produced|republished|reprinted)\b.{0,160}|"
    r"(?:originally|first|previously) (?:published|appeared|posted)\b.{0,120}|(?:read|see|view) the (?:original|full) (?:article|story|post|version)\b.{0,100}|"
    r"(?=.*(?:erschien|veröffentlicht|publiziert))(?:dieser|der) (?:artikel|text|beitrag) (?:ist|erschien|wurde) (?:zuerst |zuvor |ursprünglich |erstmals |am .{3,30} )*(?:erschienen|veröffentlicht|auf|bei|in|im)\b.{0,120}|"
    r"cet article (?:a été |est )?(?:initialement |d[’']abord )*(?:publié|paru)\b.{0,120}|(?:este artículo|esta nota) (?:fue |se )?(?:originalmente )?public\w+\b.{0,120})",
    re.IGNORECASE | re.DOTALL,
)
_PUBLISHED: Final = re.compile(
    r"\b(?:published|appear(?:ed|s)|posted|produced|republished|reprinted|(?:original|full) (?:article|story|post|version)|erschienen|erschien|veröffentlicht|publiée?|parue?|public\w+)\b",
    re.IGNORECASE,
)
_EDITION: Final = re.compile(
    r"\b(?:permission|licen[cs]e|creative commons|print|editions?|issue|newsletter|partnership|collaboration|website|blog|magazine|\w+\.(?:com|org|net|co|de|fr|example))\b",
    re.IGNORECASE,
)
_ENDS_SMALL: Final = re.compile(r"\s[a-zà-ÿ][^\W\d_A-ZÀ-Þ]{3,}\W*$")
_BY_MACHINE: Final = re.compile(
    rf"maschin|automat|machine|software|deepl|\b(?:ai|ki|ia|{_AGENCY}|agentur\w*|nachrichtenagentur\w*|korrespondent\w*)\b",
    re.IGNORECASE,
)
_FROM_DESKS: Final = re.compile(r"\W*mit informationen\b", re.IGNORECASE)
_DISCLAIMER: Final = re.compile(
    r"\W*(?:this|our|these) (?:article|post|page|story|site|website|content|links?)\b.{0,60}\baffiliate (?:links?|partner\w*|program\w*|commission|marketing|products?|advert\w*)\b.{0,300}|(?=.*\b(?:links?|purchas\w+|buy|click|shop\w*|products?|advertis\w+|affiliate)\b).{0,120}\b(?:we|i) (?:may )?(?:earn|receive|get) (?:an? |some )?(?:small |affiliate )*(?:commission|compensation|fee)\b.{0,200}|"
    r"(?=.*\b(?:articles?|here\w*|authors?|columns?|columnists?|comment\w*|pieces?|contribut\w+|guests?|editorials?|newspaper|publication|publisher|writers?|site|website|blog|posts?|own)\b).{0,120}(?:views|opinions) (?:expressed|in this).{0,90}(?:do not|are not|not necessarily|are those of|alone|solely|own).{0,160}|"
    r"(?=.*(?:redaktion|autor|verfasser|verlag|wieder)).{0,80}(?:gastbeitr\w+|gastkommentar\w*|meinungsbeitr\w+|namentlich gekennzeichnete).{0,120}(?:nicht|meinung).{0,160}|"
    r".{0,80}(?:mit (?:einem )?(?:sternchen|stern|\*).{0,30}(?:gekennzeichnet|markiert)|affiliate-?links?\b.{0,60}(?:provision|enthalten|enthält)).{0,200}|"
    r"(?=.*\b(?:autor\w*|aute?ur\w*|responsab\w*|columnist\w*|colunist\w*|reflej\w+|reflèt\w+|refletem|rifletton\w+|necesar\w+|nécessair\w+|necessar\w+|engagent|medio|jornal|giornale|diario|site|sitio)\b).{0,80}\b(?:las opiniones|los artículos de opinión|les opinions exprimées|le opinioni espresse|as opiniões)\b.{0,200}|"
    r"\W*(?:الآراء|المقالات|آراء الكتاب).{0,60}(?:لا )?(?:تعبر|تعكس|تمثل)(?: بالضرورة)? (?:إلا )?عن .{0,120}|.{0,40}мнени\w+ (?:автор\w*|редакции)\b.{0,40}не (?:совпада\w+|отража\w+).{0,80}|"
    r"\W*本文(?:仅|僅|只)?(?:代表|为|為)作者.{0,80}",
    re.IGNORECASE | re.DOTALL,
)
_MADE: Final = re.compile(
    r"\W*(?:dies ist eine|this is an?|ceci est une|esta es una|questa è una) (?:maschinelle|automatische|machine|automated?|automatic|traducción|traduction|traduzione).{0,20}(?:übersetzung|translation|automatique|automática|automatica)?.{0,300}|"
    r"\W*(?:this (?:article|story|text) (?:was|has been)|dieser (?:artikel|text|beitrag) wurde|cet article a été) (?:\w+ ){0,2}(?:translated|übersetzt|traduit|machine-translated).{0,250}|"
    r"\W*mit informationen (?:der|des|von)\W.{2,300}",
    re.IGNORECASE | re.DOTALL,
)
_ON_MAKING: Final = ("übersetz", "translat", "traduc", "traduit", "traduz", "mit informationen")
_ON_AGE: Final = (" old", " ist ", "date de", "il y a")
_ON_RIGHTS: Final = (
    "©", "(c)", "copyright", "riproduzione", "reprod", "nachdruck", "перепечатка", "reserved", "vorbehalten", "droits", "derechos", "direitos", "diritti", "voorbehouden", "защищены", "zastrzeżone",
    "saklıdır", "محفوظة", "無断転載", "무단",
)  # fmt: skip
_ON_VIEWS: Final = (
    "affiliate",
    "commission",
    "compensation",
    " fee",
    "opini",
    "views",
    "beitr",
    "gastkomm",
    "namentlich",
    "sternchen",
    "الآراء",
    "آراء",
    "المقالات",
    "мнени",
    "作者",
    "mit *",
)
_ON_PLACES: Final = (
    "publi",
    "appear",
    "posted",
    "produced",
    "reprinted",
    "erschien",
    "veröffentlicht",
    "original",
    "full ",
)
_LONGEST_NOTICE: Final = 400
_CREDIT_LINE: Final = re.compile(
    r"\W*(?:(?:cover |header |featured? |main |lead |file |top )?(?:photo|image|picture|photograph|foto|bild|fotos|photos|imagen|fotografía|фото|video|illustration|graphic|grafik|infographic)s?(?: credit| courtesy| source| by| von| de)?|"
    r"credits?|crédits?(?: photo)?|bildquelle|fotocredit|photographer|fotograf(?:in)?|fotógrafo|صورة|تصوير|عکس|写真|撮影|图片来源|图|사진)\s*[:：/©](?P<named>.{1,70})",
    re.IGNORECASE,
)
_DATELINE: Final = re.compile(
    rf"\W*[A-ZÄÖÜÀ-Þ][A-ZÄÖÜÀ-Þ ./-]{{2,30}},?\s*[-–(]\s*(?i:{_AGENCY})[\s/\w-]{{0,12}}\)?\W*"
)
_ON_WHOM: Final = (
    r"(?:(?:Cautionary (?:Note|Statement) (?:Regarding|on|Concerning) )?Forward[- ]Looking (?:Statements|Information)|Safe Harbor(?: Statement)?|(?:Media|Press) [Cc]ontacts?|(?:Presse|Medien)kontakt|Contacts? [Pp]resse|"
    r"Contacto de [Pp]rensa|Contatti [Ss]tampa|Notes? (?:to|for) [Ee]ditors|(?:[Aa]bout|ABOUT|À propos d(?:e|u|es)|A propos d(?:e|u|es)|Informazioni su|O firmie|نبذة عن) (?:[Tt]he |l[’'])?[^\W\d_a-zа-я][^.!?:\n]{1,60}|[Aa]bout (?:the )?(?:authors?|us|company)|À propos d[’'][A-ZÀ-Þ][^.!?:\n]{1,60}|"
    r"Über (?:uns|(?:den|die) Autor(?:in|en)?|das Unternehmen|die (?:Firma|Stiftung|Autorinnen und Autoren))|Sobre (?:(?:el|la|o|a|los|as|os) autor[ae]?s?|nosotros|nós|(?:la|a) empresa)|Acerca de (?:l[ao]s? )?(?:autor[ae]?s?|nosotros)|"
    r"Over (?:de auteurs?|ons)|Om (?:forfatter\w*|författar\w*|oss|os)|Об авторе|О компании|Про автора|Yazar hakkında|Tentang penulis|عن الكاتب|درباره نویسنده|关于作者|關於作者|作者简介|作者簡介|筆者紹介|著者プロフィール)"
)
_ABOUT: Final = re.compile(rf"\W*{_ON_WHOM}\s*[:：\n]\s*\S")
_ABOUT_HEADING: Final = re.compile(rf"\W*{_ON_WHOM}\s*[:：]?\W*")
_SOURCE_LINE: Final = re.compile(
    r"\W*(?:source|quelle|fuente|fonte|bron|kilde|källa|źródło|zdroj|источник|джерело|kaynak|المصدر|مصدر|منبع|מקור|来源|來源|출처|sursa|πηγή|nguồn|sumber|izvor|извор|източник|allikas|avots|šaltinis|forrás|lähde|"
    r"সূত্র|स्रोत|ที่มา|mənbə|manba|წყარო|աղբյուր|burimi|крыніца|дереккөз)s?\s*[:：](?P<named>\s*\S.{0,36})",
    re.IGNORECASE,
)
_MEDIUM: Final = re.compile(
    r"(?:WATCH|VIDEO|Video|LISTEN|PHOTOS?|GALLERY|AUDIO|PODCAST|Im Video|EN VIDEO|EN IMAGES|VIDEO:|VER VIDEO|BILDERGALERIE|READ(?: MORE| ALSO| NEXT)?|RELATED|MORE)\s*[:|»►▶–-]\s*\S.{3,120}(?<![.…])"
)
_BIOGRAPHY: Final = re.compile(
    r"[–—•*\s]*(?:(?:dr|prof|professor|sir|dame)\.? )*(?:[A-ZÀ-ÞА-Я][\w.'’-]+ ){1,4}(?:"
    r"(?:is|are|writes|covers|reports|serves|works|teaches|joined|can be reached)\b[^.;:]{0,120}?\b(?i:reporter|editor|correspondent|journalist|columnist|writer|author|professor|lecturer|fellow|"
    r"contributor|analyst|director|researcher|producer|blogger|critic|freelanc\w+|staff|covers?|covering|based in|bureau|intern)(?=\W*$|[.,;(]|(?:['’]s)?\s+(?:at|for|with|in|from|of|on|based|covering|and|to|who (?:covers|writes|reports|lives)|[A-Z])\b)|"
    r"(?:ist|arbeitet|schreibt|berichtet|leitet)\b[^.;:]{0,120}?\b(?i:reporter(?:in)?|redakteur(?:in)?|korrespondent(?:in)?|journalist(?:in)?|autor(?:in)?|kolumnist(?:in)?|professor(?:in)?|ressortleiter(?:in)?|volontär(?:in)?)(?=\W*$|[.,;(]|\s+(?:im|in|bei|beim|der|des|für|am|an|mit|aus|von)\b)|"
    r"(?:est|écrit|couvre|dirige)\b[^.;:]{0,120}?\b(?i:journaliste|reporter|correspondant\w*|rédact\w+|chroniqueu\w+|professeure?|auteure?|essayiste)(?=\W*$|[.,;(]|\s+(?:au|aux|à|chez|pour|du|de|des|en|spécialis\w+)\b)|"
    r"(?:es|escribe|cubre)\b[^.;:]{0,120}?\b(?i:periodista|corresponsal|redactora?|columnista|profesora?|escritora?|editora?)(?=\W*$|[.,;(]|\s+(?:en|de|del|para|especializad\w+)\b)|"
    r"(?:è|scrive|segue)\b[^.;:]{0,120}?\b(?i:giornalista|corrispondente|redattore|redattrice|professore(?:ssa)?|autore|autrice)(?=\W*$|[.,;(]|\s+(?:a|al|alla|per|presso|di|del|della|de)\b)|"
    r"(?:é|escreve|cobre)\b[^.;:]{0,120}?\b(?i:jornalista|repórter|correspondente|redatora?|colunista|professora?|editora?)(?=\W*$|[.,;(]|\s+(?:em|no|na|de|do|da|para)\b))",
    re.DOTALL,
)
_LONGEST_BIOGRAPHY: Final = 480
_WORD: Final = re.compile(r"[^\W\d_]+")
_LONGEST_DAY: Final = 90
_DAY_WORDS: Final = frozenset(
    [
        "published",
        "publish",
        "posted",
        "post",
        "updated",
        "update",
        "last",
        "modified",
        "created",
        "first",
        "on",
        "at",
        "um",
        "uhr",
        "stand",
        "vom",
        "am",
        "den",
        "le",
        "à",
        "a",
        "las",
        "de",
        "del",
        "ore",
        "alle",
        "klo",
        "kl",
        "veröffentlicht",
        "aktualisiert",
        "erschienen",
        "erstellt",
        "zuletzt",
        "geändert",
        "publié",
        "mis",
        "jour",
        "modifié",
        "publicado",
        "actualizado",
        "actualización",
        "fecha",
        "publicación",
        "pubblicato",
        "aggiornato",
        "ultimo",
        "aggiornamento",
        "gepubliceerd",
        "bijgewerkt",
        "geplaatst",
        "publicerad",
        "uppdaterad",
        "publisert",
        "oppdatert",
        "opdateret",
        "julkaistu",
        "päivitetty",
        "opublikowano",
        "aktualizacja",
        "dodano",
        "publikováno",
        "aktualizováno",
        "publikované",
        "опубликовано",
        "обновлено",
        "опубліковано",
        "оновлено",
        "date",
        "datum",
        "data",
        "atualizado",
        "última",
        "atualização",
        "hs",
        "hrs",
        "h",
        "min",
        "yayınlanma",
        "güncelleme",
        "tarihi",
        "son",
        "güncellenme",
        "giriş",
        "نشر",
        "في",
        "تاريخ",
        "النشر",
        "آخر",
        "تحديث",
        "الساعة",
        "انتشار",
        "تاریخ",
        "ساعت",
        "פורסם",
        "עודכן",
        "בשעה",
        "pm",
        "p",
        "m",
        "edt",
        "est",
        "et",
        "gmt",
        "utc",
        "bst",
        "cet",
        "cest",
        "ist",
        "wib",
        "o",
        "clock",
        "the",
        "of",
        "年",
        "月",
        "日",
        "時",
        "时",
        "分",
        "点",
        "點",
        "更新",
        "公開",
        "公開日",
        "掲載",
        "発表",
        "发布",
        "发表",
        "發布",
        "發表",
        "時間",
        "时间",
        "日期",
        "入力",
        "입력",
        "수정",
        "등록",
        "승인",
        "년",
        "월",
        "일",
        "시",
        "분",
    ]
)
"""What stands around the day and the hour in a line that says nothing else."""
_TOLD_STOPS: Final = frozenset(".。！!?？؟।")
_LONGEST_CAPTION: Final = 420
_LONGEST_TIME: Final = 60
_ON_EMBEDS: Final = 1 << LEXICON.index("embed") | 1 << LEXICON.index("consent")
_ON_COOKIES: Final = 1 << LEXICON.index("consent")
_ON_SUMMARIES: Final = 1 << LEXICON.index("summary")
_ON: Final = Phrases([_ON_AGE, _ON_RIGHTS, _ON_VIEWS, _ON_PLACES, _ON_MAKING, _ON_GIVING])
_AGE, _OF_RIGHTS, _VIEWS, _PLACES, _MAKING, _ASKING = (1 << order for order in range(6))


_EXPLAINED: Final = re.compile(r"[:;] (?-i:[a-zà-ÿа-я]+) (?-i:[a-zà-ÿа-я]+) (?-i:[a-zà-ÿа-я]+)")
"""What is explained behind a colon: ``Get our boys home: that is what they demand``."""
_BEGS: Final = re.compile(
    r"\W*(?:support (?!for\b)|donate|become a|make a|unterstützen sie|soutenez|faites un|apoya\b|hazte|sostieni|apoie|steun|поддержите)",
    re.IGNORECASE,
)
_TOLD: Final = frozenset(("about rights", "a disclaimer", "about where it was published", "about how it was made"))
"""Kinds of notices that need not address anybody."""
_SPOKEN: Final = _TOLD | {
    "a call to follow", "a call to write in", "a call to give", "about cookies", "in place of an embedded post",
}  # fmt: skip
"""Kinds whose words stand in news, too."""


def said_about_itself(text: str, bits: int, *, apart: bool = False) -> str:
    """Return what `text` is if it speaks of the page and not of the news; an empty string for all else.

    `bits` are its `lexical_bits`. Where the block stands out by its markup (`apart`: a link, bold type, a name of its own), the wording
    says enough; a plain paragraph must also speak to its reader or of itself. What tells that somebody said so is news in any case.
    """
    said = _wording(text, bits, apart=apart)
    if not said or said not in _SPOKEN:
        return said
    if is_reported(text):
        return ""
    spoken = addresses(text) and _EXPLAINED.search(text) is None
    return said if apart or said in _TOLD or spoken or (said == "a call to give" and _BEGS.match(text)) else ""


def _wording(text: str, bits: int, *, apart: bool) -> str:
    """Return what kind of notice `text` is by its words alone."""
    size = len(text)
    if size <= _LONGEST_TIME and _READING_TIME.fullmatch(text):
        return "a reading time"
    if size <= _LONGEST_CALL and _CALL.match(text) and _CHANNEL.search(text):
        return "a call to follow"
    if size <= _LONGEST_CALL and _WRITE.match(text):
        return "a call to write in"
    if size <= _LONGEST_LINE and "@" in text and _MAIL.fullmatch(text):
        return "an address alone"
    if size <= _LONGEST_LABEL and (_LABEL.fullmatch(text) or _MEDIUM.fullmatch(text)):
        return A_LABEL
    if size <= _LONGEST_NOTICE and (notice := _notice(text, apart=apart)):
        return notice
    if size <= _LONGEST_EMBED:
        if bits & _ON_EMBEDS and _EMBED.search(text) and _CONSENTING.search(text):
            return "in place of an embedded post"
        if bits & _ON_COOKIES and _COOKIES.search(text) and (apart or _SURFING.search(text)):
            return "about cookies"
    return ""


def _notice(text: str, *, apart: bool) -> str:
    """Return what a block says of its article: its age, its rights, where else it stands, whose picture is above it.

    The costly patterns are asked only where a word of theirs is in the text.
    """
    on = _ON.found(text.lower())
    if on & _AGE and _OLD.fullmatch(text):
        return "about the article's age"
    if on & _OF_RIGHTS and _RIGHTS.fullmatch(text):
        return "about rights"
    if on & _VIEWS and _DISCLAIMER.fullmatch(text):
        return "a disclaimer"
    if on & _PLACES and _ELSEWHERE.fullmatch(text) and (apart or _says_where(text)):
        return "about where it was published"
    if on & _MAKING and _MADE.fullmatch(text) and (apart or _says_how(text)):
        return "about how it was made"
    if on & _ASKING and _GIVING.search(text) and _GIVEN.search(text):
        return "a call to give"
    has_colon = ":" in text or "：" in text
    if has_colon and _TAG_LINE.fullmatch(text) and text[-1] not in ".!?":
        return "tags"
    if (
        (has_colon or "/" in text or "©" in text)
        and (credit := _CREDIT_LINE.fullmatch(text))
        and is_named(credit["named"])
    ):
        return "a picture credit"
    if has_colon and (source := _SOURCE_LINE.fullmatch(text)) and text[-1] not in ".!?" and is_named(source["named"]):
        return "a source"
    return "a dateline alone" if _DATELINE.fullmatch(text) else ""


def _says_where(text: str) -> bool:
    """Tell whether what stands behind the last verb of publishing is a name, a day or the house itself: ``in The Other Paper``."""
    rest = ""
    for verb in _PUBLISHED.finditer(text):
        rest = text[verb.end() :]
    named = is_named(rest) and _ENDS_SMALL.search(rest) is None
    return not rest.strip(" .!") or named or addresses(rest) or _EDITION.search(rest) is not None


def _says_how(text: str) -> bool:
    """Tell whether a text about a translation or a source names a machine, an agency or a language."""
    return _BY_MACHINE.search(text) is not None or (_FROM_DESKS.match(text) is None and is_named(text))


def is_day_line(text: str) -> bool:
    """Tell whether `text` says when something was published, and nothing else."""
    if len(text) > _LONGEST_DAY or not any(map(str.isdigit, text)) or read_date(text) is None:
        return False
    words = words_of_dates()
    for word in _WORD.findall(text):
        folded = fold_date(word)
        known = (
            word.lower() in _DAY_WORDS or folded in words.months or words.is_beside(folded) or folded in words.halves
        )
        if not known and not words.is_weekday(folded):
            return False
    return True


def is_biography(text: str) -> bool:
    """Tell whether `text` says of a person what he or she writes or is, as newspapers say of an author below the text."""
    return len(text) <= _LONGEST_BIOGRAPHY and _BIOGRAPHY.match(text) is not None and not is_reported(text)


def says_about(text: str, *, alone: bool) -> bool:
    """Tell whether `text` begins to say who the author or the publisher is: as a heading (`alone`), or before a colon."""
    return (_ABOUT_HEADING.fullmatch(text) if alone else _ABOUT.match(text)) is not None


def is_sign_off(text: str) -> bool:
    """Tell whether `text` is what an agency or a desk puts under a report."""
    if len(text) > _LONGEST_SIGN_OFF:
        return False
    if _SIGN_OFF.fullmatch(text) is not None:
        return True
    if (signed := _SIGNED.fullmatch(text)) is not None:
        return is_named(signed["whom"] or signed["named"])
    return _CONTRIBUTING.search(text) is not None and _CONTRIBUTED.fullmatch(text) is not None


def lists_cookies(text: str) -> bool:
    """Tell whether half of the rows of a table's text begin with what cookies are called: ``_ga``, ``PHPSESSID``."""
    rows = text[:20_000].split("\n")[1:]
    named = sum(1 for row in rows if _COOKIE_NAME.match(row))
    return named >= _FEW_COOKIES and named * 2 >= len(rows)


def is_cookie_table(text: str) -> bool:
    """Tell whether the text of a table lists cookies: its head names them, and so do many of its rows."""
    head, _, rows = text[:20_000].lower().partition("\n")
    return "cookie" in head and rows.count("cookie") * 3 > rows.count("\n")


def says_machine_summary(text: str, bits: int) -> bool:
    """Tell whether `text`, whose `lexical_bits` are given, says of a summary that a machine made it."""
    if len(text) > _LONGEST_NOTE:
        return False
    if bits & _ON_SUMMARIES and _MACHINE.fullmatch(text) is not None:
        return not is_reported(text)
    if len(text) > _LONGEST_MADE or (text.isascii() and not _has_one(text, _MACHINE_IN_ASCII)):
        return False
    return all(words.search(text) is not None for words in _MACHINE_MADE)


def _has_one(text: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110 - a generator is slower when compiled
        if word in text:
            return True
    return False


def says_credit(text: str) -> bool:
    """Tell whether a short `text` ends in who took a picture, as captions do: ``The wall on Monday. Photo: Ann Berg``."""
    if len(text) > _LONGEST_CREDITED:
        return False
    end = text[-80:]
    credit = _ENDS_CREDITED.search(end) if ":" in end or "/" in end or "©" in end else None
    if credit is not None and (credit["named"] is None or is_named(credit["named"])):
        return True
    return text[-1] not in _TOLD_STOPS and _ENDS_IN_PICTURED.search(end) is not None


def says_caption(text: str, *, below_picture: bool) -> bool:
    """Tell whether `text` is a picture's caption or credit; less says so where a picture stands above."""
    if len(text) > _LONGEST_CAPTION:
        return False
    return (_CAPTION if below_picture else _STATED_CAPTION).match(text) is not None
