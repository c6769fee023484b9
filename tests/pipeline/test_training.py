"""What the networks of a reader are trained on."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from pipeline import NumberReader
from segmenter import fit_canvas


class Learns(BaseEstimator):
    """A network that keeps what it was trained on."""

    def fit(self, X, y):
        self.x_, self.y_ = X, y
        return self

    def predict_proba(self, X):
        raise NotImplementedError


NUMBERS = ["427", "315"]


@pytest.mark.parametrize("way", ["field", "fused"])
def test_the_field_network_learns_gray_fields_and_their_numbers(field, way):
    reader = NumberReader(Learns(), field_classifier=Learns(), number_classifier=Learns(), reader=way)
    images = [field(number)[0] for number in NUMBERS]
    trained = reader.fit(images, NUMBERS).network("field_classifier")
    np.testing.assert_array_equal(trained.x_, [reader.segment(image).field for image in images])
    assert trained.x_.shape == (2, 64, 128)
    assert trained.y_.tolist() == NUMBERS


def test_each_network_learns_what_it_reads(field):
    reader = NumberReader(Learns(), field_classifier=Learns(), number_classifier=Learns())
    images = [field(number)[0] for number in NUMBERS]
    assert reader.learns == ["classifier", "field_classifier", "number_classifier"]
    reader.fit(images, NUMBERS)
    crops, canvases = (reader.network(name) for name in ("classifier", "number_classifier"))
    assert (crops.x_.shape, crops.y_.tolist()) == ((6, 28, 28), [4, 2, 7, 3, 1, 5])
    np.testing.assert_array_equal(canvases.x_, [fit_canvas(reader.segment(image)) for image in images])
    assert canvases.y_.tolist() == NUMBERS
