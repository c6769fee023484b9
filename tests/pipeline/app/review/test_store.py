"""The queue: what is next, who has it, what was decided, and that nothing is lost or doubled."""

import random
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from pipeline.app.review import store as stores
from pipeline.app.review.fields import Decision
from pipeline.app.review.pile import Answer, to_fields
from pipeline.app.review.store import Store


def decision(field, number="427", *, token=None, reviewer="ann", verdict="number"):
    return Decision(token or f"token {field}", field, verdict, number, reviewer, 2.0)


def names(fields):
    return [field.name for field in fields]


def test_the_most_doubtful_comes_first_or_the_first_read(tmp_path, answers):
    store = Store(tmp_path / "queue.sqlite")
    store.add(to_fields(answers(0.5, 0.1, 0.3)))
    assert names(store.next("ann", order="doubt")) == ["001.png", "002.png", "000.png"]
    assert names(store.next("ann", order="read")) == ["000.png", "001.png", "002.png"]


def test_what_is_decided_comes_no_more(store):
    first, second, *_ = store.next("ann")
    assert store.decide(decision(first.id))
    assert store.next("ann")[0] == second


def test_two_reviewers_see_different_fields(store):
    ann, ben = store.next("ann", n=2), store.next("ben", n=3)
    assert {field.id for field in ann} & {field.id for field in ben} == set()
    assert store.next("carl") == []
    assert store.progress("carl").held == 5


def test_what_a_reviewer_left_comes_back(store, monkeypatch):
    held = store.next("ann", n=5)
    store.release("ann")
    assert store.next("ben", n=5) == held
    monkeypatch.setattr(stores, "LEASE", -1.0)
    store.next("carl", n=5)
    store.release("ben")
    store.next("carl", n=5)
    assert store.next("dora", n=5) == held


def test_a_field_is_decided_once(store):
    field = store.next("ann")[0].id
    assert store.decide(decision(field, token="a"))
    assert not store.decide(decision(field, "111", token="b", reviewer="ben"))
    assert [(one.number, one.reviewer) for _, one, _ in store.decided()] == [("427", "ann")]


def test_the_database_itself_refuses_a_second_decision(store):
    store.decide(decision(1))
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), sqlite3.connect(store.path) as other:
        other.execute(
            "INSERT INTO decision (token, field, verdict, number, former, reader, reviewer, at, seconds) "
            "SELECT 'other', field, verdict, number, former, reader, reviewer, at, seconds FROM decision"
        )
    other.close()


def test_a_decision_sent_again_is_stored_once(store):
    assert store.decide(decision(1))
    assert store.decide(decision(1))
    assert len(store.decided()) == 1


def test_an_undone_decision_stays_as_a_row_and_the_field_comes_first(store):
    store.decide(decision(4, token="a"))
    assert store.undo("a") == 4
    assert store.undo("a") is None
    assert store.decided() == []
    assert store.next("ann", first=4)[0].id == 4
    store.decide(decision(4, "111", token="b"))
    assert [one.number for _, one, _ in store.decided()] == ["111"]
    with sqlite3.connect(store.path) as other:
        assert other.execute("SELECT number, undone IS NULL FROM decision ORDER BY id").fetchall() == [
            ("427", 0), ("111", 1),
        ]  # fmt: skip
    other.close()


def test_the_last_decision_is_the_reviewers_own(store):
    store.decide(decision(1, token="a", reviewer="ann"))
    store.decide(decision(2, token="b", reviewer="ben"))
    assert store.last_token("ann") == "a"
    assert store.last_token("carl") is None


def test_progress_adds_up(store):
    store.decide(decision(1))
    store.decide(decision(2, "", verdict="skip"))
    found = store.progress()
    assert (found.decided, found.skipped, found.left, found.seconds_each) == (1, 1, 3, 2.0)
    assert store.ask_again() == 1
    assert store.progress().left == 4


def test_an_answer_is_replaced_until_it_is_decided(store, answers):
    store.decide(decision(1))
    newer = answers(0.95, 0.96, 0.3, 0.4, 0.5)
    assert store.add(to_fields(newer)) == 0
    assert [field.status for field in map(store.field, (1, 2))] == ["review", "accept"]
    assert store.progress().left == 3


