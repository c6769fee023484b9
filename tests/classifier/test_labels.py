"""Labels and targets."""

import numpy as np

from classifier.labels import DigitEncoder


def test_the_encoder_round_trips():
    encoder = DigitEncoder().fit([3])
    y = np.array([0, 9, 9, 1])
    np.testing.assert_array_equal(encoder.inverse_transform(encoder.transform(y)), y)
