"""Finished fits: kept one by one, summed up, written as a table."""

import math

import pytest

from classifier.search.fits import Fit, FitStore, Trial, ranked, write_table


def test_a_line_cut_short_is_fitted_again(tmp_path):
    store = FitStore(tmp_path, {"images": "a"})
    store.keep(Fit({"a": 1}, 0, 0.5, 1.0))
    with (tmp_path / "fits.jsonl").open("a") as file:
        file.write('\n{"params": {"a": 1}, "fo')
    store.keep(Fit({"a": 1}, 1, 0.7, 1.0))
    assert [(fit.fold, fit.score) for fit in store.finished().values()] == [(0, 0.5), (1, 0.7)]


@pytest.mark.parametrize("damage", ['{"params": {}, "fold": 0, "score": "x", "seconds": 1.0}', "[]", "\udcff"])
def test_damaged_results_are_passed_over(tmp_path, damage):
    store = FitStore(tmp_path, {"images": "a"})
    store.keep(Fit({"a": 1}, 0, 0.5, 1.0))
    with (tmp_path / "fits.jsonl").open("ab") as file:
        file.write(b"\n" + damage.encode(errors="surrogateescape"))
    assert [fit.score for fit in store.finished().values()] == [0.5]


def test_of_equals_the_first_wins():
    def candidate(k, score):
        return Trial({"k": k}, (Fit({"k": k}, 0, score, 1.0),))

    assert [c.params["k"] for c in ranked([candidate(0, 0.5), candidate(1, 0.5), candidate(2, 0.6)])] == [2, 0, 1]


def test_the_table_has_scikit_learns_columns(tmp_path):
    fits = tuple(Fit({"width": 8}, k, score, 2.0, 1000) for k, score in enumerate((0.5, 0.7)))
    other = tuple(Fit({"width": 4, "rate": 0.1}, k, 0.25, 1.0) for k in range(2))
    again = tuple(Fit({"width": 4, "rate": 0.2}, k, 0.25, 1.0) for k in range(2))
    failed = tuple(Fit({"rate": 0.3}, k, math.nan, 1.0, error="no memory") for k in range(2))
    write_table([Trial(f[0].params, f) for f in (fits, other, again, failed)], tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        "param_rate,param_width,split0_test_score,split1_test_score,mean_test_score,std_test_score,rank_test_score,"
        "mean_seconds,macs",
        ",8,0.500000,0.700000,0.600000,0.100000,1,2.00,1000",
        "0.1,4,0.250000,0.250000,0.250000,0.000000,2,1.00,",
        "0.2,4,0.250000,0.250000,0.250000,0.000000,2,1.00,",
        "0.3,,nan,nan,nan,nan,4,1.00,",
    ]
