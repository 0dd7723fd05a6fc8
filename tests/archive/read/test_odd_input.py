"""Whatever bytes come: a reader of ours reads, or says what is wrong; nothing else ends it. Bounded, the same every
time."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.check.manifest import check_manifests, make_manifests
from crawler.archive.check.packages import verify_wacz
from crawler.archive.check.verify import verify_warc
from crawler.archive.profiles import profile_of
from crawler.archive.read.captures import is_package, read_captures
from crawler.archive.read.cdxj import parse_line
from crawler.archive.run_ends import wrong_end
from crawler.archive.store.memory import MemoryStore
from crawler.archive.write.records import member, warcinfo_record
from crawler.capture.manners.robot_rules import Rules
from crawler.clock import FixedClock
from crawler.config import load, load_sites
from crawler.errors import BadArchive, ConfigError
from tests.archive.archive_factory import AT, counting_ids

BOUNDED = settings(max_examples=80, derandomize=True, database=None)
LINE = (
    b'example,news)/ 20261123184104 {"url":"https://news.example/","length":"10","offset":"0","filename":"a.warc.gz"}\n'
)
WARC = b"".join(member(warcinfo_record("a.warc.gz", AT, [("software", "Warraq")], new_id=counting_ids())))


def package() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("archive/a.warc.gz", WARC)
        made.writestr(
            "datapackage.json", json.dumps({"resources": [{"path": "archive/a.warc.gz", "hash": "sha256:0"}]})
        )
    return stream.getvalue()


def noted() -> tuple[MemoryStore, str]:
    store = MemoryStore()
    store.put("warc/2026/11/21/a.warc.gz", WARC)
    (link,) = make_manifests(store, clock=FixedClock(AT))
    return store, link.key


@st.composite
def spoiled(draw: st.DrawFn, content: bytes) -> bytes:
    """`content` with some of its bytes replaced, cut out or doubled."""
    made = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(made) - 1, 0)))
        end = min(at + draw(st.integers(0, 40)), len(made))
        made[at:end] = draw(st.one_of(st.binary(max_size=12), st.just(bytes(made[at:end]) * 2)))
    return bytes(made)


@BOUNDED
@given(st.one_of(st.binary(max_size=300), spoiled(LINE)))
def test_lines_of_an_index(line: bytes) -> None:
    try:
        parse_line(line)
    except BadArchive as error:
        assert "not a CDXJ line" in error.what  # noqa: PT017 - not every input is wrong


@BOUNDED
@given(st.one_of(st.binary(max_size=300), spoiled(WARC)), spoiled(LINE))
def test_warc_files_and_indexes_beside_them(content: bytes, index: bytes) -> None:
    report = verify_warc(io.BytesIO(content), name="a.warc.gz", cdxj=index)
    assert report.size == len(content)
    assert all(fault.what for fault in report.faults)


@BOUNDED
@given(spoiled(package()))
def test_packages(content: bytes) -> None:
    stream = io.BytesIO(content)
    if is_package(stream):
        list(verify_wacz(stream, name="a.wacz"))
        list(read_captures(io.BytesIO(content), name="a.wacz"))


@BOUNDED
@given(st.data())
def test_manifests(data: st.DataObject) -> None:
    store, key = noted()
    content = data.draw(st.one_of(st.binary(max_size=200), spoiled(store.get(key))))
    known = store.get(key)
    store.put(key, content, overwrite=True)
    _, faults = check_manifests(store, {}, known={key: "0" * 64})
    assert faults or content == known


@BOUNDED
@given(st.text(max_size=60), st.one_of(st.binary(max_size=200), spoiled(b'{"format":"warraq-profile/1","site":"a"}')))
def test_profiles_and_ends_of_runs(name: str, content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong is told so
        profile_of(f"profiles/{name}", content)
    assert wrong_end(f"runs/{name}", content)


@BOUNDED
@given(
    st.one_of(
        st.binary(max_size=300), spoiled(b"User-agent: *\nDisallow: /private/*$\nCrawl-delay: 5\nSitemap: /s.xml\n")
    )
)
def test_robots(body: bytes) -> None:
    rules = Rules("https://news.example", token="Warraq", body=body)
    rules.refusal("https://news.example/private/x")
    assert rules.crawl_delay_s >= 0


@BOUNDED
@given(
    spoiled(b'[storage]\nurl = "file:data"\n[fetch]\nretries = 2\ndelay_s = 1.5\n[spool]\nrotate_s = 900.0\n'),
    spoiled(
        b'title = "A"\ncountry = "gb"\nlanguages = ["en"]\nhome = "https://a.example/"\n[schedule]\nevery = "1h"\n'
    ),
)
def test_settings_and_declarations(tmp_path_factory: pytest.TempPathFactory, toml: bytes, seed: bytes) -> None:
    folder: Path = tmp_path_factory.mktemp("config")
    (folder / "warraq.toml").write_bytes(toml)
    (folder / "seeds").mkdir()
    (folder / "seeds" / "a.toml").write_bytes(seed)
    for read in (lambda: load(folder), lambda: load_sites(folder / "seeds")):
        try:
            read()
        except ConfigError as error:
            assert all(problem.file and problem.message for problem in error.problems)  # noqa: PT017 - as above
