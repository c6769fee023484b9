"""What scikit-learn asks of an estimator."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid
from sklearn.utils import get_tags

from segmenter.params import Estimator


class Inner(Estimator):
    def __init__(self, width=3, *, height=4):
        self.width = width
        self.height = height


class Outer(Estimator):
    def __init__(self, inner=None, *, depth=5, kind=int):
        self.inner = inner
        self.depth = depth
        self.kind = kind


class Wider(Inner):
    def __init__(self, width=3, *, height=4, extra=0):
        super().__init__(width, height=height)
        self.extra = extra


def test_get_params_names_nested_parameters():
    inner = Inner(7)
    nested = Outer(inner).get_params()
    assert nested == {"inner": inner, "inner__width": 7, "inner__height": 4, "depth": 5, "kind": int}


def test_shallow_get_params_stops_at_the_outer():
    assert set(Outer(Inner()).get_params(deep=False)) == {"inner", "depth", "kind"}


def test_a_class_as_value_is_not_entered():
    assert Outer(Inner).get_params()["inner"] is Inner


def test_set_params_reaches_the_nested_and_returns_self():
    outer = Outer(Inner())
    assert outer.set_params(depth=6, inner__width=9) is outer
    assert (outer.depth, outer.inner.width, outer.inner.height) == (6, 9, 4)


def test_set_params_swaps_an_inner_and_then_sets_it():
    first, second = Inner(1), Inner(2)
    outer = Outer(first).set_params(inner=second, inner__width=9)
    assert outer.inner is second
    assert (first.width, second.width) == (1, 9)


def test_set_params_knows_the_names_of_the_new_inner():
    outer = Outer(Inner()).set_params(inner=Wider(), inner__extra=1)
    assert outer.inner.extra == 1


def test_set_params_swaps_before_it_sets_whatever_the_order():
    outer = Outer(Inner(1)).set_params(inner__width=9, inner=Inner(2))
    assert outer.inner.width == 9


@pytest.mark.parametrize(("wrong", "near"), [("dpeth", "depth"), ("inner__widht", "inner__width")])
def test_unknown_parameter_names_the_nearest(wrong, near):
    with pytest.raises(ValueError, match=rf"Outer has no parameter.*Received: '{wrong}'. Nearest: \['{near}'"):
        Outer(Inner()).set_params(**{wrong: 1})


def test_clone_copies_nested_parameters_but_not_the_nested_object():
    outer = Outer(Inner(9), depth=1)
    copy = clone(outer)
    assert copy is not outer
    assert copy.inner is not outer.inner
    assert (copy.inner.width, copy.depth, copy.kind) == (9, 1, int)


def test_clone_leaves_learned_state_behind():
    inner = Inner(9)
    inner.learned_ = 1
    assert not hasattr(clone(inner), "learned_")


def test_a_grid_over_outer_and_inner_is_set():
    seen = []
    for params in ParameterGrid({"depth": [1, 2], "inner__width": [3, 4]}):
        candidate = clone(Outer(Inner())).set_params(**params)
        seen.append((candidate.depth, candidate.inner.width))
    assert sorted(seen) == [(1, 3), (1, 4), (2, 3), (2, 4)]


def test_scikit_learn_reads_its_tags():
    tags = get_tags(Outer())
    assert not tags.requires_fit
    assert tags.input_tags.three_d_array


@pytest.mark.parametrize(
    ("estimator", "text"),
    [
        (Inner(), "Inner()"),
        (Inner(3), "Inner()"),
        (Inner(9, height=1), "Inner(height=1, width=9)"),
        (Outer(Inner(9)), "Outer(inner=Inner(width=9))"),
        (Outer(kind=str), "Outer(kind=<class 'str'>)"),
    ],
)
def test_repr_shows_what_differs_from_the_defaults(estimator, text):
    assert repr(estimator) == text


def test_repr_with_an_array_as_parameter():
    assert repr(Inner(np.arange(3))) == "Inner(width=array([0, 1, 2]))"
