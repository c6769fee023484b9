"""Fixtures of the classifier's tests."""

import signal
from _thread import interrupt_main

import pytest


@pytest.fixture
def ctrl_c():
    """Function: what Ctrl-C does, also where the shell has set SIGINT to be ignored (``pytest &``)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield interrupt_main
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def no_graph_optimizer():
    """Networks of a few steps: to optimise a graph takes longer than to run it, and changes no result."""
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
