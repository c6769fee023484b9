"""Where fits run: each with one thread, and the process that searches is left as it was."""

import os

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from classifier.search.search import Search

THREADS = "TF_NUM_INTRAOP_THREADS"


class Counting(ClassifierMixin, BaseEstimator):
    """Its score is the number of threads that TensorFlow would take."""

    def __init__(self, *, rank=1):
        self.rank = rank

    def fit(self, X, y):
        return self

    def score(self, X, y):
        return float(os.environ.get(THREADS, "nan"))


@pytest.mark.parametrize("before", [None, "7"])
@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_fits_have_one_thread_and_the_environment_comes_back(tmp_path, monkeypatch, jobs, before):
    if before is None:
        monkeypatch.delenv(THREADS, raising=False)
    else:
        monkeypatch.setenv(THREADS, before)
    search = Search(Counting(), np.zeros((8, 2)), np.tile([0, 1], 4), folder=tmp_path, folds=2, jobs=jobs)
    (trial,) = search.scores([{"rank": 1}])
    assert trial.scores.tolist() == [1, 1]
    assert os.environ.get(THREADS) == before
