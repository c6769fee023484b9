"""Searches: candidates x folds, resumed, on processes or a cluster."""

import json
import math
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier

from classifier.digit import DigitClassifier
from classifier.search import cluster
from classifier.search.fits import ranked
from classifier.search.search import Search, fit_one, halving


class Deadly(KNeighborsClassifier):
    """Ends the process that trains it."""

    def fit(self, X, y):
        os._exit(1)


@pytest.fixture
def flat(digits):
    """300 digits as rows of 784, for estimators that are quick."""
    x, y = digits
    return x.reshape(len(x), -1), y


class Brittle(ClassifierMixin, BaseEstimator):
    """Nearest neighbours that fail where told to, and count their trainings in a file."""

    def __init__(self, n_neighbors=1, *, fails="", log=""):
        self.n_neighbors, self.fails, self.log = n_neighbors, fails, log

    def fit(self, X, y):
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{self.n_neighbors}\n")
        if self.fails == "raises":
            raise RuntimeError("no memory left")
        self.inner_ = KNeighborsClassifier(self.n_neighbors).fit(X, y)
        return self

    def score(self, X, y):
        return math.nan if self.fails == "nan" else self.inner_.score(X, y)


def test_scores_are_those_of_scikit_learns_own_search(flat, tmp_path):
    search = Search(KNeighborsClassifier(), *flat, folder=tmp_path, folds=3, seed=1)
    found = search.scores([{"n_neighbors": k} for k in (1, 3, 9)])
    expected = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3, 9]}, cv=search.folds).fit(*flat)
    assert [c.params for c in found] == expected.cv_results_["params"]
    np.testing.assert_allclose([c.mean for c in found], expected.cv_results_["mean_test_score"])
    np.testing.assert_allclose([c.std for c in found], expected.cv_results_["std_test_score"])


@pytest.mark.slow
def test_two_jobs_score_as_one(flat, tmp_path):
    candidates = [{"n_neighbors": k} for k in (1, 5)]
    one, two = (
        Search(KNeighborsClassifier(), *flat, folder=tmp_path / str(jobs), jobs=jobs).scores(candidates)
        for jobs in (1, 2)
    )
    assert [c.scores.tolist() for c in one] == [c.scores.tolist() for c in two]


@pytest.mark.usefixtures("uncompiled_here")
def test_every_fit_of_a_network_starts_from_fresh_weights(digits, dense_network):
    """One candidate fitted twice on the same fold learns the same; a network carried on would know more."""
    x, y = digits
    train, test = np.arange(0, 300, 2), np.arange(1, 300, 2)
    estimator = DigitClassifier(dense_network, epochs=3, batch_size=32, negative_share=0.0, random_state=0)
    first, again = (fit_one(estimator, {"learning_rate": 1e-2}, 0, x, y, train, test) for _ in range(2))
    assert first.score == again.score
    assert not hasattr(estimator, "model_")
    assert first.macs == again.macs > 1000


def test_finished_fits_are_not_repeated(flat, tmp_path):
    log = tmp_path / "log"
    estimator = Brittle(log=str(log))
    first = Search(estimator, *flat, folder=tmp_path / "s").scores([{"n_neighbors": 1}])
    search = Search(estimator, *flat, folder=tmp_path / "s")
    assert len(search.unfinished([{"n_neighbors": 1}, {"n_neighbors": 3}])) == 3
    both = search.scores([{"n_neighbors": 1}, {"n_neighbors": 3}])
    assert log.read_text().split() == ["1"] * 3 + ["3"] * 3
    assert both[0].scores.tolist() == first[0].scores.tolist()


KILLED = """
    import sys, time
    import numpy as np
    from sklearn.neighbors import KNeighborsClassifier
    from classifier.search.search import Search

    class Slow(KNeighborsClassifier):
        def fit(self, X, y):
            time.sleep(0.2)
            return super().fit(X, y)

    with np.load({data!r}) as stored:
        x, y = stored["x"].reshape(300, -1), stored["y"]
    for candidate in Search(Slow(), x, y, folder={folder!r}).scores([{{"n_neighbors": k}} for k in range(1, 9)]):
        print(candidate.params["n_neighbors"], candidate.scores.tolist())
"""


