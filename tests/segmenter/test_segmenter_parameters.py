"""The segmenter as an estimator: parameters, their checks, and results that cannot be changed."""

import dataclasses
import inspect

import numpy as np
import pytest
from sklearn.base import clone

from segmenter import Candidate, Segmenter
from segmenter.cut_points import CUT_GENERATORS
from segmenter.ink.binarize import THRESHOLDS

PARAMETERS = inspect.signature(Segmenter).parameters
NUMBERS = sorted(n for n, p in PARAMETERS.items() if not isinstance(p.default, (str, tuple)))


def test_constructor_takes_keywords_and_only_stores():
    with pytest.raises(TypeError, match="positional"):
        Segmenter("otsu")
    assert Segmenter(threshold="no such").threshold == "no such"


def test_get_params_gives_every_argument_and_set_params_takes_it_back():
    params = Segmenter(blur_sigma=0.02, max_pieces=3).get_params()
    assert set(params) == set(inspect.signature(Segmenter).parameters)
    assert Segmenter().set_params(**params).get_params() == params


def test_clone_keeps_the_parameters():
    segmenter = Segmenter(threshold="sauvola", speck=0.1)
    copy = clone(segmenter)
    assert copy is not segmenter
    assert copy.get_params() == segmenter.get_params()


def test_unknown_parameter_names_the_nearest():
    with pytest.raises(ValueError, match="Segmenter has no parameter.*Received: 'blur_sigm'.*'blur_sigma'"):
        Segmenter().set_params(blur_sigm=1)


@pytest.mark.parametrize(("name", "value"), [("threshold", "otzu"), ("cut_generators", ("seam", "otzu"))])
def test_unknown_method_names_the_known_ones(name, value):
    bad = Segmenter(**{name: value})
    for use in (bad.fit, lambda: bad.segment(np.zeros((9, 9), np.uint8))):
        with pytest.raises(ValueError, match=rf"`{name}` should be one of \[.*'(otsu|seam)'.*Received: 'otzu'"):
            use()


@pytest.mark.parametrize("value", ["seam", 3, None, (1, 2)])
def test_cut_generators_are_names(value):
    with pytest.raises(TypeError, match=r"`cut_generators` should be a tuple of names. Received: "):
        Segmenter(cut_generators=value).fit()


@pytest.mark.parametrize("name", CUT_GENERATORS)
def test_each_generator_may_cut_alone(digit, name):
    touching = np.kron(np.maximum(*(np.roll(np.pad(digit(8), (0, 28)), x, 1) for x in (4, 20))), np.ones((3, 3), "u1"))
    writing = Segmenter().find_writing(touching)
    alone, every, none = (
        Segmenter(cut_generators=names).oversegment(writing) for names in ([name], (*CUT_GENERATORS,), ())
    )
    assert len(none.cuts) == 0 < len(alone.cuts)
    assert len(alone.pieces) < len(every.pieces)


def test_max_cuts_bounds_the_cuts_of_a_region(field):
    writing = Segmenter().find_writing(np.kron(field("808")[0], np.ones((3, 3), np.uint8)))
    for most in (0, 1, 3):
        found = Segmenter(max_cuts=most).oversegment(writing)
        assert len(found.cuts) == most * len(writing.regions)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-1, float("nan")])
def test_negative_or_nan_parameter(name, value):
    with pytest.raises(ValueError, match=rf"`{name}` should be finite and at least \d.*Received: {value}"):
        Segmenter(**{name: value}).fit()


def test_max_side_of_zero():
    with pytest.raises(ValueError, match="max_side"):
        Segmenter(max_side=0).segment(np.zeros((9, 9), np.uint8))


@pytest.mark.parametrize("value", ["0.1", None])
def test_number_of_another_type(value):
    with pytest.raises((TypeError, ValueError), match="`blur_sigma` should"):
        Segmenter(blur_sigma=value).segment(np.full((9, 9), 200, np.uint8))


@pytest.mark.parametrize("name", THRESHOLDS)
def test_every_threshold_reads_a_clean_field(field, name):
    assert len(Segmenter(threshold=name).segment(field("427")[0]).candidates) == 3


def test_max_pieces_bounds_the_runs(field):
    apart = Segmenter().segment(np.kron(field("808")[0], np.ones((3, 3), np.uint8)))
    for most in (1, 2, 4):
        found = Segmenter(max_pieces=most).oversegment(apart)
        assert max(c.stop - c.start for c in found.candidates) == most


def test_fit_returns_itself():
    segmenter = Segmenter()
    assert segmenter.fit() is segmenter


def test_repr_shows_what_was_changed():
    assert repr(Segmenter()) == "Segmenter()"
    assert repr(Segmenter(speck=0.5)) == "Segmenter(speck=0.5)"


def test_results_are_frozen(field):
    found = Segmenter().segment(field("427")[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.crops = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.candidates[0].box = (0, 0, 1, 1)
    assert found.candidates[0] == Candidate(0, 1, found.boxes[0])


def test_results_can_be_compared_and_hashed(field):
    found, other = (Segmenter().segment(field("427")[0]) for _ in range(2))
    assert found == found
    assert isinstance(found == other, bool)
    assert isinstance(hash(found), int)
