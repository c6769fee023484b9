"""Fixtures of the classifier's tests."""

import contextlib
import itertools

import keras
import pytest


@pytest.fixture
def ctrl_c(monkeypatch):
    """Context: Ctrl-C as the ``n``-th batch of a training begins, counted from 1.

    At no other moment: a signal may come while Keras compares shapes, and Keras takes it for a wrong one.
    """

    @contextlib.contextmanager
    def at_batch(n):
        count = itertools.count(1)

        def begin(self, batch, logs=None):
            if next(count) == n:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(keras.callbacks.CallbackList, "on_train_batch_begin", begin)
            with pytest.raises(KeyboardInterrupt):
                yield

    return at_batch


@pytest.fixture(scope="session", autouse=True)
def no_graph_optimizer():
    """Networks of a few steps: to optimise a graph takes longer than to run it, and changes no result."""
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