@pytest.mark.slow
def test_a_killed_search_goes_on_and_ends_as_if_it_had_not_been(tmp_path, pytestconfig):
    def command(name):
        text = KILLED.format(data=str(pytestconfig.rootpath / "tests/data/digits.npz"), folder=str(tmp_path / name))
        return [sys.executable, "-c", textwrap.dedent(text)]

    whole = subprocess.run(command("whole"), capture_output=True, text=True, check=True, cwd=pytestconfig.rootpath)
    store = tmp_path / "killed" / "fits.jsonl"
    with subprocess.Popen(command("killed"), cwd=pytestconfig.rootpath, stdout=subprocess.DEVNULL) as process:
        while not store.exists() or store.read_text().count("\n") < 5:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    kept = [json.loads(line) for line in store.read_text().splitlines() if line.endswith("}")]
    assert 5 <= len(kept) < 24
    again = subprocess.run(command("killed"), capture_output=True, text=True, check=True, cwd=pytestconfig.rootpath)
    assert again.stdout == whole.stdout
    fits = [json.loads(line) for line in store.read_text().splitlines() if line.endswith("}")]
    assert len(fits) == 24
    assert fits[: len(kept)] == kept


def test_what_failed_is_tried_again_by_the_next_search(flat, tmp_path):
    class Passing(Brittle):
        """Its fault lasts as long as the file is there."""

        def fit(self, X, y):
            if self.fails and Path(self.fails).exists():
                raise OSError("stale file handle")
            return super().fit(X, y)

    (fault := tmp_path / "fault").touch()
    params = [{"fails": str(fault)}, {"n_neighbors": 3}]
    search = Search(Passing(), *flat, folder=tmp_path / "s")
    assert math.isnan(search.scores(params)[0].mean)
    assert not search.unfinished(params)  # not again and again in one search
    fault.unlink()
    again = Search(Passing(), *flat, folder=tmp_path / "s")
    assert len(again.unfinished(params)) == 3
    assert again.scores(params)[0].mean > 0.5


def test_other_files_under_the_same_names_are_another_search(tmp_path):
    class Lengths(Brittle):
        def fit(self, X, y):
            return self

        def score(self, X, y):
            return 0.5

    files = [tmp_path / f"{k}.txt" for k in range(6)]
    for file in files:
        file.write_text(file.name)
    Search(Lengths(), files, [0, 1] * 3, folder=tmp_path / "s")
    Search(Lengths(), list(map(str, files)), [0, 1] * 3, folder=tmp_path / "s")
    files[3].write_text("other")
    with pytest.raises(ValueError, match="they differ in: images"):
        Search(Lengths(), files, [0, 1] * 3, folder=tmp_path / "s")


@pytest.mark.slow
def test_a_worker_that_dies_again_and_again_ends_the_search(flat, tmp_path):
    search = Search(Deadly(), *flat, folder=tmp_path, folds=2, jobs=2)
    with pytest.raises(OSError, match="Workers died 6 times"):
        search.scores([{"n_neighbors": 1}, {"n_neighbors": 3}])


def test_another_search_in_the_folder_is_refused(flat, tmp_path):
    x, y = flat
    Search(KNeighborsClassifier(), x, y, folder=tmp_path)
    Search(KNeighborsClassifier(), x, y, folder=tmp_path)
    with pytest.raises(ValueError, match=r"results of another search; they differ in: images"):
        Search(KNeighborsClassifier(), 255 - x, y, folder=tmp_path)
    with pytest.raises(ValueError, match=r"they differ in: folds"):
        Search(KNeighborsClassifier(), x, y, folder=tmp_path, folds=5)
    with pytest.raises(ValueError, match=r"they differ in: estimator"):
        Search(KNeighborsClassifier(weights="distance"), x, y, folder=tmp_path)


@pytest.mark.parametrize("text", ["not json", "[]", "null", "3"])
def test_something_else_in_place_of_the_results_is_refused(flat, tmp_path, text):
    (tmp_path / "search.json").write_text(text)
    with pytest.raises(ValueError, match="results of another search"):
        Search(KNeighborsClassifier(), *flat, folder=tmp_path)


