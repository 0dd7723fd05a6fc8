"""``warraq takedown``: what is taken down is shown nowhere; what is erased is nowhere, and the archive still proves
itself."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.archive.store.folder import FileStore
from tests.web import answer, page, rss

SECRET = "The mayor sold the bridge"


@pytest.fixture
def folder(crawl_once, web, seed, tmp_path) -> Path:
    """The data of one crawl of three stories, the second of which must go."""
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, [f"/a/story-{n}" for n in range(3)])
    web.pages |= {f"/a/story-{n}": page(SECRET if n == 1 else f"Story {n}") for n in range(3)}
    assert crawl_once("paper").code == 0
    return tmp_path / "data"


@pytest.fixture
def story(web) -> str:
    return f"{web.base}/a/story-1"


def held(folder: Path) -> bytes:
    """All that a store says anywhere, unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found.append(gzip.decompress(content) if path.name.endswith(".gz") else content)
    return b"\n".join(found)


def replayed(warraq, out: str) -> tuple[int, dict[str, int], str]:
    ran = warraq("replay", "--out", out, "--json")
    return ran.code, json.loads(ran.out)["counts"], ran.err


def test_a_state_made_anew_knows_what_was_taken_down_and_agrees_with_the_archive(warraq, folder, story, tmp_path):
    assert warraq("takedown", story, "--reason", "a court order").code == 0
    assert warraq("verify").code == 0
    made = warraq("rebuild", "--state", "anew")
    assert (made.code, "does not have" in made.out + made.err) == (0, False), made.err
    ran = warraq("verify", "--state", "anew")
    assert (ran.code, ran.err) == (0, ""), ran.out
    assert SECRET not in warraq("articles", "--state", "anew").out


def test_a_page_that_is_taken_down_is_shown_by_nothing_and_the_archive_stays_whole(warraq, folder, story, tmp_path):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ran = warraq("takedown", story.replace("http://", "HTTP://") + "#x", "--reason", "a court order")
    assert (ran.code, "a court order" in ran.out) == (0, True), ran.err
    assert warraq("takedown", story, "--reason", "again").code == 0
    assert {path: path.read_bytes() for path in before} == before
    assert len(list((folder / "takedowns").iterdir())) == 1
    code, counts, _ = replayed(warraq, "again")
    assert (code, counts["parsed"], counts["taken_down"]) == (0, 2, 1)
    assert SECRET.encode() not in held(tmp_path / "again")
    assert warraq("wacz", "all.wacz").code == 0
    with zipfile.ZipFile(tmp_path / "all.wacz") as package:
        assert story not in gzip.decompress(package.read("indexes/index.cdx.gz")).decode()
        assert story not in package.read("pages/pages.jsonl").decode()
    assert warraq("wacz", "one.wacz", "--url", story).code == 2
    assert warraq("playback", "shown").code == 0
    assert "story-1" not in (tmp_path / "shown" / "index.cdxj").read_text()
    assert "a court order" in warraq("why", story).out
    assert "a court order" in warraq("diff", story).err
    assert warraq("verify").code == 0
    assert warraq("republish").code == 0
    (listed,) = map(json.loads, warraq("takedown", "--json").out.splitlines())
    assert (listed["url"], listed["holds"], listed["reason"]) == (story, True, "a court order")


def test_undone_it_is_shown_again_and_both_decisions_stay(warraq, folder, story):
    assert warraq("takedown", story, "--reason", "a mistake").code == 0
    assert warraq("takedown", story, "--undo").code == 0
    assert replayed(warraq, "again")[1]["parsed"] == 3
    assert [json.loads(line)["holds"] for line in warraq("takedown", "--json").out.splitlines()] == [False, False]
    assert warraq("takedown", story, "--undo").code == 2


def test_what_is_taken_down_is_not_published_when_it_is_crawled(warraq, web, folder, story):
    web.pages["/feed"] = rss(web.base, ["/a/story-9", "/a/story-8"])
    web.pages |= {"/a/story-9": page("A fresh story"), "/a/story-8": page("Another story")}
    assert warraq("takedown", f"{web.base}/a/story-9", "--reason", "a court order").code == 4  # not yet
    warraq("crawl", "paper")
    articles = b"".join(path.read_bytes() for path in folder.rglob("articles.jsonl"))
    assert (b"A fresh story" in articles, b"Another story" in articles) == (False, True)
    assert warraq("verify").code == 0


