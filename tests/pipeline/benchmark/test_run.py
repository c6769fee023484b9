"""Readers x images -> answers and their figures."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from classifier.data.triple_mnist import count_overlap, make_triples
from pipeline.batch.labelled import load_labelled
from pipeline.benchmark import metrics
from pipeline.benchmark import run as benchmark
from pipeline.benchmark.run import Answers, Images, answer, condition_images, load_reader, own_images
from pipeline.readers import READERS, SOURCES
from pipeline.reading import Reading
from segmenter import fit_field

MAIN = ("fused", "segmented", "field", "whole")


@pytest.fixture(scope="module")
def images(mnist):
    return condition_images(mnist, "spaced", 20, 0)


@pytest.fixture(scope="module")
def answers(images):
    """The readers of the package on the same images."""
    return [answer(name, load_reader(name), images) for name in MAIN]


@pytest.fixture
def by_hand():
    """Answers on four numbers: one right, one unsure and right, one wrong and accepted, one not read."""
    truth = np.array(["427", "007", "315", "898"])
    readings = [
        Reading("427", "accept", "", 0.99),
        Reading("007", "review", "low confidence", 0.5),
        Reading("316", "accept", "", 0.95),
        Reading("", "unreadable", "blank image", 0.0),
    ]
    images = Images("some", "data", "four files", [np.zeros((84, 84), np.uint8)] * 4, truth)
    return Answers("segmented", images, readings, seconds=2.0, latency=0.003)


def test_all_readers_see_the_same_images(answers, images, mnist):
    again = condition_images(mnist, "spaced", 20, 0)
    for a in answers:
        assert a.images is images
        for seen, fresh in zip(a.images.images, again.images, strict=True):
            np.testing.assert_array_equal(seen, fresh)
    np.testing.assert_array_equal(images.numbers, again.numbers)


def test_answers_are_what_the_reader_reads(answers):
    for a in answers:
        assert a.numbers.tolist() == [reading.number for reading in a.readings]
        reader = load_reader(a.reader, threads=1)
        assert [reader.read(image).number for image in a.images.images[:5]] == a.numbers[:5].tolist()
        assert metrics.exact_match(a.images.numbers, a.numbers).value > 0.5
        assert a.seconds > 0
        assert a.latency > 0


def test_each_reader_asks_its_own_networks(answers):
    asked = {a.reader: {tuple(sorted(reading.by_reader)) for reading in a.readings} for a in answers}
    # The third one is asked only where the first two are not sure.
    both = {("field", "segmented"), ("field", "segmented", "whole")}
    assert asked == {"fused": both, "segmented": {("segmented",)}, "field": {("field",)}, "whole": {("whole",)}}


def test_fused_reads_with_the_networks_of_the_others(digit, field):
    fused, facts = load_reader("fused"), benchmark.network_facts("fused")
    assert fused.reader == "fused"
    assert facts == {name: one for source in SOURCES for name, one in benchmark.network_facts(source).items()}
    canvas = field("427")[0]
    shown = {"segmented": digit(4)[None], "field": fit_field(canvas)[None], "whole": canvas[None]}
    for name, parameter in SOURCES.items():
        one, all_ = (getattr(reader, parameter) for reader in (load_reader(name), fused))
        np.testing.assert_array_equal(all_.predict_proba(shown[name]), one.predict_proba(shown[name]))


def test_the_pooled_protocol_has_the_readers_that_were_trained_on_it():
    """There is no field network of pooled digits, and no reader that would weigh it."""
    assert benchmark.readers_of("pooled") == ["segmented", "whole", "specified"]
    assert set(benchmark.readers_of("leak-free")) == set(READERS)


def test_the_readers_of_the_package_ask_the_pixel_network_and_those_for_comparison_do_not():
    asks = {name: load_reader(name).pixel_classifier is not None for name in (*MAIN, "specified", "softmax")}
    assert asks == {**dict.fromkeys(MAIN, True), "specified": False, "softmax": False}
    assert load_reader("segmented", "pooled").pixel_classifier is None


@pytest.mark.parametrize(("kind", "name"), [("comb", "comb"), ("dashed_boxes", "dashed_boxes (kept out)")])
def test_kinds_of_fields_are_conditions_and_those_in_no_training_are_marked(mnist, kind, name):
    found, again = (condition_images(mnist, kind, 4, 3) for _ in range(2))
    assert kind in benchmark.known_conditions()
    assert (found.name, found.kind) == (name, "condition")
    assert all(len(number) == 3 for number in found.numbers.tolist())
    for one, other in zip(found.images, again.images, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_more_than_a_number_is_no_condition():
    assert not {"bracket", "struck_out", "curly_bracket"} & set(benchmark.known_conditions())


def test_answers_apart_by_group(by_hand):
    assert benchmark.by_group([by_hand]) == []
    grouped = replace(by_hand, images=replace(by_hand.images, groups=np.array(["b", "a", "b", "b"])))
    a, b = benchmark.by_group([grouped])
    assert (a.images.name, a.numbers.tolist(), a.seconds) == ("a", ["007"], 0.5)
    assert (b.images.name, b.numbers.tolist(), b.seconds) == ("b", ["427", "316", ""], 1.5)
    assert [metrics.exact_match(of.images.numbers, of.numbers).right for of in (a, b)] == [1, 1]
    assert a.images.groups is None


def test_figures_of_four_answers_by_hand(by_hand):
    figures = by_hand.figures()
    assert (figures["reader"], figures["images"], figures["kind"], figures["n"]) == ("segmented", "some", "data", 4)
    assert (figures["exact_match"]["right"], figures["digit_accuracy"]["right"]) == (2, 8)
    assert figures["digit_accuracy"]["n"] == 12
    assert (figures["accepted"], figures["accepted_wrong"]) == (2, 1)
    assert (figures["images_per_second"], figures["latency_ms"]) == (2, 3)
    assert figures["brier"] == pytest.approx((0.01**2 + 0.5**2 + 0.95**2 + 0) / 4)
    # Bins of a fifteenth: 0.99 and 0.95 share the last one, where one of two is right.
    assert figures["ece"] == pytest.approx((2 * (0.97 - 0.5) + 0.5 + 0) / 4)
    # Right at 0.99, wrong at 0.95, right at 0.5, not read.
    assert figures["area_under_risk_coverage"] == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)


def test_what_was_not_read_is_wrong_with_no_confidence():
    readings = [Reading("", "unreadable", "found 2 digits: 4 7", 0.7), Reading("427", "accept", "", 0.9)]
    answers = Answers("fused", Images("some", "data", "two files", [None] * 2, np.array(["", "427"])), readings, 1, 1)
    assert answers.confidence.tolist() == [0, 0.9]
    assert answers.right.tolist() == [False, True]


def test_figures_agree_with_the_readings(answers):
    for a in answers:
        figures, truth = a.figures(), a.images.numbers.tolist()
        right = [reading.number == number for reading, number in zip(a.readings, truth, strict=True)]
        assert figures["exact_match"]["right"] == sum(right)
        assert figures["accepted"] == sum(reading.status == "accept" for reading in a.readings)
        surprise = [(reading.confidence - r) ** 2 for reading, r in zip(a.readings, right, strict=True)]
        assert figures["brier"] == pytest.approx(np.mean(surprise))
        confusion = np.array(figures["confusion"])
        assert confusion.sum(axis=1).tolist() == [sum(n.count(str(d)) for n in truth) for d in range(10)]
        assert np.trace(confusion) == figures["digit_accuracy"]["right"]


def test_results_are_the_figures_as_json(by_hand, answers, tmp_path):
    networks = {"leak-free/whole": benchmark.network_facts("whole")}
    benchmark.write_results([by_hand, *answers], networks, tmp_path / "results.json")
    stored = json.loads((tmp_path / "results.json").read_text())
    assert stored["results"] == [a.figures() for a in (by_hand, *answers)]
    assert stored["networks"]["leak-free/whole"]["best_model"]["parameters"] > 1000
    assert "ablation" not in stored


def test_results_have_the_ablation_with_its_intervals(by_hand, tmp_path):
    ablation = {"without any cuts": {"touching": metrics.Share(1, 4)}}
    benchmark.write_results([by_hand], {}, tmp_path / "results.json", ablation=ablation)
    stored = json.loads((tmp_path / "results.json").read_text())
    assert stored["ablation"] == {"without any cuts": {"touching": metrics.Share(1, 4).as_dict()}}


def test_the_table_has_a_line_for_each_reader_and_kind(by_hand, answers):
    head, *lines = benchmark.table([by_hand, *answers]).splitlines()
    assert "exact match" in head
    assert "digit accuracy" in head
    assert len(lines) == 1 + len(MAIN)
    assert lines[0].startswith("some ")
    assert f" {metrics.Share(2, 4)} " in lines[0]
    assert f" {metrics.Share(8, 12)} " in lines[0]
    assert lines[0].split()[-3:] == ["50.0%", "1", "2"]
    assert [line[head.index("reader") :].split()[0] for line in lines] == ["segmented", *MAIN]


def test_conditions_say_what_they_are(mnist):
    images = condition_images(mnist, "half_size", 3, 0)
    assert (images.name, images.kind) == ("half_size", "condition")
    assert "42x42" in images.what
    assert {image.shape for image in images.images} == {(42, 42)}
    assert condition_images(mnist, "half_size", 3, 1).numbers.tolist() != images.numbers.tolist()


def test_conditions_draw_from_the_test_digits(mnist):
    images = condition_images(mnist, "triple_mnist", 10, 0)
    of_test = {digit.tobytes() for digit in mnist.x_test}
    for field in images.images:
        for column in (0, 28, 56):
            strip = field[:, column : column + 28]
            assert any(strip[row : row + 28].tobytes() in of_test for row in range(57))


@pytest.mark.parametrize(("protocol", "seen"), [("leak-free", 0), ("pooled", 200)])
def test_protocols_say_how_many_images_have_a_digit_of_training(mnist, monkeypatch, protocol, seen):
    monkeypatch.setitem(benchmark.PER_NUMBER, protocol, 1)
    images = benchmark.protocol_images(mnist, protocol)
    assert (images.name, images.kind) == (protocol, "protocol")
    assert len(images.images) == len(images.numbers) == images.overlap.images == 200
    assert images.overlap.images_seen == pytest.approx(seen, abs=5)
    triples = make_triples(mnist, protocol, per_number=1)
    assert images.overlap == count_overlap(triples["train"], triples["test"])


def test_the_plan_has_protocols_first_and_conditions_in_their_order(mnist, monkeypatch):
    monkeypatch.setitem(benchmark.PER_NUMBER, "leak-free", 1)
    planned = list(benchmark.plan(mnist, ["leak-free"], ["touching", "spaced"], n=2, seed=0))
    assert [(protocol, images.name, len(images.numbers)) for protocol, images in planned] == [
        ("leak-free", "leak-free", 200), ("leak-free", "touching", 2), ("leak-free", "spaced", 2),
    ]  # fmt: skip


def test_own_files_of_any_size_are_read_and_damaged_ones_listed(tmp_path, field):
    for label, side in (("427", 84), ("007", 200), ("315", 333)):
        (tmp_path / label).mkdir()
        cv2.imwrite(str(tmp_path / label / "a.jpg"), cv2.resize(field(label)[0], (side, side)))
    cut_short = tmp_path / "315" / "b.jpg"
    cut_short.write_bytes((tmp_path / "315" / "a.jpg").read_bytes()[:2000])
    other_format = tmp_path / "427" / "b.pcx"  # Pillow opens it, the readers do not
    Image.fromarray(field("427")[0]).save(other_format)
    note = tmp_path / "note.txt"
    note.touch()
    images, skipped = own_images("all", load_labelled(tmp_path)["all"])
    assert (images.kind, images.what) == ("data", "3 labelled files")
    assert {path for path, _ in skipped} == {note, cut_short, other_format}
    assert "truncated" in dict(skipped)[cut_short]
    cv2.setNumThreads(2)
    assert answer("segmented", load_reader("segmented"), images).numbers.tolist() == ["007", "315", "427"]
    assert cv2.getNumThreads() == 2


def test_the_networks_of_a_reader_have_their_facts():
    networks = benchmark.network_facts("fused")
    digit, whole = "cnn_digit_classifier", "best_model"
    assert list(networks) == [digit, f"second/{digit}", "field_reader", whole]
    for facts in networks.values():
        assert facts["macs"] > facts["parameters"] > 10_000
        history = facts["history"]
        assert {len(values) for values in history.values()} == {len(history["loss"])}
        assert "val_loss" in history  # it chose the epoch


@pytest.mark.parametrize(
    ("name", "protocol", "words"),
    [
        ("psychic", "leak-free", "The leak-free protocol has the readers .*'whole'.* Received: 'psychic'"),
        ("softmax", "pooled", "The pooled protocol has the readers .* Received: 'softmax'"),
        ("fused", "pooled", "The pooled protocol has the readers .* Received: 'fused'"),
    ],
)
def test_an_unknown_reader_is_refused(name, protocol, words):
    with pytest.raises(ValueError, match=words):
        load_reader(name, protocol)
