"""What walls, challenges, consent forms and missing pages say, in the languages of the news.

A phrase is evidence only where `access` looks for it: in a title, or beside next to no text of an article.
"""

from __future__ import annotations

__all__ = [
    "ABOUT_DATA", "ASKED", "BOT", "BOT_MARKS", "CHALLENGE", "CONSENT", "CONSENT_TITLE", "LOCKED", "MISSING", "OFFER", "REST", "ROOTS",
    "SCRIPTED",
]  # fmt: skip

import re

from crawler.parse.fields.any_case import AnyCase


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


BOT = _any(
    r"captcha", r"are you a (?:human|robot)", r"(?:verify|confirm|prove)(?:ing)? (?:that )?you(?:'|’)?(?: a)?re (?:a |not a )?(?:human|robot|bot)",
    r"checking (?:if the site|your browser)", r"just a moment\b", r"attention required", r"access (?:to this page has been )?denied",
    r"unusual (?:traffic|activity)", r"ddos[- ]protection", r"pardon our interruption", r"(?:javascript and cookies|cookies and javascript) to continue",
    r"request unsuccessful", r"security check", r"bot detection", r"press (?:&|and) hold", r"you have been blocked", r"sorry, you have been blocked",
    r"kein roboter", r"ungewöhnliche(?:r|n)? (?:datenverkehr|aktivität)", r"sicherheitsüberprüfung", r"(?:browser|verbindung) wird überprüft",
    r"pas un robot", r"vérification de sécurité", r"accès (?:temporairement )?(?:refusé|restreint)", r"no eres un robot", r"acceso denegado",
    r"comprobando (?:su|tu) navegador", r"non sei un robot", r"accesso negato", r"não é um robô", r"acesso negado", r"geen robot", r"toegang geweigerd",
    r"nie jesteś robotem", r"robot olmadığını", r"не робот", r"проверка (?:вашего )?браузера", r"доступ (?:ограничен|запрещ[её]н)",
    r"unavailable (?:due to|for) legal reasons", r"access can ?not be granted (?:at this time|from your)", r"not available in your (?:country|region|location)",
    r"(?:site|website|server|page) is (?:(?:currently|temporarily) )?(?:under|down for) (?:scheduled |planned )?maintenance", r"\bunder (?:scheduled )?maintenance$",
    r"(?:does not|doesn['’]t) accept cookies", r"cookies (?:are )?(?:required|disabled|must be enabled)", r"(?:this )?domain (?:name )?(?:is|may be) for sale",
    r"(?:التحقق|نتحقق) من (?:أنك (?:إنسان|لست)|أن اتصالك|اتصالك|متصفحك)", r"(?:تأیید|بررسی)(?: کنید)? (?:که )?(?:انسان (?:هستید|بودن)|مرورگر شما|امن بودن اتصال|امنیت اتصال)",
    r"لست روبوت", r"ربات نیستید", r"אינך רובוט", r"ロボットではない", r"アクセスが拒否", r"(?:安全|人机|滑动)验证", r"验证码", r"訪問驗證", r"로봇이 아닙", r"자동등록방지",
)  # fmt: skip

CHALLENGE = _any(
    r"(?:this|it|process) (?:process )?(?:is )?(?:done )?automatic(?:ally)?\b", r"(?:you will|will) be (?:re-?directed|sent on|forwarded)", r"redirect to your requested", r"please (?:allow|wait)\b",
    r"(?:a few|up to \d+|\d+) seconds", r"enable (?:javascript|cookies)", r"\bray id\b", r"(?:block )?reference (?:id|number|#)", r"reload (?:the|this) page", r"click the box", r"complete the (?:check|challenge)",
    r"automatisch weitergeleitet", r"einen moment", r"vous (?:allez être|serez) redirigé", r"ser[áa] redirigido", r"verrete reindirizzati", r"вы будете перенаправлены", r"سيتم (?:إعادة )?توجيهك", r"هدایت (?:خواهید|می) ?شوید",
    r"自动跳转", r"自動的に(?:移動|転送)", r"자동으로 이동",
)  # fmt: skip
"""What a challenge says besides; news says it of other things, so only beside a phrase of BOT."""

BOT_MARKS = (
    "cf-chl", "challenge-platform", "_incapsula_resource", "px-captcha", "perimeterx", "g-recaptcha", "h-captcha", "captcha-delivery.com",
    "datadome", "ddos-guard", "aws-waf", "awswaf", "sec-if-cpt", "/_sec/cp_challenge", "kpsdk", "geetest", "cf-error-details", "sucuri_cloudproxy",
)  # fmt: skip

