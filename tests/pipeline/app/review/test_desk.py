"""What a reviewer's screen sends and gets."""

from dataclasses import replace

import pytest

from pipeline.app.review.desk import AHEAD, Desk, Desks, shown
from pipeline.app.review.pile import to_fields
from pipeline.app.review.store import Store


def decided(field, token="t", **more):
    return {
        "reviewer": "ann",
        "decision": {"token": token, "field": field, "verdict": "number", "number": "427"} | more,
    }


def test_the_next_fields_come_with_the_answer(store):
    first = Desk(store).exchange({"reviewer": "ann"})
    assert [field["number"] for field in first["fields"]] == ["000", "001", "002", "003"][:AHEAD]
    after = Desk(store).exchange(decided(first["fields"][0]["id"]))
    assert after["fields"][0] == first["fields"][1]
    assert (after["decided"], after["left"], after["undo"]) == (1, 4, "t")


def test_undo_brings_the_field_back(store):
    desk = Desk(store)
    desk.exchange(decided(3))
    back = desk.exchange({"reviewer": "ann", "undo": "t"})
    assert (back["fields"][0]["id"], back["decided"], back["undo"]) == (3, 0, None)
    again = desk.exchange({"reviewer": "ann", "undo": "t"})
    assert again["decided"] == 0


def test_who_comes_second_is_told(store):
    desk = Desk(store)
    desk.exchange(decided(3))
    assert "Somebody else" in desk.exchange(decided(3, token="u") | {"reviewer": "ben"})["note"]


def test_who_leaves_holds_nothing(store):
    desk = Desk(store)
    desk.exchange({"reviewer": "ann"})
    assert desk.exchange({"reviewer": "ann", "leave": True}) == {}
    assert store.progress().held == 0


def test_nothing_tells_an_accepted_field_from_a_doubtful_one(store, answers):
    store.add(to_fields(answers(*[0.99] * 9), sample=1.0)[5:])
    told = [shown(store.field(k)) for k in (1, 6)]
    assert [(field["number"], field["why"]) for field in told] == [("000", ""), ("005", "")]
    assert set(told[0]) == {"id", "name", "number", "why", "places"}


def test_it_is_told_why_there_is_no_number(store, answers):
    (answer, where), *_ = answers(0.0)
    blank = replace(answer, number="", status="unreadable", reason="blank image")
    store.add(to_fields([(blank, where | {"key": "blank"})]))
    assert shown(store.field(6))["why"] == "blank image"


def test_a_field_of_another_count_is_begun_with_what_was_read(store, answers):
    (answer, where), *_ = answers(0.0)
    two = replace(answer, number="", status="unreadable", reason="found 2 digits: 4 7")
    store.add(to_fields([(two, where | {"key": "two"})]))
    assert shown(store.field(6)) | {"name": ""} == {
        "id": 6, "name": "", "number": "47", "why": "found 2 digits: 4 7", "places": 3,
    }  # fmt: skip


def test_the_promise_is_checked_on_the_accepted(store, answers):
    store.add(to_fields(answers(*[0.99] * 9), sample=1.0)[5:])
    desk = Desk(store)
    assert desk.exchange({"reviewer": "ann"})["accepted"] == ""
    said = desk.exchange(decided(6, token="a", number="005"))["accepted"]
    assert said.startswith("Of 1 accepted field looked at, 0 wrong: ")
    said = desk.exchange(decided(7, token="b", number="111"))["accepted"]
    assert said == "Of 2 accepted fields looked at, 1 wrong: 9.5% to 90.5% of all (95%)."


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"reviewer": ""}, {"reviewer": "a" * 65}, {"reviewer": "ann", "decision": "427"}, {"reviewer": 7},
        decided("1"), decided(1, verdict="no"), decided(1, number="<b>"), decided(1, token=None), decided(77),
        {"reviewer": "ann", "undo": 7},
    ],
)  # fmt: skip
def test_what_no_screen_sends_is_refused_and_nothing_stored(store, sent):
    with pytest.raises(ValueError, match="should"):
        Desk(store).exchange(sent)
    assert store.decided() == []


def test_a_desk_has_a_name_that_cannot_be_guessed(store, tmp_path):
    desks = Desks()
    name = desks.open(store)
    assert len(name) >= 32
    assert desks.open(store) == name != desks.open(store, "read")
    assert Desks().open(Store(store.path)) == name  # after the server was started again
    assert Desks().open(Store(tmp_path / "other.sqlite")) != name
    desks.close(store)
    with pytest.raises(KeyError):
        desks[name]
