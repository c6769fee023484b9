"""Which form a page is of, if any: what fits, never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.forms.register.align import RATIO, Alignment, match, refine
from pipeline.forms.register.codes import by_markers, markers_of, texts_of
from pipeline.forms.register.template import PAPER, PRINT_LEVEL, Features, Template, features_of
from segmenter.image import Gray
from segmenter.ink.binarize import even_lighting

# Share of a blank's places that are found again on a page of it: writing over them hides some.
LEAST_FIT = 0.3
# Share of the print around each field, and of that of the whole page, that has ink on a page of the form.
AROUND_FIELD, ON_PAGE = 0.85, 0.5
# Gray levels of paper that is 255, by which print is darker than paper on a page that was taken badly.
DARK = 30
# How often a page that does not fit is laid over the blank anew.
TRIES = 3
# Features of each blank by which forms are put in order before any is tried.
ASKED = 250
# Standard deviation in gray levels, of details, of a page on which there is nothing.
BARE = 2.0


def choose(templates: Sequence[Template], image: Gray) -> tuple[Template, Alignment] | str:
    """The form that a picture of a page fits, and where it lies; or why there is none.

    All that is printed around each field has to be there: on another form, or another edition of it, it is elsewhere.

    Parameters
    ----------
    templates : sequence of Template
    image : (H, W) uint8
    """
    named = _named(templates, image)
    if isinstance(named, str):
        return named
    seen = features_of(image)
    why = ""
    for template in _in_order(named, seen):
        found = fitted(template, image, align(template, image, seen))
        if isinstance(found, Alignment):
            return template, found
        why = why or found
    if not why and _is_bare(image):
        return "blank page"
    return f"fits no form of {', '.join(template.form.name for template in templates)}{why}"


def align(template: Template, image: Gray, seen: Features) -> Alignment | None:
    """Where the form's page lies in a picture, by its markers if it has some, else by features; None if nowhere."""
    to_image = None
    if template.markers:
        to_image = by_markers(template.markers, markers_of(image, template.form.aruco))
    if to_image is None:
        to_image, _ = match(template, seen)
    return None if to_image is None else refine(template, image, to_image)


def fitted(template: Template, image: Gray, alignment: Alignment | None) -> Alignment | str:
    """An alignment on which all of the form is there; or what is not.

    Where a first map was too far off at one end of the page, what was found at the other brings it nearer.
    """
    problem = ""
    for _ in range(TRIES):
        if alignment is None:
            return problem
        if not (missing := misfit(template, alignment)):
            return alignment
        problem, alignment = f": {missing}", refine(template, image, alignment.to_image)
    return problem


def misfit(template: Template, alignment: Alignment) -> str:
    """What of the form is not on a page that was laid over it, in words; '' if all of it is there."""
    on_page, around = _shown(template, alignment.page)
    worst = int(np.argmin(around))
    if around[worst] < AROUND_FIELD:
        name = template.form.places[worst].name
        return f"like {template.form.name}, but of the print around {name} only {around[worst]:.0%} is there"
    if on_page < ON_PAGE or alignment.fit < LEAST_FIT:
        return f"like {template.form.name}, but only {min(on_page, alignment.fit):.0%} of its print is there"
    return ""


def _shown(template: Template, page: Gray) -> tuple[float, NDArray[np.float64]]:
    """Share of the blank's print that has ink on a registered page: of the whole page, and around each place (n,)."""
    half = cv2.resize(page, template.half.shape[::-1], interpolation=cv2.INTER_AREA)
    dark = (even_lighting(np.asarray(half), window=PAPER) > DARK).view(np.uint8)
    ink = np.asarray(cv2.dilate(dark, np.ones((3, 3), np.uint8))) > 0
    printed = template.half < 255 - PRINT_LEVEL
    around = [ink[w][printed[w]] for w in template.around]
    return float(ink[printed].mean()), np.array([part.mean() if part.size else 1.0 for part in around])


def _named(templates: Sequence[Template], image: Gray) -> Sequence[Template] | str:
    """The forms whose code is on a page; all, if none can be read; or why there is none."""
    codes = {template.form.code for template in templates} - {""}
    if not codes or not (texts := texts_of(image)):
        return templates
    if named := [template for template in templates if template.form.code in texts]:
        return named
    others = [template for template in templates if not template.form.code]
    return others or f"the page's code is of no form: {', '.join(sorted(texts))}"


def _is_bare(image: Gray) -> bool:
    """Whether there is nothing on a page but its own shade: details are what differs from a wide mean."""
    small = cv2.resize(image, (200, 280), interpolation=cv2.INTER_AREA).astype(np.float32)
    inside = (small - cv2.blur(small, (41, 41)))[20:-20, 20:-20]
    return float(inside.std()) < BARE


def _in_order(templates: Sequence[Template], seen: Features) -> Sequence[Template]:
    """The form that shares most features with a picture first."""
    if len(templates) < 2 or len(seen.points) < 2:
        return templates
    return sorted(templates, key=lambda template: -_shared(template.features, seen))


def _shared(own: Features, seen: Features) -> int:
    step = max(1, len(own.points) // ASKED)
    some = replace(own, points=own.points[::step], descriptors=np.ascontiguousarray(own.descriptors[::step]))
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(some.descriptors, seen.descriptors, k=2)
    return sum(len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance for pair in pairs)
