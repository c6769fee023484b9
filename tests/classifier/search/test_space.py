"""What a search varies: TOML files, grids, random candidates."""

import math

import pytest

from classifier.digit import DigitClassifier
from classifier.search.space import Space, check_names, load_params, load_space, save_params


@pytest.fixture
def written(tmp_path):
    """Function: a TOML file with this text."""

    def write(text):
        path = tmp_path / "space.toml"
        path.write_text(text)
        return path

    return write


def test_a_grid_has_every_combination_with_what_is_fixed(written):
    space = load_space(written("[fixed]\nepochs = 2\n[search]\nmodel__width = [8, 16]\nlearning_rate = [1e-3, 3e-3]\n"))
    assert sorted((c["model__width"], c["learning_rate"]) for c in space.grid()) == [
        (8, 1e-3), (8, 3e-3), (16, 1e-3), (16, 3e-3),
    ]  # fmt: skip
    assert {c["epochs"] for c in space.grid()} == {2}


def test_random_candidates_keep_to_their_ranges_and_come_again_with_their_seed(written):
    space = load_space(
        written(
            "[search]\nlearning_rate = {log_uniform = [1e-4, 1e-2]}\nmodel__width = {integers = [8, 10]}\n"
            "augmentation = {uniform = [0.5, 1.5]}\nbatch_size = [64, 128]\n"
        )
    )
    drawn = space.sample(200, seed=3)
    rates = [c["learning_rate"] for c in drawn]
    assert 1e-4 <= min(rates) < 5e-4 < 3e-3 < max(rates) <= 1e-2
    assert 80 < sum(rate < 1e-3 for rate in rates) < 120  # half of them below the middle of the logarithms
    assert {c["model__width"] for c in drawn} == {8, 9, 10}
    assert all(0.5 <= c["augmentation"] <= 1.5 for c in drawn)
    assert {type(value) for c in drawn for value in c.values()} == {int, float}
    assert drawn == space.sample(200, seed=3) != space.sample(200, seed=4)


def test_a_random_search_over_lists_ends_when_all_are_drawn():
    assert len(Space({"epochs": [1, 2, 3]}).sample(10, seed=0)) == 3


def test_the_default_candidate_changes_only_what_is_fixed():
    space = Space({"model__width": [4, 8], "patience": [1]}, {"epochs": 2})
    assert space.default(DigitClassifier()) == {"model__width": 16, "patience": 20, "epochs": 2}


@pytest.mark.parametrize("search", [{}, {"epochs": []}, {"epochs": 3}])
def test_an_empty_grid_is_refused(search):
    with pytest.raises(ValueError, match="list of values"):
        Space(search).grid()


def test_a_huge_grid_is_refused_and_can_still_be_drawn_from():
    space = Space({f"p{k}": list(range(99)) for k in range(5)})
    with pytest.raises(ValueError, match="at most 10,000 candidates"):
        space.grid()
    assert len(space.sample(3, seed=0)) == 3


@pytest.mark.parametrize("search", [{}, {"epochs": []}])
def test_nothing_to_draw_is_refused(search):
    with pytest.raises(ValueError, match="A search needs values"):
        Space(search).sample(3, seed=0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[search\n", "should be a TOML file"),
        ("[grid]\nepochs = [1]\n", r"tables \[search\] and \[fixed\]. Received: \['grid'\]"),
        ("[search]\nepochs = 3\n", "'epochs' should have a list of values, or one of .* Received: 3"),
        ("[search]\nepochs = {normal = [1, 2]}\n", "'epochs' should have a list of values"),
        ("[search]\nepochs = {integers = [3, 1]}\n", "a lower and an upper end"),
        ("[search]\nlearning_rate = {log_uniform = [0, 1]}\n", "a lower and an upper end"),
        ("[search]\nlearning_rate = {log_uniform = ['a', 'b']}\n", "a lower and an upper end"),
        ("[search]\nepochs = {integers = [1.5, 3]}\n", "a lower and an upper end"),
        ("[search]\nepochs = {integers = [1, 99999999999999999999]}\n", "a lower and an upper end"),
        ("[search]\nepochs = [1979-05-27, {a = 1}]\n", "numbers, strings or lists of them"),
        ("[fixed]\nepochs = {a = 1}\n", "numbers, strings or lists of them"),
        ("search = [1]\n", r"tables \[search\] and \[fixed\]. Received: \['search'\]"),
        ("[search]\nepochs = [1, 2]\n[fixed]\nepochs = 3\n", "searched or fixed. Received both for: epochs"),
        ("[fixed]\nclassifier__checkpoint = 'here'\n", "fresh weights and keeps no files"),
    ],
)
def test_a_file_that_is_no_space_is_refused_with_the_rule(written, text, words):
    with pytest.raises(ValueError, match=words):
        load_space(written(text))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(OSError, match=r"none\.toml"):
        load_space(tmp_path / "none.toml")


def test_a_misspelt_parameter_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="DigitClassifier has no parameter 'model__widht'. Nearest: model__width"):
        check_names(DigitClassifier(), ["epochs", "model__widht"])


def test_parameters_come_back_from_their_file(tmp_path):
    params = {"learning_rate": 3e-05, "model__width": 24, "refine_epochs": [4, 2], "flips": False, "name": 'ä "b"\n😀'}
    params |= {"patience": math.inf, "batch_size": -math.inf}
    save_params(params | {"logs": None}, tmp_path / "best.toml", comment="mean 0.99")
    assert load_params(tmp_path / "best.toml") == params
    assert (tmp_path / "best.toml").read_text().startswith("# mean 0.99\n")


def test_a_damaged_file_of_parameters_is_refused(written):
    with pytest.raises(ValueError, match="TOML file of parameters"):
        load_params(written("learning_rate = \n"))


def test_a_byte_order_mark_before_the_first_table_is_passed_over(written):
    assert load_space(written("\ufeff[search]\nepochs = [2, 4]\n")).search == {"epochs": [2, 4]}
    assert load_params(written("\ufeffepochs = 2\n")) == {"epochs": 2}
