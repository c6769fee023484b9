"""The card of a profile."""

import numpy as np

from pipeline.calibrate.card import profile_card
from pipeline.decision.fusion import Exponents
from pipeline.decision.profile import Acceptance, Profile


def test_the_card_says_what_the_profile_rests_on_and_what_it_promises(profile):
    sixty = Acceptance.measured(np.linspace(0.9, 0.99, 61), np.arange(61) > 0, of=100)
    exponents = Exponents({"segmented": 0.5, "field": 0.75, "whole": 1.25})
    some = Profile("sixty pages", exponents, profile.confidence, profile.acceptance | {"whole": sixty})
    card = profile_card(some, "mine")
    assert card.startswith("# Profile: mine\n")
    assert "| Made from | sixty pages |" in card
    assert "| Exponents of segmented, field, whole | 0.50, 0.75, 1.25; after cuts 0.40, 0.70, 0.60, after doubt" in card
    assert "20,000 of them; the readers agree on 10,000 with a confidence above 0.5, of which 400 are wrong" in card
    rows = {line.split(" | ")[0].strip("| "): line for line in card.splitlines() if line.startswith("| 0.")}
    most = "50.0% accepted, above 0.5000"
    assert rows["0.95"] == f"| 0.95 | {most} | {most} | {most} | 60.0% accepted, above 0.9000 |"
    accepted = "45.0% accepted, above 0.9900"
    assert rows["0.999"] == f"| 0.999 | {accepted} | {accepted} | {accepted} | cannot be promised |"


def test_every_reader_has_a_column(profile):
    header = next(line for line in profile_card(profile, "mine").splitlines() if line.startswith("| precision"))
    assert header == "| precision asked for | fused | segmented | field | whole |"