CONSENT = AnyCase(
    r"before you continue", r"(?:accept|agree to) (?:all )?(?:the use of )?cookies", r"(?:we|and our \d* ?partners) (?:value|respect|store)[^.]{0,30}privacy",
    r"we value your privacy", r"cookie (?:consent|wall|settings|policy)", r"manage (?:your )?(?:consent|preferences|cookies)",
    r"\bzustimm(?:en|ung)", r"einwillig(?:en|ung)", r"alle (?:cookies )?akzeptieren", r"mit werbung (?:und (?:tracking|cookies) )?(?:weiter)?(?:lesen|nutzen)",
    r"accepter (?:et continuer|les cookies)", r"tout accepter", r"continuer sans accepter", r"nos partenaires", r"aceptar (?:todas )?(?:las )?cookies",
    r"aceptar y continuar", r"nuestros socios", r"accetta (?:tutti )?(?:i )?cookie", r"accetta e continua", r"aceitar (?:todos )?(?:os )?cookies",
    r"privacy-?instellingen", r"cookies accepteren", r"alles accepteren", r"godkänn (?:alla )?(?:cookies|kakor)", r"accepter alle", r"godta alle",
    r"przejdź do serwisu", r"zgadzam się", r"çerezleri kabul", r"принять (?:все )?(?:cookie|куки)", r"файлы cookie", r"クッキー(?:の使用)?に同意", r"쿠키.{0,10}동의", r"接受(?:所有)?\s?cookie",
    r"قبول ملفات تعريف الارتباط",
)  # fmt: skip

ABOUT_DATA = _any(
    r"\bcookies?\b", r"\bpartners\b", r"personal data", r"personali[sz]ed (?:ads|content)", r"\btracking\b", r"personenbezogen", r"données personnelles", r"datos personales", r"dati personali", r"dados pessoais",
    r"persoonsgegevens", r"personuppgifter", r"danych osobowych", r"персональны", r"البيانات الشخصية", r"ملفات تعريف الارتباط", r"クッキー", r"个人信息", r"개인정보",
)  # fmt: skip

CONSENT_TITLE = _any(
    r"before you continue", r"(?:cookie|privacy)[- ](?:consent|wall|gate|settings|notice|preferences)", r"\byour privacy\b", r"privacy ?gate", r"consent",
    r"zustimmung", r"einwilligung", r"mit werbung", r"datenschutz-?einstellungen", r"privacy-?instellingen", r"consentement", r"gestion des cookies",
    r"consentimiento", r"consenso", r"cookiemuur", r"samtycke", r"zgoda na",
)  # fmt: skip

LOCKED = AnyCase(
    r"subscribe to (?:continue|read|keep reading|unlock)", r"(?:subscribers|members)[- ]only", r"(?:only|exclusive(?:ly)?) (?:for|to) (?:subscribers|members)",
    r"this (?:article|content|story) is (?:only )?(?:for|reserved|available (?:only )?(?:to|for)) (?:our )?(?:paid |paying )?(?:subscribers|members)",
    r"(?:to )?(?:continue|keep) reading this (?:article|story)", r"you(?:'|’)ve reached your (?:free )?(?:article )?limit", r"your free articles",
    r"abonnez-vous pour (?:lire|continuer|accéder)", r"réservée? aux abonnés", r"la suite (?:de cet article )?est réservée",
    r"jetzt weiterlesen", r"weiterlesen mit", r"(?:möchten|wollen) sie weiterlesen", r"nur für abonnent", r"plus-artikel", r"exklusiv für (?:abonnent|mitglieder)",
    r"artikel (?:ist )?(?:kostenpflichtig|nur für)", r"mit [\w+]+ ?(?:plus|\+) weiterlesen", r"suscríbete para (?:seguir|continuar|leer)", r"(?:solo|sólo|exclusivo) para suscriptores",
    r"contenido exclusivo para", r"abbonati per (?:leggere|continuare)", r"riservato agli abbonati", r"assine para (?:ler|continuar)",
    r"(?:exclusivo|conteúdo) para assinantes", r"alleen voor abonnees", r"verder lezen\?", r"(?:bara|endast) för prenumeranter",
    r"kun for abonnenter", r"tylko dla (?:prenumeratorów|subskrybentów)", r"abonelere özel", r"только для подписчиков",
    r"(?:чтобы|для того чтобы) (?:продолжить чтение|дочитать)", r"лише для передплатників", r"للمشتركين فقط", r"هذا المحتوى (?:حصري )?للمشتركين", r"ویژه مشترکان", r"למנויים בלבד",
    r"会員限定", r"有料会員", r"この記事は有料", r"订阅后(?:阅读|可)", r"(?:订阅|會員|会员)(?:专享|專享|独享)", r"付费(?:阅读|内容)", r"유료 ?(?:회원|기사)", r"구독자 전용",
)  # fmt: skip
"""The article itself is said to be closed."""

