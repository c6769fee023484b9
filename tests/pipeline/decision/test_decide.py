"""From what the readers say to one reading."""

import numpy as np
import pytest

from pipeline.decision.decide import (
    Opinions,
    decide,
    judge,
    may_be_accepted,
    need_no_third,
    numbers_of,
    stand_behind,
    weigh,
)
from pipeline.decision.evidence import NO_DIGITS, Evidence


@pytest.fixture
def other_count():
    return Evidence(problem="found 2 digits: 4 7")


@pytest.fixture
def opinions(evidence, other_count):
    """Of five images: two agree, a third disagrees, only segmented, only whole, one of three sees another count."""
    segmented = [evidence("427"), evidence("427"), evidence("007", 0.99), None, other_count]
    field = [evidence("427"), evidence("427"), None, None, evidence("447", 0.9)]
    whole = [None, evidence("421", 0.6), None, evidence("315", 0.8), evidence("447", 0.9)]
    return Opinions({"segmented": segmented, "field": field, "whole": whole}, [""] * 5)


@pytest.fixture
def decided(said, profile):
    """Function: the reading of what both say of one image."""

    def of(segmented, whole, *, confidence=0.9, accept_above=0.5, left_out=""):
        evidence = said(segmented, whole)
        p = weigh({source: [one] for source, one in evidence.items()}, profile.exponents)[0]
        return decide(evidence, p, confidence, left_out, accept_above)

    return of


def test_readers_that_agree_and_are_confident_are_accepted(decided, evidence):
    reading = decided(evidence("427", 0.9), evidence("427", 0.8))
    assert (reading.number, reading.status, reading.reason, reading.confidence) == ("427", "accept", "", 0.9)
    assert reading.by_reader == {"segmented": "427", "whole": "427"}
    assert [digit.box for digit in reading.digits] == [digit.box for digit in evidence("427").digits]
    np.testing.assert_allclose([digit.probability for digit in reading.digits], reading.probabilities.max(axis=1))


@pytest.mark.parametrize("reader", ["segmented", "whole"])
def test_one_reader_that_was_asked_alone_is_accepted(decided, evidence, reader):
    reading = decided(**{"segmented": None, "whole": None} | {reader: evidence("427")})
    assert (reading.number, reading.status) == ("427", "accept")
    assert reading.by_reader == {reader: "427"}


def test_accept_needs_agreement_however_confident(decided, evidence):
    reading = decided(evidence("614", 0.999), evidence("674", 0.6), confidence=0.999999)
    assert (reading.number, reading.status) == ("614", "review")
    assert reading.reason == "the readers disagree: 614 or 674"


@pytest.mark.parametrize(
    ("confidence", "accept_above", "status"),
    [(0.91, 0.9, "accept"), (0.9, 0.9, "review"), (0.001, -np.inf, "accept"), (0.999999, None, "review")],
)
def test_a_number_is_accepted_above_the_threshold_if_there_is_one(
    decided, evidence, confidence, accept_above, status
):  # fmt: skip
    reading = decided(evidence(), evidence(), confidence=confidence, accept_above=accept_above)
    assert (reading.status, reading.number, reading.confidence) == (status, "427", confidence)


def test_ink_left_out_is_never_accepted(decided, evidence):
    reading = decided(evidence(), evidence(), confidence=1.0, left_out="ink beside the number was left out")
    assert (reading.status, reading.reason) == ("review", "ink beside the number was left out")


def test_low_confidence_names_the_weakest_digit_rounded_down(decided, evidence, probabilities):
    weak = evidence("427", probabilities=probabilities((4, 0.9999), (2, 0.99997), (7, 0.99996)))
    assert decided(None, weak, accept_above=0.99999).reason == "low confidence on digit 1 (0.999)"
    assert decided(None, weak, accept_above=None).reason == "no confidence promises the precision asked for"
    weak = evidence("427", probabilities=probabilities((4, 0.9), (2, 0.6109), (7, 0.8)))
    assert decided(weak, None, accept_above=None).reason == "low confidence on digit 2 (0.610)"


