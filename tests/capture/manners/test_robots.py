from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.settings import Settings

from crawler.capture.manners.gate import HostGate
from crawler.capture.manners.robots import AskRobots, RobotsAnswer, RobotsCache
from crawler.capture.scrapy.engine import RunCrawler
from crawler.capture.scrapy.services import Live
from crawler.capture.scrapy.settings import scrapy_settings
from crawler.capture.wire.client import WireClient
from crawler.clock import FixedClock, SystemClock
from crawler.config import Fetching, load
from crawler.errors import FetchError, FetchTimeout, Refused, SpoolFull, Unreachable
from crawler.model.capture import Provenance

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
URL = "https://news.example/a"
ROBOTS = "https://news.example/robots.txt"
NOTHING = b"User-agent: *\nDisallow: /\n"


class Web:
    """Answers by URL; an exception is raised. Keeps what was asked."""

    def __init__(self, answers: dict[str, RobotsAnswer | Exception] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []
        self.gates: list[asyncio.Event] = []

    async def ask(self, url: str, redirects: tuple[str, ...]) -> RobotsAnswer:
        self.asked.append(url)
        for gate in self.gates:
            await gate.wait()
        answer = self.answers.get(url, RobotsAnswer(status=404))
        if isinstance(answer, Exception):
            raise answer
        return answer


class Kept:
    """The persistence seam in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    def load(self, origin: str) -> Any:
        return self.rows.get(origin)

    def save(self, origin: str, *, status: int | None, body: bytes, fetched_at: datetime, expires_at: datetime) -> None:
        self.rows[origin] = _Row(status, body, fetched_at, expires_at)


class _Row:
    def __init__(self, status: int | None, body: bytes, fetched_at: datetime, expires_at: datetime) -> None:
        self.status, self.body, self.fetched_at, self.expires_at = status, body, fetched_at, expires_at


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def cache(clock: FixedClock) -> RobotsCache:
    return RobotsCache(clock, ttl_s=86_400.0)


def text(body: bytes, **headers: str) -> RobotsAnswer:
    fields = tuple((k.replace("_", "-").encode(), v.encode()) for k, v in headers.items())
    return RobotsAnswer(status=200, headers=fields, body=body)


def refusal(cache: RobotsCache, ask: AskRobots, url: str = URL) -> FetchError | None:
    async def main() -> FetchError | None:
        return (await cache.rules(url, ask)).refusal(url)

    return asyncio.run(main())


def test_the_file_is_asked_for_once_an_origin(cache):
    web = Web({ROBOTS: text(NOTHING)})
    assert refusal(cache, web.ask) is not None
    assert refusal(cache, web.ask, "https://news.example/b") is not None
    assert refusal(cache, web.ask, "http://news.example/b") is None
    assert refusal(cache, web.ask, "https://news.example:8443/b") is None
    assert web.asked == [ROBOTS, "http://news.example/robots.txt", "https://news.example:8443/robots.txt"]


def test_one_fetches_while_all_others_wait(cache):
    web = Web({ROBOTS: text(NOTHING)})

    async def main() -> None:
        web.gates = [asyncio.Event()]
        tasks = [asyncio.ensure_future(cache.rules(URL, web.ask)) for _ in range(20)]
        await asyncio.sleep(0)
        web.gates[0].set()
        assert len({id(each) for each in await asyncio.gather(*tasks)}) == 1

    asyncio.run(main())
    assert web.asked == [ROBOTS]


def test_if_the_fetching_run_is_cancelled_the_next_one_fetches(cache):
    web = Web({ROBOTS: text(NOTHING)})

    async def main() -> None:
        web.gates = [asyncio.Event()]
        first, second = (asyncio.ensure_future(cache.rules(URL, web.ask)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        web.gates[0].set()
        assert (await second).refusal(URL) is not None

    asyncio.run(main())
    assert web.asked == [ROBOTS, ROBOTS]


def test_trouble_of_our_own_is_not_taken_for_the_hosts(cache):
    with pytest.raises(SpoolFull):
        refusal(cache, Web({ROBOTS: SpoolFull("disk full")}).ask)
    assert refusal(cache, Web({ROBOTS: text(b"")}).ask) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_4xx_means_there_are_no_rules(cache, status):
    assert refusal(cache, Web({ROBOTS: RobotsAnswer(status=status, body=NOTHING)}).ask) is None


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_host_that_cannot_say_is_left_alone(cache, status):
    error = refusal(cache, Web({ROBOTS: RobotsAnswer(status=status)}).ask)
    assert isinstance(error, Refused)
    assert error.reason == "robots_unreachable"
    assert f"{ROBOTS} answered {status}" in error.what


def test_an_unreachable_host_gives_its_own_error_for_every_url(cache):
    web = Web({ROBOTS: Unreachable("news.example: connection refused", reason="connect")})
    for url in (URL, "https://news.example/b"):
        error = refusal(cache, web.ask, url)
        assert type(error) is Unreachable
        assert error.reason == "connect"
    assert web.asked == [ROBOTS]


def test_what_scrapy_would_retry_is_not_raised_again_for_every_url(cache):
    class Translated(FetchTimeout, OSError):
        pass

    translated = Translated("slow")
    translated.__cause__ = FetchTimeout("slow")
    assert type(refusal(cache, Web({ROBOTS: translated}).ask)) is FetchTimeout


def test_a_failure_is_tried_again_after_five_minutes(cache, clock):
    assert refusal(cache, Web({ROBOTS: RobotsAnswer(status=500)}).ask) is not None
    clock.advance(299)
    assert refusal(cache, Web({ROBOTS: text(b"")}).ask) is not None
    clock.advance(1)
    assert refusal(cache, Web({ROBOTS: text(b"")}).ask) is None


@pytest.mark.parametrize("failure", [RobotsAnswer(status=503), Unreachable("down")])
def test_an_old_copy_speaks_for_a_host_that_cannot_for_thirty_days(clock, failure):
    kept = Kept()
    rules = text(b"User-agent: *\nDisallow: /private\n")
    first = RobotsCache(clock, ttl_s=86_400.0, load=kept.load, save=kept.save)
    assert refusal(first, Web({ROBOTS: rules}).ask) is None
    clock.advance(29 * 86_400)
    for cache in (first, RobotsCache(clock, ttl_s=86_400.0, load=kept.load, save=kept.save)):
        down = Web({ROBOTS: failure})
        assert refusal(cache, down.ask) is None
        assert refusal(cache, down.ask, "https://news.example/private/1") is not None
        assert down.asked == [ROBOTS]
    clock.advance(2 * 86_400)
    assert refusal(cache, Web({ROBOTS: failure}).ask) is not None


@pytest.mark.parametrize("failure", [RobotsAnswer(status=503), Unreachable("down")])
def test_a_host_that_cannot_say_for_thirty_days_is_not_closed_for_ever(clock, failure):
    kept = Kept()
    for day in range(31):
        one = RobotsCache(clock, ttl_s=86_400.0, load=kept.load, save=kept.save)
        assert refusal(one, Web({ROBOTS: failure}).ask) is not None, day
        clock.advance(86_400)
    one = RobotsCache(clock, ttl_s=86_400.0, load=kept.load, save=kept.save)
    assert refusal(one, Web({ROBOTS: failure}).ask) is None
    clock.advance(300)
    assert refusal(one, Web({ROBOTS: text(NOTHING)}).ask) is not None  # it says again what it wants


def test_that_robots_txt_could_not_be_had_is_known_to_the_next_process_for_five_minutes(clock):
    kept = Kept()
    refusal(
        RobotsCache(clock, ttl_s=86_400.0, load=kept.load, save=kept.save), Web({ROBOTS: RobotsAnswer(status=503)}).ask
    )
    web = Web({ROBOTS: text(b"")})
    other = RobotsCache(clock, ttl_s=86_400.0, load=kept.load, save=kept.save)
    assert refusal(other, web.ask) is not None
    assert web.asked == []
    clock.advance(300)
    assert refusal(other, web.ask) is None


def test_a_copy_kept_by_an_earlier_process_saves_the_fetch_and_failures_never_replace_it(clock):
    kept = Kept()
    first = RobotsCache(clock, ttl_s=3600.0, load=kept.load, save=kept.save)
    refusal(first, Web({ROBOTS: text(NOTHING)}).ask)
    row = kept.rows["https://news.example"]
    assert (row.status, row.body, row.fetched_at, row.expires_at) == (200, NOTHING, NOW, NOW + timedelta(hours=1))
    web = Web()
    assert refusal(RobotsCache(clock, ttl_s=3600.0, load=kept.load, save=kept.save), web.ask) is not None
    assert web.asked == []
    clock.advance(4000)
    down = Web({ROBOTS: RobotsAnswer(status=500)})
    refusal(RobotsCache(clock, ttl_s=3600.0, load=kept.load, save=kept.save), down.ask)
    assert kept.rows["https://news.example"] is row


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("", 86_400),
        ("max-age=7200", 7200),
        ("public, MAX-AGE = 7200", 7200),
        ('max-age="7200"', 7200),
        ("s-maxage=7200", 86_400),
        ("max-age=999999", 86_400),
        ("max-age=0", 300),
        ("no-store, max-age=7200", 300),
    ],
)
def test_a_copy_is_used_as_long_as_cache_control_says_but_five_minutes_to_a_day(clock, cache, cache_control, seconds):
    web = Web({ROBOTS: text(b"", Cache_Control=cache_control)})
    refusal(cache, web.ask)
    clock.advance(seconds - 1)
    refusal(cache, web.ask)
    assert len(web.asked) == 1
    clock.advance(1)
    refusal(cache, web.ask)
    assert len(web.asked) == 2


def test_no_setting_makes_a_copy_last_longer_than_a_day(clock):
    cache = RobotsCache(clock, ttl_s=1e9)
    web = Web()
    refusal(cache, web.ask)
    clock.advance(86_400)
    refusal(cache, web.ask)
    assert len(web.asked) == 2


def moved(to: str) -> RobotsAnswer:
    return RobotsAnswer(status=301, headers=((b"Location", to.encode()),))


def test_five_redirects_are_followed_across_hosts_and_the_rules_bind_the_first_one(cache):
    hops = [ROBOTS, *(f"https://h{n}.example/robots.txt" for n in range(5))]
    web = Web({a: moved(b) for a, b in pairwise(hops)})
    web.answers[hops[-1]] = text(NOTHING)
    assert refusal(cache, web.ask) is not None
    assert web.asked == hops


def test_a_sixth_redirect_a_loop_and_a_redirect_to_nowhere_mean_no_rules(clock):
    hops = [ROBOTS, *(f"https://h{n}.example/robots.txt" for n in range(6))]
    long_way: dict[str, RobotsAnswer | Exception] = {a: moved(b) for a, b in pairwise(hops)}
    long_way[hops[-1]] = text(NOTHING)
    for answers in (
        long_way,
        {ROBOTS: moved(ROBOTS)},
        {ROBOTS: moved("")},
        {ROBOTS: moved("ftp://x.example/robots.txt")},
        {ROBOTS: moved("https://")},
        {ROBOTS: moved("http://[")},
        {ROBOTS: RobotsAnswer(status=304)},
    ):
        assert refusal(RobotsCache(clock, ttl_s=86_400.0), Web(answers).ask) is None


def test_a_content_coded_file_is_decoded(cache):
    web = Web({ROBOTS: text(gzip.compress(NOTHING, mtime=0), Content_Encoding="gzip")})
    assert refusal(cache, web.ask) is not None


def test_of_a_huge_file_500_kib_are_parsed_and_kept(clock):
    kept = Kept()
    cache = RobotsCache(clock, ttl_s=60.0, load=kept.load, save=kept.save)
    body = b"User-agent: *\nDisallow: /a\n" + b"# filling\n" * 60_000 + b"Disallow: /late\n"
    web = Web({ROBOTS: text(body)})
    assert refusal(cache, web.ask) is not None
    assert refusal(cache, web.ask, "https://news.example/late") is None
    assert len(kept.rows["https://news.example"].body) <= 500 * 1024


# --- with Scrapy, the capture handler and a server


class Origin:
    """A loopback server of fixed answers, one connection a request."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers
        self.asked: list[str] = []
        self.base = ""

    async def __aenter__(self) -> Origin:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        self.asked.append(path)
        writer.write(
            self._answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def whole(body: bytes, status: bytes = b"200 OK", extra: bytes = b"") -> bytes:
    length = str(len(body)).encode()
    head = b"HTTP/1.1 " + status + b"\r\nContent-Length: " + length + b"\r\nConnection: close\r\n" + extra
    return head + b"\r\n" + body


class Reader(Spider):
    name = "reader"

    def __init__(self, *, urls: list[str], seen: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.urls, self.seen = urls, seen

    async def start(self):
        for url in self.urls:
            provenance = Provenance(run="r", site="s", role="article")
            yield Request(url, self.parse, errback=self.on_error, meta={"provenance": provenance})

    def parse(self, response):
        self.seen.append((response.url, response.status))

    def on_error(self, failure):
        self.seen.append((failure.request.url, failure.value))


class _Gate(HostGate):
    """A gate that notes what is asked of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.turns = 0
        self.crawl_delays: set[float] = set()

    def turn(self, url: str, **kwargs: Any) -> Any:
        self.turns += 1
        return super().turn(url, **kwargs)

    def crawl_delay(self, host: str, seconds: float) -> None:
        self.crawl_delays.add(seconds)
        super().crawl_delay(host, seconds)


def crawl(
    answers: dict[str, bytes],
    paths: list[str],
    *,
    runs: int = 1,
    robots: str = "obey",
    stop: bool = False,
    reservations: bool = False,
) -> tuple[Origin, list[tuple[str, Any]], list[Provenance], _Gate]:
    """Return the server, what the runs saw, the provenances recorded, and the gate."""
    config = load(overrides={"fetch.robots": robots, "fetch.retries": 1, "fetch.max_delay_s": 5.0})
    fetch: Fetching = config.fetch
    gate = _Gate(SystemClock(), max_delay_s=fetch.max_delay_s, concurrency_per_host=4)
    recorded: list[Provenance] = []
    seen: list[tuple[str, Any]] = []

    async def record(exchange: Any, provenance: Provenance) -> None:
        recorded.append(provenance)

    async def main() -> Origin:
        client = WireClient(fetch)
        cache = RobotsCache(SystemClock(), ttl_s=fetch.robots_ttl_s, reservations=reservations)
        live = Live(client=client, gate=gate, record=record, fetch=fetch, robots=cache, allow_private=True, delay_s=0.0)
        async with Origin(answers) as origin:
            base = origin.base
            if stop:
                await origin.__aexit__()
            crawlers = [RunCrawler(Reader, Settings(scrapy_settings(config)), live=live) for _ in range(runs)]
            work = [each.crawl_async(urls=[base + path for path in paths], seen=seen) for each in crawlers]
            await asyncio.gather(*work)
            await client.close()
        return origin

    return asyncio.run(main()), seen, recorded, gate


def test_a_disallowed_url_is_never_asked_for_and_its_errback_learns_the_rule():
    robots = whole(b"User-agent: Warraq\nDisallow: /private/\nCrawl-delay: 0.01\n")
    origin, seen, recorded, gate = crawl({"/robots.txt": robots, "/a": whole(b"x")}, ["/a", "/private/b"])
    outcomes = {url.removeprefix(origin.base): result for url, result in seen}
    assert outcomes["/a"] == 200
    assert isinstance(outcomes["/private/b"], Refused)
    assert outcomes["/private/b"].reason == "robots"
    assert "(Disallow: /private/)" in str(outcomes["/private/b"])
    assert origin.asked == ["/robots.txt", "/a"]
    assert [provenance.role for provenance in recorded] == ["robots", "article"]
    assert gate.crawl_delays == {0.01}


@pytest.mark.parametrize(
    ("robots", "asked"),
    [
        (b"", ["/robots.txt", "/.well-known/tdmrep.json", "/a"]),
        (b"User-agent: *\nDisallow: /.well-known/\n", ["/robots.txt", "/a"]),
    ],
)
def test_what_an_origin_reserves_is_asked_for_once_and_kept_if_robots_txt_lets_it(robots: bytes, asked: list[str]):
    reserved = whole(b'[{"location": "/", "tdm-reservation": 1}]')
    answers = {"/robots.txt": whole(robots), "/.well-known/tdmrep.json": reserved, "/a": whole(b"x")}
    origin, seen, recorded, _ = crawl(answers, ["/a"], runs=2, reservations=True)
    assert origin.asked == [*asked, "/a"]
    assert [result for _, result in seen] == [200, 200]
    assert len(recorded) == len(asked) + 1


def test_an_origin_that_reserves_nothing_is_read_all_the_same():
    _, seen, _, _ = crawl({"/robots.txt": whole(b""), "/a": whole(b"x")}, ["/a"], reservations=True)
    assert [result for _, result in seen] == [200]


def test_several_runs_share_one_fetch():
    origin, seen, _, _ = crawl({"/robots.txt": whole(b""), "/a": whole(b"x")}, ["/a"], runs=3)
    assert [result for _, result in seen] == [200, 200, 200]
    assert sorted(origin.asked) == ["/a", "/a", "/a", "/robots.txt"]


def test_redirects_of_robots_txt_are_recorded_one_by_one():
    to = whole(b"", b"302 Found", b"Location: /rules.txt\r\n")
    rules = whole(b"User-agent: *\nDisallow: /a\n")
    origin, seen, recorded, _ = crawl({"/robots.txt": to, "/rules.txt": rules}, ["/a"])
    assert isinstance(seen[0][1], Refused)
    assert origin.asked == ["/robots.txt", "/rules.txt"]
    assert [provenance.redirects for provenance in recorded] == [(), (f"{origin.base}/robots.txt",)]


def test_a_host_that_is_down_is_reported_as_such_and_not_tried_for_every_url():
    _, seen, recorded, gate = crawl({}, ["/a", "/b", "/c"], stop=True)
    assert [type(result) for _, result in seen] == [Unreachable] * 3
    assert recorded == []
    assert gate.turns == 2  # robots.txt, and its retry


def test_robots_txt_is_not_even_fetched_when_told_to_ignore_it():
    origin, seen, _, _ = crawl({"/robots.txt": whole(NOTHING), "/a": whole(b"x")}, ["/a"], robots="ignore")
    assert [result for _, result in seen] == [200]
    assert origin.asked == ["/a"]
