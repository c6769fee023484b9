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