@pytest.mark.parametrize("doubt", ["could also be 2 digits", "the cut is uncertain"])
def test_an_uncertain_cut_is_named_where_it_is_less_certain_than_the_digits(decided, evidence, doubt):
    cut = evidence(p=0.9, certainty=0.3, doubt=doubt)
    assert decided(cut, evidence(p=0.9), accept_above=None).reason == doubt
    clear = evidence(p=0.9, certainty=0.99, doubt=doubt)
    assert "low confidence" in decided(clear, None, accept_above=None).reason


def test_another_count_is_unreadable_and_never_padded(decided, evidence, other_count):
    for whole in (None, evidence("447", 0.6), Evidence(problem="blank image")):
        reading = decided(other_count, whole, confidence=1.0)
        assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "found 2 digits: 4 7")
        assert (reading.confidence, reading.digits, reading.probabilities.shape) == (0.0, (), (0, 10))


def test_another_count_is_for_review_where_the_whole_image_reader_is_sure_of_three(decided, evidence, other_count):
    reading = decided(other_count, evidence("447", 0.9), confidence=1.0)
    assert (reading.number, reading.status, reading.reason) == ("447", "review", "found 2 digits: 4 7")
    assert reading.by_reader == {"segmented": "", "whole": "447"}
    assert {digit.box for digit in reading.digits} == {None}


def test_a_blank_image_is_unreadable_to_either_reader(decided):
    blank = Evidence(problem="blank image")
    for both in ((blank, blank), (blank, None), (None, blank)):
        assert (decided(*both).status, decided(*both).reason) == ("unreadable", "blank image")


def test_two_readers_are_sure_where_nothing_was_cut_and_nothing_is_in_doubt(evidence, other_count):
    plain = evidence(p=0.9999)
    segmented, field = zip(
        (plain, plain),
        (evidence(p=0.99), plain),
        (evidence(p=0.9999, certainty=1 - 1e-6), plain),
        (other_count, plain),
        (plain, evidence("421", p=0.9999)),
        (plain, evidence(p=0.9999, certainty=0.8)),
        (plain, evidence(p=0.9999, plain=0.8)),
        (plain, None),
        (plain, plain),
        strict=True,
    )
    assert need_no_third({"segmented": segmented, "field": field}) == [0, 8]
    assert need_no_third({"segmented": segmented}) == []


def test_the_field_reader_has_to_stand_behind_a_number(evidence, other_count):
    agreed, other = evidence("427"), evidence("421")
    assert stand_behind({"segmented": agreed, "field": agreed}, "427", "ink beside the number was left out")
    assert stand_behind({"segmented": other_count, "field": agreed, "whole": agreed}, "427", "")
    assert not stand_behind({"segmented": agreed, "field": other_count, "whole": agreed}, "427", "")
    assert not stand_behind({"segmented": other_count, "field": agreed}, "427", "")
    assert not stand_behind({"segmented": other, "field": agreed, "whole": agreed}, "427", "")


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({"certainty": 0.4, "doubt": "could also be 4 digits"}, "could also be 4 digits"),
        ({"plain": 0.3, "doubt": "other writing beside the number"}, "other writing beside the number"),
    ],
)
def test_the_field_readers_doubt_is_told(evidence, profile, stated, reason):
    said = {"segmented": evidence("427", 0.95), "field": evidence("427", 0.95, **stated)}
    p = weigh({source: [one] for source, one in said.items()}, profile.exponents)[0]
    reading = decide(said, p, 0.3, "", 0.9)
    assert (reading.number, reading.status, reading.reason) == ("427", "review", reason)