def test_a_misspelt_parameter_is_refused_before_anything_trains(flat, tmp_path):
    log = tmp_path / "log"
    search = Search(Brittle(log=str(log)), *flat, folder=tmp_path / "s")
    with pytest.raises(ValueError, match="no parameter 'n_neighbor'. Nearest: n_neighbors"):
        search.scores([{"n_neighbors": 1}, {"n_neighbor": 1}])
    assert not log.exists()


@pytest.mark.parametrize("how", ["raises", "nan"])
def test_a_candidate_without_a_score_comes_last(flat, tmp_path, how):
    found = Search(Brittle(), *flat, folder=tmp_path).scores([{"fails": how}, {"fails": ""}])
    assert math.isnan(found[0].mean)
    assert [c.params["fails"] for c in ranked(found)] == ["", how]
    assert ("no memory left" in found[0].fits[0].error) == (how == "raises")


def test_a_search_in_which_everything_fails_says_why(flat, tmp_path):
    with pytest.raises(ValueError, match="Every candidate failed. The first: RuntimeError: no memory left"):
        Search(Brittle(), *flat, folder=tmp_path).scores([{"fails": "raises"}])


def test_halving_gives_the_best_third_three_times_the_epochs(flat, tmp_path):
    class Learner(KNeighborsClassifier):
        def __init__(self, n_neighbors=1, *, epochs=1):
            super().__init__(n_neighbors)
            self.epochs = epochs

    candidates = [{"n_neighbors": k} for k in (1, 3, 5, 25, 50, 75, 100, 125, 140, 150)]
    found = halving(Search(Learner(), *flat, folder=tmp_path), candidates, epochs=9)
    assert [c.params["epochs"] for c in found] == [9] * 2 + [3] * 2 + [1] * 6
    assert found[0].params["n_neighbors"] in (1, 3, 5)
    assert {c.params["n_neighbors"] for c in found[:3]} == {1, 3, 5}


def test_halving_carries_the_first_candidate_through_every_round(flat, tmp_path):
    class Slow(Brittle):
        """The first is the worst but after nine epochs."""

        def __init__(self, k=0, *, steps=1):
            self.k, self.steps = k, steps

        def fit(self, X, y):
            return self

        def score(self, X, y):
            return 0.9 if self.k == 0 and self.steps == 9 else 0.1 * (self.k > 0)

    candidates = [{"k": k} for k in range(9)]
    found = halving(Search(Slow(), *flat, folder=tmp_path), candidates, epochs=9, name="steps")
    assert [c.params["steps"] for c in found] == [9] * 3 + [3] + [1] * 5
    assert found[0].params == {"k": 0, "steps": 9}


def test_labels_that_are_no_digits_end_the_search(digits, tmp_path):
    x, y = digits
    with pytest.raises(ValueError, match="Labels should be digits 0-9"):
        Search(DigitClassifier(epochs=1), x, y + 5, folder=tmp_path).scores([{"epochs": 1}])


@pytest.mark.parametrize("listens", [False, True])
def test_a_scheduler_that_does_not_answer_is_named_within_seconds(flat, tmp_path, monkeypatch, listens):
    assert cluster.ANSWER_SECONDS <= 10
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        if listens:
            mute.listen()
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        search = Search(KNeighborsClassifier(), *flat, folder=tmp_path, scheduler=address)
        began = time.monotonic()
        with pytest.raises(OSError, match=f"No Dask scheduler answered at '{address}' within 1 s"):
            search.scores([{"n_neighbors": 1}])
        assert time.monotonic() - began < 6


@pytest.mark.slow
def test_a_cluster_scores_as_this_machine_even_when_a_worker_is_killed(flat, tmp_path):
    from distributed import LocalCluster

    candidates = [{"n_neighbors": k} for k in range(1, 25)]
    here = Search(KNeighborsClassifier(), *flat, folder=tmp_path / "here").scores(candidates)
    store = tmp_path / "there" / "fits.jsonl"
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:

        def kill_one():
            while not store.exists() or store.read_text().count("\n") < 3:
                time.sleep(0.01)
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_one)
        killer.start()
        search = Search(KNeighborsClassifier(), *flat, folder=store.parent, scheduler=cluster.scheduler_address)
        there = search.scores(candidates)
        killer.join()
    assert [c.scores.tolist() for c in there] == [c.scores.tolist() for c in here]
    assert len([line for line in store.read_text().split("\n") if line]) == 72
