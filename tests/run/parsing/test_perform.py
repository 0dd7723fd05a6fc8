"""A page is read where it lies, and what is not there is an outcome."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import msgspec
import pytest

from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.run.parsing.page_task import HtmlFile, InArchive, in_memory
from crawler.run.parsing.perform import perform
from crawler.run.parsing.recipe import Recipe
from tests.run.offline.test_replay import html, someone_elses


@pytest.fixture
def second(tmp_path: Path) -> ArchivedCapture:
    """The second of the captures in ``a.warc.gz``."""
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge")
    _, item = (one for one in read_captures(path) if isinstance(one, ArchivedCapture))
    return item


def title(line: bytes) -> str:
    found: str = json.loads(line)["title"]
    return found


def test_a_page_is_the_same_by_its_place_in_the_archive_as_handed_over(tmp_path, second):
    task = Recipe().task(second.capture, None)
    by_place = msgspec.structs.replace(task, place=InArchive(str(tmp_path / "a.warc.gz"), second.capture.offset))
    by_hand = msgspec.structs.replace(task, place=in_memory(second.response))
    assert perform(by_place) == perform(by_hand)
    assert title(perform(by_place).line) == "A New Bridge"


def test_a_file_that_is_still_being_written_is_read_under_the_name_it_will_have(tmp_path, second):
    (tmp_path / "a.warc.gz").rename(tmp_path / "a.warc.gz.open")
    task = Recipe().task(second.capture, None, InArchive(str(tmp_path / "a.warc.gz"), second.capture.offset))
    assert title(perform(task).line) == "A New Bridge"


@pytest.mark.parametrize(("name", "offset"), [("b.warc.gz", 0), ("a.warc.gz", 7), ("a.warc.gz", 1 << 30)])
def test_a_record_that_is_not_there_is_lost_and_named(tmp_path, second, name, offset):
    result = perform(Recipe().task(second.capture, None, InArchive(str(tmp_path / name), offset)))
    assert (result.outcome, result.reason) == ("lost", "capture_unreadable")
    assert result.detail is not None
    assert name in result.detail


def test_what_cannot_be_an_article_is_not_even_read(tmp_path, second):
    capture = msgspec.structs.replace(second.capture, mime="application/pdf")
    result = perform(Recipe().task(capture, None, InArchive(str(tmp_path / "gone.warc.gz"), 0)))
    assert (result.outcome, result.reason) == ("captured", "not_an_article")


def test_a_file_somebody_kept_is_parsed_whatever_it_is_packed_or_not(tmp_path, second):
    (tmp_path / "plain.html").write_bytes(html("A Kept Page"))
    (tmp_path / "packed").write_bytes(gzip.compress(html("A Kept Page")))
    task = msgspec.structs.replace(Recipe().task(second.capture, None), role=None, capture=None)
    for name in ("plain.html", "packed"):
        result = perform(msgspec.structs.replace(task, place=HtmlFile(str(tmp_path / name))))
        assert title(result.line) == "A Kept Page"
    gone = perform(msgspec.structs.replace(task, place=HtmlFile(str(tmp_path / "gone.html"))))
    assert (gone.outcome, gone.reason) == ("lost", "unreadable")