@pytest.mark.parametrize("what", ["paper", "127.0.0.1"])
def test_a_site_is_taken_down_by_name_or_host(warraq, folder, what):
    ran = warraq("takedown", what, "--reason", "they asked")
    assert ran.code == 0, ran.err
    ran = warraq("replay", "--out", "again", "--json")
    assert json.loads(ran.out)["counts"]["taken_down"] >= 3
    assert "captures are taken down" in ran.err
    assert warraq("wacz", "all.wacz").code == 2
    assert warraq("verify").code == 0


def test_a_page_is_taken_down_under_every_address_that_led_to_it(warraq, crawl_once, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/print/story-1", "/amp/story-1"])
    web.pages |= {f"/{kind}/story-1": canonical_of(f"{web.base}/a/story-1") for kind in ("a", "print", "amp")}
    assert crawl_once("paper").code == 0
    told = warraq("takedown", f"{web.base}/print/story-1", "--reason", "a court order")
    assert (told.code, f"also under {web.base}/a/story-1" in told.out) == (0, True)
    (decided,) = map(json.loads, warraq("takedown", "--json").out.splitlines())
    assert {f"{web.base}/a/story-1", f"{web.base}/print/story-1"} <= {decided["url"], *decided["also"]}
    assert warraq("playback", "shown").code == 0
    assert "story-1" not in (tmp_path / "shown" / "index.cdxj").read_text()
    assert warraq("articles").code == 4
    assert warraq("catalogue").code == 0
    assert "story-1" not in warraq("query", "SELECT url FROM captures", "--format", "csv").out


def test_stories_that_lead_to_a_section_page_now_are_not_one_page(warraq, crawl_once, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/one", "/a/two"])
    gone = b"HTTP/1.1 301 Moved\r\nLocation: /sport\r\nContent-Length: 0\r\n\r\n"
    web.pages |= {"/a/one": gone, "/a/two": gone, "/sport": answer("<html><body><p>Sport</p></body></html>")}
    crawl_once("paper")
    assert f"another address of {web.base}/sport" in warraq("why", f"{web.base}/a/one").out
    told = warraq("takedown", f"{web.base}/a/one", "--reason", "x")
    assert (told.code, f"leads to {web.base}/sport, which is not taken down" in told.err) == (0, True)
    assert warraq("takedown", f"{web.base}/sport", "--reason", "x").code == 0
    assert [json.loads(line)["also"] for line in warraq("takedown", "--json").out.splitlines()] == [[], []]


def canonical_of(url: str) -> bytes:
    """A page that says that it is `url`."""
    return page(SECRET).replace(b"<title>", f'<link rel="canonical" href="{url}"><title>'.encode())


def test_a_site_that_nobody_declared_is_not_played_back_either(warraq, web, tmp_path):
    web.pages |= {"/feed": rss(web.base, ["/a/story-1"]), "/a/story-1": page(SECRET)}
    assert warraq("crawl", f"{web.base}/feed", "--allow-private").code == 0
    (site,) = {run["site"] for run in map(json.loads, warraq("runs", "--json").out.splitlines())}
    assert warraq("takedown", site, "--reason", "they asked").code == 0
    assert warraq("playback", "shown").code == 0
    assert (tmp_path / "shown" / "index.cdxj").read_text() == ""
    assert warraq("takedown", site, "--undo").code == 0
    assert warraq("playback", "shown").code == 0
    assert "/a/story-1" in (tmp_path / "shown" / "index.cdxj").read_text()


def erased(warraq, story) -> dict[str, int]:
    ran = warraq("takedown", story, "--reason", "a court order", "--erase", "--json")
    assert ran.code == 0, ran.err
    found: dict[str, int] = json.loads(ran.out)["erased"]
    return found


def proven(warraq, folder: Path, story: str, tmp_path: Path) -> None:
    """The archive is whole, by all that can tell, and nothing of the story is in it."""
    assert SECRET.encode() not in held(folder)
    assert SECRET.encode() not in held(tmp_path / "state" / "spool")
    for command in (["verify"], ["verify", "--crosscheck"], ["verify", "--manifest"]):
        ran = warraq(*command)
        assert ran.code == 0, (command, ran.out, ran.err)
    for path in folder.rglob("*.warc.gz"):
        for checker in (["warcio", "check"], ["fastwarc", "check", "-q"]):
            command = [str(Path(sys.executable).parent / checker[0]), *checker[1:], str(path)]
            assert subprocess.run(command, check=False, capture_output=True).returncode == 0, command
    code, counts, _ = replayed(warraq, "again")
    assert (code, counts["parsed"], counts.get("taken_down")) == (0, 2, None)
    assert {path.name: path.read_bytes() for path in (tmp_path / "again" / "articles").rglob("*.*")} == {
        path.name: path.read_bytes() for path in (folder / "articles").rglob("*.*")
    }


def test_what_is_erased_is_nowhere_and_the_archive_proves_itself(warraq, folder, story, tmp_path):
    assert warraq("manifest", "--day", "today").code == 0
    sizes = {path: path.stat().st_size for path in folder.rglob("*.warc.gz")}
    found = erased(warraq, story)
    assert (found["captures"], found["records"], found["articles"]) == (1, 3, 1)
    assert {path: path.stat().st_size for path in folder.rglob("*.warc.gz")} == sizes
    proven(warraq, folder, story, tmp_path)
    assert "a court order" in warraq("why", story).out
    assert erased(warraq, story) == found
    assert warraq("rebuild", "--state", "anew").code == 0
    assert warraq("verify", "--state", "anew").code == 0


@pytest.mark.parametrize("ended_at", [1, 2, 3, 4, 6])
def test_ended_anywhere_and_done_again_it_ends_as_if_never_ended(
    warraq, folder, story, tmp_path, monkeypatch, ended_at
):
    """A write to the store, or a removal from it, is where a process may end; what it would do then is not done."""
    assert warraq("manifest", "--day", "today").code == 0
    done = 0

    class Ended(BaseException):
        pass

    def counted(method):
        def run(*args, **options):
            nonlocal done
            done += 1
            if done >= ended_at:
                raise Ended
            return method(*args, **options)

        return run

    with monkeypatch.context() as patched:
        patched.setattr(FileStore, "put", counted(FileStore.put))
        patched.setattr(FileStore, "delete", counted(FileStore.delete))
        with suppress(Ended):
            warraq("takedown", story, "--reason", "a court order", "--erase")
    assert erased(warraq, story)["captures"] == 1
    proven(warraq, folder, story, tmp_path)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["https://news.example/a"], "the reason is missing"),
        (["https://news.example/a", "--reason", " "], "the reason is missing"),
        (["papre", "--reason", "x"], "did you mean paper"),
        (["--reason", "x"], "what is to be taken down is missing"),
        (["paper", "--undo", "--erase"], "cannot be undone"),
        (["paper", "--undo"], "is not taken down"),
        (["https://", "--reason", "x"], "not an http"),
    ],
)
def test_a_typo_is_told(warraq, web, seed, typed, says):
    seed("paper", web, feeds=["/feed"])
    ran = warraq("takedown", *typed)
    assert (ran.code, says in ran.err) == (2, True), ran.err


@pytest.mark.parametrize("what", ["https://news.example/typo", "typo.example"])
def test_what_the_archive_does_not_hold_is_said_and_ends_otherwise(warraq, folder, what):
    ran = warraq("takedown", what, "--reason", "x")
    assert (ran.code, "is it spelt" in ran.err, "--undo" in ran.err) == (4, True, True)
    assert warraq("takedown", what, "--undo").code == 0


@pytest.mark.parametrize("spelt", ["{host}", "paper"])
def test_a_host_or_a_site_that_the_archive_holds_is_done(warraq, folder, story, spelt):
    ran = warraq("takedown", spelt.format(host=urlsplit(story).hostname), "--reason", "x")
    assert (ran.code, ran.err) == (0, "")
