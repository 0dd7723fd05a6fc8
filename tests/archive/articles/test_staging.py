"""What is staged while a run goes on, and published when it is over."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from crawler.archive.articles import LineWriter, Staging, publish
from crawler.archive.articles.memory import MemoryArticles
from crawler.archive.store.folder import FileStore
from crawler.errors import StateError, StoreError
from crawler.model.article import ArticleRecord, to_record
from crawler.model.page import Page
from crawler.parse.article import parse_article

PAGE = (
    "<html><body><article><h1>{title}</h1><p>"
    + "The council met on Monday to talk about the bridge. " * 8
    + "</p></article>"
)


def record(title: str, *, second: int, run: str | None = "run-1", day: int = 23) -> ArticleRecord:
    page = Page(
        url=f"https://news.example/{title}",
        captured_at=datetime(2026, 11, day, 12, 0, second, tzinfo=UTC),
        body=PAGE.format(title=title).encode(),
    )
    return to_record(parse_article(page), site="paper", run=run)


def staged(path: Path, *records: ArticleRecord) -> Path:
    with Staging(path) as staging:
        for one in records:
            staging.add(msgspec.json.encode(one))
    return path


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_documents_are_numbered_by_moment_then_url_whatever_the_order_of_parsing(tmp_path):
    late, early, beside = record("late", second=9), record("early", second=1), record("beside", second=1)
    path = staged(tmp_path / "s.jsonl", late, early, beside)
    (batch,) = publish([path], LineWriter(FileStore(tmp_path / "out")))
    assert batch.prefix == "articles/paper/2026/11/23/run-1"
    assert [document.key.rpartition("/")[2] for document in batch.documents] == [
        f"000_{beside.id}.txt",
        f"001_{early.id}.txt",
        f"002_{late.id}.txt",
    ]
    lines = (tmp_path / "out" / batch.prefix / "articles.jsonl").read_text().splitlines()
    assert [line.split('"', 4)[3] for line in lines] == [beside.id, early.id, late.id]


def test_a_document_is_the_records_text_and_its_name_the_digest_of_its_bytes(tmp_path):
    one = record("one", second=1)
    publish([staged(tmp_path / "s.jsonl", one)], LineWriter(FileStore(tmp_path / "out")))
    (document,) = (tmp_path / "out").rglob("*.txt")
    assert document.read_bytes() == one.text.encode()


def test_a_run_over_midnight_gives_a_batch_for_each_day(tmp_path):
    path = staged(tmp_path / "s.jsonl", record("a", second=1), record("b", second=1, day=24))
    assert [batch.prefix for batch in publish([path], MemoryArticles())] == [
        "articles/paper/2026/11/23/run-1",
        "articles/paper/2026/11/24/run-1",
    ]


def test_the_same_capture_staged_twice_is_one_article(tmp_path):
    one = record("one", second=1)
    (batch,) = publish([staged(tmp_path / "a", one), staged(tmp_path / "b", one)], MemoryArticles())
    assert batch.articles == 1


def test_publishing_again_writes_the_same_files(tmp_path):
    path = staged(tmp_path / "s.jsonl", record("a", second=1), record("b", second=2))
    publish([path], LineWriter(FileStore(tmp_path / "out")))
    first = {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path / "out")}
    publish([path], LineWriter(FileStore(tmp_path / "out")))
    assert {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path / "out")} == first


def test_a_line_torn_by_a_kill_is_cut_and_the_next_one_starts_on_its_own(tmp_path):
    path = staged(tmp_path / "s.jsonl", record("a", second=1))
    with path.open("ab") as torn:
        torn.write(b'{"id":"half')
    staged(path, record("b", second=2))
    (batch,) = publish([path], MemoryArticles())
    assert [document.head.url for document in batch.documents] == ["https://news.example/a", "https://news.example/b"]


def test_a_store_that_fails_leaves_the_staging_file(tmp_path):
    path = staged(tmp_path / "s.jsonl", record("a", second=1))
    (tmp_path / "out").write_text("not a folder")
    with pytest.raises(StoreError):
        publish([path], LineWriter(FileStore(tmp_path / "out")))
    assert path.exists()


def test_nothing_staged_is_nothing_published(tmp_path):
    assert publish([staged(tmp_path / "s.jsonl")], MemoryArticles()) == []


def test_a_line_for_which_there_is_no_room_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (msgspec.json.encode(record(f"Story {number}", second=number)) for number in range(2))
    path = tmp_path / "staging" / "run.jsonl"
    with Staging(path) as staging:
        staging.add(first)
        whole = staging._file

        class Full:
            """A disk that takes ten bytes more."""

            def write(self, content: bytes) -> int:
                if whole.tell() > len(first) + 1:
                    raise OSError(errno.ENOSPC, "No space left on device")
                return whole.write(bytes(content)[:10])

            def fileno(self) -> int:
                return whole.fileno()

        monkeypatch.setattr(staging, "_file", Full())
        with pytest.raises(StateError, match="No space left"):
            staging.add(second)
        assert path.read_bytes() == first + b"\n"
        monkeypatch.setattr(staging, "_file", whole)
        staging.add(second)
    assert path.read_bytes() == first + b"\n" + second + b"\n"


def test_a_folder_or_a_disk_that_takes_no_line_is_told_as_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="make it writable; the page is in the archive"):
        Staging(tmp_path / "file" / "run.jsonl")
    staging = Staging(tmp_path / "staging" / "run.jsonl")
    staging.add(b"{}")

    def broken(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(StateError, match="free some room"):
        staging.close()
    staging.close()  # again: nothing is left open


def test_a_staging_file_that_cannot_be_read_is_told_and_nothing_is_published(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").mkdir()
    with pytest.raises(StateError, match="cannot be read"):
        publish([tmp_path / "run.jsonl"], LineWriter(FileStore(tmp_path / "store")))


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    Staging(tmp_path / "staging" / "a.jsonl").close()
    assert (tmp_path / "staging").stat().st_mode & 0o777 == 0o700
