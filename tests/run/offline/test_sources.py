"""Archives by path, folder, pattern, prefix, list and on standard input."""

from __future__ import annotations

import gzip
import io
import os
import socket
from pathlib import Path

import msgspec
import pytest

from crawler.config import load
from crawler.errors import StateError, UsageError
from crawler.model.selection import Selection
from crawler.run.offline.reading import WantedCaptures, captures_of, read_source
from crawler.run.offline.sources import Search, find_sources, listed_sources, source_of_stream
from tests.archive.store.odd_s3 import odd_s3
from tests.run.offline.test_replay import someone_elses

STORAGE = load().storage


def stream(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("2025/a.warc.gz", "2026/01/b.warc.gz", "2026/02/c.arc", "2026/02/notes.txt"):
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "archive/2026/01/b.cdxj").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "archive"


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("archive", ["a.warc.gz", "b.warc.gz", "c.arc"]),
        ("archive/*/*.warc.gz", ["a.warc.gz"]),
        ("archive/**/*.warc.gz", ["a.warc.gz", "b.warc.gz"]),
        ("archive/2026/*", ["b.warc.gz", "c.arc"]),
        ("archive/2026/0[12]", ["b.warc.gz", "c.arc"]),
        ("file:archive/2026", ["b.warc.gz", "c.arc"]),
        ("file:archive/2025/a.warc.gz", ["a.warc.gz"]),
    ],
)
def test_archives_are_named_in_many_ways(folder, word, names):
    assert [source.name for source in find_sources([word, word], STORAGE)] == names


@pytest.mark.parametrize("word", ["archive/*.warc", "nowhere", "nowhere/*", "archive/2026/02/*.txt", "file:nowhere"])
def test_what_names_nothing_is_told(folder, word):
    with pytest.raises(UsageError, match=r"does not exist|holds no|is of the pattern"):
        find_sources([word], STORAGE)


@pytest.mark.parametrize("word", ["archive", "archive/**", "archive/*", "archive/**/*.warc*", "**/2025"])
def test_what_is_no_file_is_passed_over_and_links_do_not_go_round(folder, word):
    (folder / "2025/round").symlink_to(folder)
    (folder / "2025/again").symlink_to(folder / "2025")
    (folder / "2025/self.warc").symlink_to("self.warc")
    (folder / "2025/null.warc").symlink_to("/dev/null")
    (folder / "2025/folder.warc").mkdir()
    os.mkfifo(folder / "2025/pipe.warc.gz")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(folder / "2025/socket.warc"))
    found = find_sources([word], STORAGE)
    assert [source.place for source in found if "2025" in source.place] == ["archive/2025/a.warc.gz"]


def test_a_pipe_named_is_told_how_to_be_read(folder):
    os.mkfifo(folder / "pipe")
    with pytest.raises(UsageError, match="pipe is neither a file nor a folder"):
        find_sources(["archive/pipe"], STORAGE)


def test_looking_for_archives_tells_where_it_is_and_what_is_locked(folder, monkeypatch):
    scandir = os.scandir

    def guarded(path):
        if str(path).endswith("02"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    told = []
    search = Search(lambda search: told.append((search.folder, search.files, search.archives)))
    assert len(find_sources(["archive"], STORAGE, search)) == 2
    assert sorted(folder for folder, *_ in told) == ["archive", "archive/2025", "archive/2026", "archive/2026/01"]
    assert told[-1][1:] == (3, 2)
    assert search.faults == ["archive/2026/02: not looked into: Permission denied"]


def test_the_index_beside_an_archive_is_found(folder):
    indexed = {source.name: source.index for source in find_sources(["archive"], STORAGE)}
    assert indexed == {"a.warc.gz": None, "b.warc.gz": "archive/2026/01/b.cdxj", "c.arc": None}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_list_names_paths_under_a_base_and_its_bad_lines_are_told(folder, pack):
    listed = b"# of 2026\n2026/01/b.warc.gz\n\n/2026/02/c.arc\r\n2026/nowhere.warc.gz\n2026/01/b.warc.gz\n"
    found = listed_sources("paths.gz", stream(pack(listed)), "archive", STORAGE)
    assert [source.name for source in found.sources] == ["b.warc.gz", "c.arc"]
    assert found.faults == ("paths.gz line 5: archive/2026/nowhere.warc.gz does not exist",)


def test_objects_of_a_list_are_not_asked_for_before_they_are_read():
    listed = stream(b"crawl-data/x/1.warc.gz\ns3://other/2.warc.gz\n")
    found = listed_sources("paths", listed, "s3://commoncrawl/", STORAGE).sources
    assert [str(source) for source in found] == ["s3://commoncrawl/crawl-data/x/1.warc.gz", "s3://other/2.warc.gz"]


@pytest.mark.parametrize("content", [b"WARC/1.0\0\0\n", gzip.compress(b"a\nb\n")[:-9]])
def test_what_is_no_list_is_told(content):
    with pytest.raises(UsageError, match=r"paths (is no list|cannot be read)"):
        listed_sources("paths", stream(content), "", STORAGE)


def test_an_archive_on_standard_input_is_one_like_any_other(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge")
    with path.open("rb") as content:
        source = source_of_stream(content, tmp_path / "work")
    (same,) = find_sources([str(path)], STORAGE)
    assert len({tuple(item.capture.url for item in read_source(one)) for one in (source, same)}) == 1
    with pytest.raises(UsageError, match="empty"):
        source_of_stream(io.BytesIO(), tmp_path / "work")
    with pytest.raises(StateError, match=r"a\.warc\.gz"):
        source_of_stream(io.BytesIO(b"x"), path)


def test_an_object_is_read_anonymously_by_ranges(tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    path = someone_elses(tmp_path / "a.warc.gz", *(f"A Bridge {number}" for number in range(9)))
    with odd_s3() as server:
        server.objects["/bucket/x/a.warc.gz"] = path.read_bytes()
        server.refuses = {"authorization"}
        anonymous = msgspec.structs.replace(server.storage, anonymous=True)
        (source,) = find_sources(["s3://bucket/x/a.warc.gz"], anonymous)
        found = list(captures_of(source, WantedCaptures(Selection(urls=("*bridge-3",)))))
        assert (source.size, sum(hasattr(item, "capture") for item in found)) == (path.stat().st_size, 1)
        with pytest.raises(UsageError, match=r"holds no x/b.warc.gz"):
            find_sources(["s3://bucket/x/b.warc.gz"], anonymous)
