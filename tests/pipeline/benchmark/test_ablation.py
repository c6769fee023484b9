"""What exact match is left without a part of the reader."""

import pytest

from pipeline import NumberReader
from pipeline.benchmark import ablation, metrics
from pipeline.benchmark.run import answer, condition_images, load_reader
from pipeline.synth.conditions import CONDITIONS
from segmenter.segmenter import DEFAULT_GENERATORS


@pytest.fixture(scope="module")
def kinds(mnist):
    return [condition_images(mnist, name, 20, 0) for name in ("spaced", "touching")]


@pytest.fixture(scope="module")
def readers():
    return ablation.readers(threads=1)


@pytest.fixture(scope="module")
def found(readers, kinds):
    names = (
        ablation.COMPLETE, "without any cuts", "without decoding: cut where geometry says", "field reader alone",
        "whole-image reader alone",
        "all readers fused",
    )  # fmt: skip
    return ablation.ablate([(name, readers[name]) for name in names], kinds)


def test_without_cuts_touching_digits_are_lost_and_spaced_ones_are_not(found):
    complete, uncut = found[ablation.COMPLETE], found["without any cuts"]
    assert complete["spaced"].value > 0.8
    assert uncut["spaced"] == complete["spaced"]
    assert uncut["touching"].value < complete["touching"].value - 0.3


def test_without_decoding_some_touching_digits_are_lost_and_no_spaced_ones(found):
    complete, undecoded = found[ablation.COMPLETE], found["without decoding: cut where geometry says"]
    assert undecoded["spaced"].value >= complete["spaced"].value - 0.1
    assert 0 < undecoded["touching"].right < complete["touching"].right


@pytest.mark.parametrize(
    ("name", "reader"),
    [(ablation.COMPLETE, "segmented"), ("whole-image reader alone", "whole"), ("all readers fused", "fused")],
)
def test_complete_readers_are_those_of_the_benchmark(found, kinds, name, reader):
    for images in kinds:
        numbers = answer(reader, load_reader(reader, threads=1), images).numbers
        assert found[name][images.name] == metrics.exact_match(images.numbers, numbers)


@pytest.mark.parametrize("left_out", DEFAULT_GENERATORS)
def test_every_cut_generator_is_left_out_once(readers, kinds, left_out):
    segmenter = readers[f"without {left_out} cuts"].segmenter
    assert set(segmenter.cut_generators) == set(DEFAULT_GENERATORS) - {left_out}
    assert segmenter.segment(kinds[1].images[0]).pieces.cuts


def test_seams_only_and_no_cuts_cut_as_they_say(readers, kinds):
    segmenters = [readers[name].segmenter for name in (ablation.COMPLETE, "with seam cuts only", "without any cuts")]
    every, seams, none = (sum(len(s.segment(image).pieces.cuts) for image in kinds[1].images) for s in segmenters)
    assert every > seams > none == 0


def test_each_row_differs_from_the_complete_reader_in_one_parameter(readers):
    complete = readers[ablation.COMPLETE].segmenter.get_params()
    for name in list(ablation.CHANGES)[1:]:
        params = readers[name].segmenter.get_params()
        assert len({key for key in complete if params[key] != complete[key]}) == 1


def test_the_conditions_are_some_of_the_benchmarks():
    assert set(ablation.ABLATED_ON) < set(CONDITIONS)


def test_the_pixel_network_takes_out_most_printed_lines_that_shape_leaves(mnist, readers):
    boxed, kept = condition_images(mnist, "in_printed_boxes", 20, 0), readers["with printed lines and boxes kept"]
    neither = NumberReader(**kept.get_params(deep=False) | {"pixel_classifier": None})
    named = {"complete": readers[ablation.COMPLETE], "kept": kept, "neither": neither}
    found = ablation.ablate([*named.items()], [boxed])
    complete, by_network, lost = (found[name]["in_printed_boxes"].value for name in named)
    assert lost + 0.2 < by_network < complete