def test_decisions_outlive_the_process(store):
    store.decide(decision(1))
    assert [one.number for _, one, _ in Store(store.path).decided()] == ["427"]


def test_many_reviewers_at_once_decide_each_field_once(tmp_path, answers):
    Store(tmp_path / "queue.sqlite").add(to_fields(answers(*[0.5] * 60)))

    def review(name):
        mine = Store(tmp_path / "queue.sqlite")
        while fields := mine.next(name, n=2):
            mine.decide(decision(fields[0].id, token=f"{name} {fields[0].id}", reviewer=name))

    threads = [threading.Thread(target=review, args=(name,)) for name in ("ann", "ben", "carl")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    decided = [field.id for field, *_ in Store(tmp_path / "queue.sqlite").decided()]
    assert sorted(decided) == list(range(1, 61))


REVIEW = """
import sys
from pipeline.app.review.desk import Desk
from pipeline.app.review.store import Store

desk, sent = Desk(Store(sys.argv[1])), {"reviewer": "ann"}
while fields := desk.exchange(sent)["fields"]:
    if "decision" in sent:
        print(sent["decision"]["field"], flush=True)  # the next field is on the screen
    decision = {"token": str(fields[0]["id"]), "field": fields[0]["id"], "verdict": "number", "number": "427"}
    sent = {"reviewer": "ann", "decision": decision}
"""


@pytest.mark.slow
def test_a_process_killed_at_20_random_moments_loses_and_doubles_nothing(tmp_path, answers, request):
    store, draw, confirmed = Store(tmp_path / "queue.sqlite"), random.Random(0), []
    store.add(to_fields(answers(*[0.5] * 4_000)))
    for _ in range(20):
        command = [sys.executable, "-c", REVIEW, str(store.path)]
        with subprocess.Popen(command, cwd=request.config.rootpath, stdout=subprocess.PIPE, text=True) as reviewing:
            confirmed.append(int(reviewing.stdout.readline()))
            time.sleep(draw.uniform(0, 0.1))
            reviewing.kill()
            confirmed += map(int, reviewing.stdout.read().split())
    decided = [field.id for field, *_ in store.decided()]
    assert len(decided) == len(set(decided)) >= 20
    assert set(confirmed) <= set(decided)
    assert len(set(decided) - set(confirmed)) <= 20  # stored, and killed before the next field was shown


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"verdict": "maybe"}, "should be one of"),
        ({"number": "4a7"}, "should be digits"),
        ({"number": "٤٢٧"}, "should be digits"),
        ({"verdict": "skip"}, "Only the verdict 'number'"),
    ],
)
def test_a_decision_that_says_nothing_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        decision(1, **wrong)


def test_a_field_that_is_not_there_cannot_be_decided(store):
    with pytest.raises(ValueError, match="should be a field 99"):
        store.decide(decision(99))
    assert store.decided() == []


def test_files_that_are_no_images_are_told_and_not_asked_about(store):
    broken = Answer("b.png", "", "error", "The file is empty", 0.0, (), 3)
    store.add(to_fields([(broken, {"key": "b", "path": "b.png"})]))
    assert store.errors() == [("b.png", "The file is empty")]
    assert (store.progress().left, store.counts()) == (5, {"review": 5, "error": 1})


def test_a_store_of_the_first_version_is_gone_on_with(store):
    store.decide(decision(1))
    store.close()
    with sqlite3.connect(store.path) as first:
        first.execute("ALTER TABLE field DROP COLUMN probabilities")
        first.execute("PRAGMA user_version = 1")
    first.close()
    again = Store(store.path)
    assert [one.number for _, one, _ in again.decided()] == ["427"]
    assert again.field(2).probabilities == ()
    again.close()
    Store(store.path).close()


def test_other_files_are_no_stores(tmp_path):
    (tmp_path / "note.txt").write_text("no database, " * 100)
    with pytest.raises(ValueError, match="should be a store"):
        Store(tmp_path / "note.txt")
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE field (id)")
    other.close()
    with pytest.raises(ValueError, match="another kind"):
        Store(tmp_path / "other.sqlite")
    with pytest.raises(OSError, match="cannot write"):
        Store(tmp_path / "none" / "queue.sqlite")
