"""Blank forms, pages filled in with the tests' digits, and a reader of them, made once."""

import cv2
import numpy as np
import pytest

from pipeline.forms.form import Field, Form, Tick
from pipeline.forms.reader import FormReader
from pipeline.forms.register.template import Template
from pipeline.synth.glyphs import Hands, scans_of
from pipeline.synth.pages.blanks import BLANKS
from pipeline.synth.pages.fill import fill


@pytest.fixture(scope="session")
def hands(digits):
    return Hands(scans_of(*digits), {})


@pytest.fixture(scope="session")
def blanks():
    return {name: make() for name, make in BLANKS.items()}


@pytest.fixture(scope="session")
def forms(blanks, tmp_path_factory):
    """Form by name; its blank page is a file."""
    folder = tmp_path_factory.mktemp("forms")
    found = {}
    for name, blank in blanks.items():
        cv2.imwrite(str(folder / f"{name}.png"), blank.gray)
        fields = tuple(Field(place.name, place.box, (place.digits,) * 2) for place in blank.places)
        found[name] = Form(name, folder / f"{name}.png", blank.size, fields, tuple(Tick(*tick) for tick in blank.ticks))
    return found


@pytest.fixture(scope="session")
def templates(forms):
    return {name: Template.of(form) for name, form in forms.items()}


@pytest.fixture(scope="session")
def filled(blanks, hands):
    """Function: a page of a form filled in."""
    pages = {}

    def make(name, seed=0):
        if (name, seed) not in pages:
            pages[name, seed] = fill(blanks[name], hands, np.random.default_rng(seed))
        return pages[name, seed]

    return make


@pytest.fixture(scope="session")
def form_reader(forms, reader):
    return FormReader([forms["survey"], forms["meters"]], reader)
