"""What was decided, as labelled images and as a profile."""

import csv
import io
import zipfile

import cv2
import numpy as np
import pytest

from pipeline.app.review.fields import Decision
from pipeline.app.review.learn import calibrated, export, labelled
from pipeline.app.review.pile import load_table
from pipeline.app.review.store import Store
from pipeline.batch.labelled import load_labelled


@pytest.fixture
def decided(pile, tmp_path):
    """A store of 60 fields, 57 decided as numbers, one unreadable, one without a number, one skipped."""
    folder, numbers = pile
    store = Store(tmp_path / "s.sqlite")
    store.add(load_table(folder / "pile.csv", folder))
    for k, number in enumerate(numbers, 1):
        verdict = {1: "unreadable", 2: "no number", 3: "skip"}.get(k, "number")
        store.decide(Decision(f"t{k}", k, verdict, number if verdict == "number" else "", "=cmd()", 1.5))
    yield store
    store.close()


def test_the_export_is_what_the_calibration_takes(decided, pile, tmp_path):
    with zipfile.ZipFile(io.BytesIO(export(decided))) as archive:
        archive.extractall(tmp_path / "out")
    numbers = sorted(pile[1][3:])
    assert sorted(load_labelled(tmp_path / "out")["all"].numbers.tolist()) == numbers
    assert sorted(load_labelled(tmp_path / "out" / "labels.csv")["all"].numbers.tolist()) == numbers
    same = cv2.imread(str(pile[0] / "003.png"), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(cv2.imread(str(tmp_path / "out" / pile[1][3] / "000004.png"), cv2.IMREAD_GRAYSCALE), same)


def test_the_table_says_who_decided_what_and_runs_nothing(decided):
    with zipfile.ZipFile(io.BytesIO(export(decided))) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("labels.csv").decode())))
    assert [row["verdict"] for row in rows[:4]] == ["unreadable", "no number", "skip", "number"]
    assert rows[3] | {"decided": ""} == {
        "path": f"{rows[3]['number']}/000004.png", "number": rows[3]["former"], "name": "003.png", "verdict": "number",
        "former": rows[3]["number"], "status": "review", "reviewer": "./=cmd()", "decided": "", "seconds": "1.5",
        "reader": "0.2.0",
    }  # fmt: skip


def test_what_shows_no_number_is_learned_from_and_what_nobody_could_read_is_not(decided):
    numbers = [number for _, number in labelled(decided)]
    assert len(numbers) == 58
    assert numbers.count("") == 1


def test_a_profile_is_made_of_what_was_decided(decided, reader):
    made = calibrated(decided, reader)
    assert made.made_from == "58 reviewed fields"
    assert made.acceptance["fused"].measured_on == 29
    assert made.networks == reader.network_names


def test_nothing_decided_is_nothing_to_learn_from(store, reader):
    with pytest.raises(ValueError, match="At least two fields"):
        calibrated(store, reader)


def test_a_field_whose_image_is_gone_stays_in_the_table(store):
    store.decide(Decision("t", 1, "number", "427", "ann"))
    with zipfile.ZipFile(io.BytesIO(export(store))) as archive:
        assert archive.namelist() == ["labels.csv"]
        assert b"000.png,number" in archive.read("labels.csv")