REST = AnyCase(
    r"il vous reste [\d.,]+ ?%", r"pozostało [\d.,]+ ?% (?:artykułu|tekstu)", r"残り\s?[\d,]+\s?文字", r"[\d.,]+ ?% of this (?:article|story) (?:left|remains)",
    r"noch [\d.,]+ ?% (?:des artikels|zu lesen)", r"(?:queda|resta)(?: por leer)? (?:un|el) [\d.,]+ ?%", r"ti resta (?:da leggere )?(?:il|l')\s?[\d.,]+ ?%",
)  # fmt: skip
"""How much of the article is missing."""

ASKED = AnyCase(
    r"already (?:a subscriber|subscribed|a member)", r"(?:log|sign) ?in to (?:continue|read)", r"déjà abonnée?", r"(?:bereits|schon) abonnent", r"¿ya eres suscriptor", r"sei già abbonato", r"já é assinante", r"al abonnee\?",
    r"allerede abonnent", r"redan prenumerant", r"masz już (?:dostęp|subskrypcję)", r"уже подписаны",
)  # fmt: skip
"""A subscriber is asked to log in: in the header of many pages, and in every wall."""

OFFER = _any(
    r"subscribe (?:now|today)", r"start your (?:free )?trial", r"abonnez-vous", r"jetzt (?:abonnieren|testen|bestellen)", r"probeabo", r"suscríbete", r"abbonati", r"assine\b", r"abonneer",
    r"prenumerera", r"abonner", r"subskrybuj", r"abone ol", r"подпис(?:аться|ка)", r"اشترك", r"購読", r"订阅", r"구독",
)  # fmt: skip
"""A subscription is offered: nearly every page of some sites does."""

MISSING = re.compile(
    r"(?:error|fehler|erreur|errore|erro|ошибка|hata|błąd|خطأ)?[\s:#-]*404[\s:!.–-]*(?:error|fehler|erreur|errore|erro|(?:page|file) ?(?:not found)?|seite|not found)?[\s!.]*|(?:oops|ups|sorry|whoops|hoppla|entschuldigung|désolé|lo sentimos)?[\s!,.…:-]*(?:"
    r"not found|(?:(?:the|this|that) )?(?:requested )?(?:page|article|story|file|content|url)[^.]{0,30}(?:not found|could(?: not|n['’]t) be found|can(?:not|['’]t| not) be found|does(?: not|n['’]t) exist|"
    r"no longer (?:exists?|available)|(?:is )?not available|is gone|has been (?:removed|deleted))|(?:we )?can(?:not|['’]t) find (?:the|that|this) page|nothing (?:was )?found|"
    r"(?:die |diese )?(?:angeforderte )?(?:seite|artikel|inhalt)[^.]{0,25}(?:nicht (?:gefunden|mehr verfügbar|verfügbar|vorhanden)|existiert nicht(?: mehr)?)|"
    r"(?:la |cette )?page[^.]{0,30}(?:introuvable|non trouvée|n['’]existe (?:pas|plus)|n['’]a pas été trouvée)|(?:la )?página[^.]{0,25}no (?:encontrada|existe|disponible|se encuentra)|"
    r"no (?:se ha encontrado|encontramos|existe) la página|(?:la )?pagina[^.]{0,20}(?:non (?:trovata|esiste|disponibile)|niet (?:gevonden|beschikbaar)|bestaat niet)|"
    r"(?:a )?página[^.]{0,20}não (?:encontrada|existe|foi encontrada)|sidan[^.]{0,20}(?:hittades inte|finns inte|kunde inte hittas)|siden[^.]{0,20}(?:ikke funnet|blev ikke fundet|findes ikke|finnes ikke)|"
    r"(?:nie znaleziono strony|strona nie (?:istnieje|została znaleziona))|stránka (?:nenalezena|neexistuje|nebyla nalezena)|sayfa bulunamadı|страница не (?:найдена|существует)|сторінку не знайдено|"
    r"الصفحة (?:غير موجودة|المطلوبة غير موجودة)|صفحه (?:مورد نظر )?(?:یافت|پیدا) نشد|(?:ה?דף|ה?עמוד)(?: המבוקש)? (?:לא|אינו) (?:נמצא|קיים)|"
    r"(?:お探しの)?(?:ページ|記事)(?:が|は)(?:見つかりません(?:でした)?|存在しません)|(?:您访问的|您要找的)?(?:页面|頁面|网页|文章)(?:不存在|未找到|找不到了?|已删除)|페이지를 찾을 수 (?:없습니다|없음)|"
    r"(?:(?:haku|hake|etsi)määsi )?sivua ei (?:löydy|löytynyt)|az? (?:keresett )?oldal nem (?:található|létezik)|pagina (?:nu (?:a fost găsită|există)|negăsită|inexistentă)|"
    r"η σελίδα (?:που (?:ζητήσατε|αναζητάτε|ψάχνετε) )?δεν (?:βρέθηκε|υπάρχει)|δεν βρέθηκε η σελίδα|halaman (?:yang anda cari )?tidak (?:ditemukan|tersedia|dijumpai)|"
    r"không tìm thấy trang(?: này)?|trang (?:bạn (?:tìm kiếm|yêu cầu) )?không tồn tại|stranica (?:nije (?:pronađena|nađena)|ne postoji)|stran (?:ni (?:bila )?najdena|ne obstaja)|"
    r"страница (?:није пронађена|не постоји)|страницата не (?:е намерена|беше намерена|съществува|постои|е пронајдена)|stránka (?:sa nenašla|nebola nájdená)|"
    r"puslapis nerastas|lapa nav atrasta|leh(?:te|ekülge) ei leitud|(?:la )?pàgina no (?:trobada|existeix|s['’]ha trobat)|no s['’]ha trobat la pàgina|faqja nuk u gjet|síðan? fannst ekki|"
    r"səhifə tapılmadı|sahifa topilmadi|бет табылмады|ukurasa haukupatikana|(?:पृष्ठ|पेज) नहीं मिला|পৃষ্ঠা(?:টি)? (?:খুঁজে )?পাওয়া যায়নি|صفحہ (?:نہیں ملا|موجود نہیں)|"
    r"ไม่พบหน้า(?:นี้|ที่(?:คุณ)?(?:ต้องการ|ค้นหา))?|გვერდი (?:ვერ|არ) მოიძებნა|էջը (?:չի գտնվել|գտնված չէ)"
    r")[\s!.…:)(-]*(?:\(?\s?(?:error\s)?404\)?)?[\s!.]*",
    re.IGNORECASE,
)
"""What a missing page's title says, all of it: a headline that merely has such words is longer."""

