"""scikit-learn's own checks of every estimator; those that cannot apply are listed here, each with its reason."""

import warnings
from importlib.util import find_spec

import pytest
from sklearn.base import clone
from sklearn.exceptions import SkipTestWarning
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator

from classifier.digit import DigitClassifier
from classifier.field import FieldClassifier
from classifier.labels import DigitEncoder, NumberEncoder, SequenceEncoder
from classifier.number import NumberClassifier
from pipeline import NumberReader
from pipeline.readers import SOURCES
from segmenter import Segmenter

# Most checks fit on a table of a few features. What takes images refuses it with this rule, which is the right answer.
IMAGES_WANTED = ("should have the shape (n, ", "An image array should be (H, W)")
TABLE = "looks for a word about a table where the rule about images is named"
SCIKERAS = "scikeras 0.13 defines it so; what scikit-learn reads is defined anew in NetworkClassifier"
NO_WEIGHTS = "no sample weights: scikeras's signature has them, `fit` takes None only"
NOTHING_LEARNED = "`fit` learns nothing and does not look at X"

NETWORK = {
    "check_estimator_tags_renamed": SCIKERAS,
    "check_mixin_order": SCIKERAS,
    "check_positive_only_tag_during_fit": TABLE,
    "check_classifiers_one_label": TABLE,
    "check_classifiers_regression_target": TABLE,
    "check_classifiers_one_label_sample_weights": NO_WEIGHTS,
}
if find_spec("pandas"):  # skipped without it
    NETWORK["check_sample_weights_pandas_series"] = NO_WEIGHTS
STATELESS = dict.fromkeys(
    ("check_n_features_in_after_fitting", "check_n_features_in", "check_complex_data", "check_dtype_object",
     "check_estimators_empty_data_messages", "check_estimators_nan_inf", "check_estimator_sparse_tag", "check_fit1d"),
    NOTHING_LEARNED,
)  # fmt: skip


# The reader also predicts before it is fitted, from anything that is an image.
READER = {name: why for name, why in STATELESS.items() if name != "check_dtype_object"} | {
    "check_estimator_sparse_array": TABLE,
    "check_estimator_sparse_matrix": TABLE,
    "check_fit2d_predict1d": TABLE,
}


class ForTables:
    """A tag that lets the checks run: for what takes images they would all be skipped."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


class TabledSegmenter(ForTables, Segmenter):
    pass


class TabledReader(ForTables, NumberReader):
    pass


class TabledDigits(ForTables, DigitClassifier):
    pass


class TabledFields(ForTables, FieldClassifier):
    pass


class TabledNumbers(ForTables, NumberClassifier):
    pass


SHIPPED = NumberReader.pretrained()
ESTIMATORS = [
    (TabledSegmenter(), STATELESS),
    (TabledReader(**{name: getattr(SHIPPED, name) for name in SOURCES.values()}), READER),
    (TabledDigits(), NETWORK),
    (TabledFields(), NETWORK),
    (TabledNumbers(), NETWORK),
]


@pytest.mark.parametrize(("estimator", "do_not_apply"), ESTIMATORS)
def test_scikit_learns_checks_fail_only_where_they_cannot_apply(estimator, do_not_apply):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        # The read path must not import scikit-learn; see segmenter.params.
        warnings.filterwarnings("ignore", ".*does not inherit from `sklearn.base.BaseEstimator`")
        results = check_estimator(estimator, on_fail=None)
    assert sum(result["status"] == "passed" for result in results) > 10
    failed = {r["check_name"]: str(r["exception"]) for r in results if r["status"] == "failed"}
    other = {name: message for name, message in failed.items() if not any(rule in message for rule in IMAGES_WANTED)}
    assert set(other) == set(do_not_apply), other


@pytest.mark.parametrize("encoder", [DigitEncoder(), NumberEncoder(), SequenceEncoder()])
def test_encoders_are_transformers_of_labels_which_the_checks_leave_out(encoder):
    with pytest.warns(SkipTestWarning, match="Can't test estimator"):
        results = check_estimator(encoder, on_fail=None)
    assert {result["status"] for result in results} == {"passed"}
    assert get_tags(encoder).target_tags.one_d_labels
    assert clone(encoder).fit([]).get_metadata()["n_outputs_"] == 1
