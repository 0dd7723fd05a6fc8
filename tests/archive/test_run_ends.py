"""How runs ended: told by the names in the store, and by what is missing among them."""

from __future__ import annotations

import pytest

from crawler.archive.run_ends import RunEnd, RunEnds, put_end, put_since, run_ended, wrong_end
from crawler.archive.store.memory import MemoryStore
from crawler.errors import BadArchive
from tests.archive.archive_factory import AT

DONE = RunEnd(run="20261123T184104Z-a", site="a", state="done", reason="2 wait", ended_at=AT)


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    put_since(made, AT)
    put_since(made, AT.replace(hour=23))
    put_end(made, DONE)
    put_end(made, DONE)
    return made


def test_an_end_is_known_by_its_name_and_an_interrupted_run_by_having_none(store: MemoryStore) -> None:
    assert [stored.key for stored in store.list()] == [DONE.key, "runs/since-20261123T184004Z.json"]
    assert DONE.key == "runs/2026/11/23/20261123T184104Z-a.done.json"
    ends = RunEnds(store)
    assert (ends.state_of(DONE.run), ends.reason_of(DONE.run)) == ("done", "2 wait")
    assert ends.state_of("20261123T1900-a") == "interrupted"
    assert ends.state_of("20261123T184004Z") == "interrupted"
    assert ends.state_of("20261123T184003Z") is None
    assert ends.reason_of("20261123T1900-a") is None
    assert ends.state_of("20261123T0900-a") is None  # of before ends were kept
    assert RunEnds(MemoryStore()).state_of(DONE.run) is None


def test_an_end_that_is_not_what_its_name_says_is_told(store: MemoryStore) -> None:
    content = store.get(DONE.key)
    assert wrong_end(DONE.key, content) is None
    assert wrong_end("runs/since-20261123T184004Z.json", b"{}") is None
    assert "holds something" in (wrong_end("runs/since-20261123T184004Z.json", b"{} ") or "")
    assert wrong_end(DONE.key, content.replace(b",", b", ", 1)) == "it is not written as the ends of runs are"
    for state in ("queued", "running"):
        open_end = content.replace(b"done", state.encode())
        assert wrong_end(DONE.key.replace("done", state), open_end) == f"a run that is {state} has not ended"
    assert wrong_end(DONE.key.replace("done", "failed"), content) == "it does not hold what its name says"
    assert "is not the end of a run" in (wrong_end(DONE.key, b"{") or "")
    assert "is not the end of a run" in (wrong_end(DONE.key, b"\xff") or "")
    store.put(DONE.key, b"{}", overwrite=True)
    with pytest.raises(BadArchive):
        RunEnds(store).reason_of(DONE.run)


def test_the_name_of_an_end_tells_its_run(store: MemoryStore) -> None:
    assert [run_ended(stored.key) for stored in store.list()] == [DONE.run, None]
