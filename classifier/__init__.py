"""Crops -> probabilities: the networks, their training and tuning, and the runtime that reading uses.

Nothing is imported here, so that reading loads :mod:`classifier.runtime` without Keras; training starts
with :class:`classifier.digit.DigitClassifier`.
"""