def test_what_deceives_all_readers_is_for_a_person(evidence, profile):
    said = {"segmented": evidence("427", veto="a digit touches the edge"), "field": evidence("427")}
    assert not stand_behind(said, "427", "")
    p = weigh({source: [one] for source, one in said.items()}, profile.exponents)[0]
    reading = decide(said, p, 0.9999, "", 0.5)
    assert (reading.number, reading.status, reading.reason) == ("427", "review", "a digit touches the edge")


def test_the_field_readers_count_is_believed(evidence, profile, other_count):
    said = {"segmented": other_count, "field": other_count, "whole": evidence("427")}
    p = weigh({source: [one] for source, one in said.items()}, profile.exponents)[0]
    reading = decide(said, p, 0.9, "", 0.5)
    assert (reading.number, reading.status, reading.reason) == ("", "unreadable", "found 2 digits: 4 7")
    # Unless both others find a number: then it is told, and handed to a person.
    said["segmented"] = evidence("427")
    p = weigh({source: [one] for source, one in said.items()}, profile.exponents)[0]
    reading = decide(said, p, 0.9, "", 0.5)
    assert (reading.number, reading.status, reading.reason) == ("427", "review", "found 2 digits: 4 7")


def test_why_nothing_is_to_be_seen_the_segmenter_knows_better(evidence, profile):
    said = {"segmented": Evidence(problem="blank image"), "field": Evidence(problem=NO_DIGITS)}
    p = weigh({source: [one] for source, one in said.items()}, profile.exponents)[0]
    assert decide(said, p, 0.1, "", 0.5).reason == "blank image"


def test_numbers_are_the_most_probable_digits(probabilities):
    p = np.stack([probabilities((0, 0.9), (0, 0.2), (7, 0.9)), probabilities((9, 1), (1, 1), (0, 1))])
    assert numbers_of(p).tolist() == ["007", "910"]


def test_what_may_be_accepted_is_what_the_sources_stand_behind(opinions, profile):
    p, _ = judge(opinions, profile)
    assert may_be_accepted(opinions, p).tolist() == [True, False, True, True, True]
    marked = Opinions(opinions.by_source, ["ink", "", "ink", "", ""])
    assert may_be_accepted(marked, p).tolist() == [True, False, False, True, True]


@pytest.mark.parametrize("doubted", ["plain", "certainty"])
def test_no_number_is_surer_than_that_it_stands_there_alone(evidence, profile, doubted):
    agreed = evidence(p=0.9999)
    said = {"segmented": [agreed] * 2, "field": [agreed, evidence(p=0.9999, **{doubted: 0.7})]}
    _, (sure, unsure) = judge(Opinions(said, ["", ""]), profile)
    assert sure > 0.99
    assert unsure == pytest.approx(0.7)


def test_each_image_is_judged_by_those_who_were_asked(opinions, profile):
    p, confidence = judge(opinions, profile)
    for k in range(5):
        alone = opinions.take(np.arange(5) == k)
        own, sure = judge(alone, profile)
        np.testing.assert_allclose(p[k], own[0])
        assert confidence[k] == pytest.approx(sure[0])
    product = [of_image.max(axis=1).prod() for of_image in p]
    np.testing.assert_allclose(confidence, product, atol=1e-3)  # so this profile has it
    np.testing.assert_allclose(p[2], opinions.by_source["segmented"][2].probabilities, atol=1e-6)


def test_batches_are_joined_and_taken_apart(opinions):
    joined = Opinions.join([opinions, opinions.take(np.array([0, 1, 0, 0, 1], bool))])
    assert len(joined.left_out) == 7
    assert joined.by_source["segmented"][5] is opinions.by_source["segmented"][1]
    assert joined.by_source["whole"][6] is opinions.by_source["whole"][4]
    alone = joined.take(np.full(7, True), only=["whole"])
    assert [set(said) for said in alone.of_each()] == [set(), {"whole"}, set(), *[{"whole"}] * 4]
    assert Opinions.join([]).of_each() == []