SCRIPTED = _any(
    r"(?:enable|activate|turn on|allow|requires?|without|need) javascript", r"javascript (?:is |must be |to be )?(?:required|disabled|enabled|turned off|not (?:enabled|supported|available))", r"javascript to (?:run|view|use|see)",
    r"javascript (?:bitte )?(?:aktivieren|einschalten)", r"(?:bitte )?(?:aktivieren|erlauben) sie (?:bitte )?javascript", r"javascript (?:ist )?(?:deaktiviert|benötigt|erforderlich)", r"benötigt javascript",
    r"activer? (?:le )?javascript", r"javascript (?:est )?(?:désactivé|requis|nécessaire)", r"(?:habilit|activ)[ae]r? (?:el )?javascript", r"javascript (?:está )?(?:deshabilitado|desactivado|desativado)",
    r"abilita(?:re)? javascript", r"(?:ative|habilite) o javascript", r"javascript (?:in te schakelen|inschakelen)", r"schakel javascript in", r"aktivera javascript", r"(?:aktiver|slå) (?:på )?javascript",
    r"(?:włącz|obsług[iaę]) (?:obsługę )?javascript", r"javascript['’]?i? etkinleştir", r"включит[еь] (?:поддержку )?javascript", r"увімкніть javascript",
    r"(?:تفعيل|تمكين|بتفعيل) (?:ال)?(?:جافا ?سكريبت|javascript)", r"(?:جاوا ?اسکریپت|javascript).{0,20}فعال", r"(?:להפעיל|הפעל) (?:את )?javascript",
    r"javascript\s?を(?:有効|オン)", r"(?:启用|啟用|开启|打开)\s?javascript", r"javascript.{0,6}(?:활성화|사용)",
)  # fmt: skip

ROOTS = (
    "#root,#app,#__next,#__nuxt,#___gatsby,#react-root,#main-app,#app-root,#svelte,#ember-app,app-root,[ng-app],[data-reactroot],"
    "[ng-version],#q-app,#application,#react-app,#vue-app,#mount"
)
"""Where the common frameworks put a page that a script makes."""
