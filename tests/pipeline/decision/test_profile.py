"""What was fitted, the promise that rests on it, and its file."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta

from pipeline import NumberReader
from pipeline.calibrate.card import profile_card
from pipeline.decision import profile as profile_module
from pipeline.decision.confidence import NAMES, Confidence
from pipeline.decision.profile import FORMAT_VERSION, Acceptance, Profile, promises
from pipeline.readers import ASKED, SHIPPED, WAYS, key_of
from pipeline.synth.conditions import compose


@pytest.fixture
def measured():
    """Of 200 images 81 may be accepted: 60 right, then a wrong one, then 20 right."""
    confidence = np.concatenate([np.linspace(0.99, 0.9, 60), [0.8], np.linspace(0.7, 0.6, 20)])
    order = np.random.default_rng(0).permutation(81)
    return Acceptance.measured(confidence[order], (np.arange(81) != 60)[order], of=200)


@pytest.mark.parametrize("precision", [0.3, 0.9, 0.95, 0.99, 0.999])
def test_a_promise_is_kept_by_the_bound_of_clopper_and_pearson(precision):
    for accepted in (1, 2, 5, 59, 100, 300, 2994, 2995, 4742, 4743, 20_000):
        for wrong in (0, 1, 2, 5, 20, 150, accepted):
            if wrong <= accepted:
                bound = beta.ppf(0.05, accepted - wrong, wrong + 1) if wrong < accepted else 0.0
                expected = bool(bound >= precision)
                assert promises(precision, accepted=accepted, wrong=wrong) is expected, (accepted, wrong)


def test_a_thousandth_takes_3000_numbers_without_an_error():
    assert promises(0.999, accepted=2995, wrong=0)
    assert not promises(0.999, accepted=2994, wrong=0)
    assert promises(0.999, accepted=4750, wrong=1)
    assert not promises(0.999, accepted=4700, wrong=1)


def test_nothing_promises_that_all_is_right_and_anything_that_nothing_need_be():
    assert not promises(1.0, accepted=10**6, wrong=0)
    assert promises(0.0, accepted=1, wrong=1)
    assert not promises(0.5, accepted=0, wrong=0)


def test_a_wrong_reading_knows_how_many_are_more_confident(measured):
    assert (measured.measured_on, measured.n, measured.wrong) == (200, 81, ((0.8, 60),))


@pytest.mark.parametrize(
    ("precision", "threshold", "share"),
    # 60 without an error promise 0.05^(1/60) = 0.951, 81 with one 0.943.
    [(0.95, 0.8, 60 / 200), (0.94, 0.5, 81 / 200), (0.96, None, None), (0.0, 0.5, 81 / 200)],
)
def test_the_threshold_takes_in_all_that_keeps_the_promise(measured, precision, threshold, share):
    assert measured.threshold(precision) == threshold
    assert measured.share(precision) == share


def test_no_single_number_is_ten_times_as_likely_wrong_as_all_together_may_be():
    easy = Acceptance.measured(np.r_[np.full(2000, 0.999), 0.6], np.full(2001, True), of=2001)
    assert easy.threshold(0.99) == pytest.approx(0.9)
    assert easy.threshold(0.9) == 0.5
    assert easy.share(0.99) == 1


def test_the_ceiling_is_the_highest_promise(measured):
    assert measured.ceiling == pytest.approx(0.05 ** (1 / 60))
    assert measured.threshold(measured.ceiling - 1e-6) is not None
    assert measured.threshold(measured.ceiling + 1e-6) is None


def test_right_readings_as_confident_as_a_wrong_one_are_not_above_it():
    tied = Acceptance.measured(np.array([0.9, 0.9, 0.95, 0.5]), np.array([True, False, True, True]), of=4)
    assert tied.wrong == ((0.9, 1),)


def test_wrong_readings_are_listed_from_the_most_confident():
    found = Acceptance.measured(np.array([0.6, 0.9, 0.7, 0.8]), np.array([False, True, False, True]), of=4)
    assert found.wrong == ((0.7, 2), (0.6, 3))


def test_what_is_more_likely_wrong_than_right_is_accepted_at_no_precision():
    found = Acceptance.measured(np.linspace(0.1, 1, 1000), np.full(1000, True), of=1000)
    assert found.threshold(0.0) == found.threshold(0.9) == 0.5
    assert found.share(0.9) == pytest.approx(5 / 9, abs=0.01)


@pytest.mark.parametrize("right", [True, False])
def test_too_few_or_only_wrong_readings_promise_nothing(right):
    found = Acceptance.measured(np.linspace(0.6, 1, 5), np.full(5, right), of=5)
    assert found.threshold(0.9) is None
    assert found.ceiling == pytest.approx(0.05 ** (1 / 5) if right else 0)
    nothing = Acceptance.measured(np.zeros(0), np.zeros(0, bool), of=0)
    assert (nothing.threshold(0.5), nothing.share(0.5), nothing.ceiling) == (None, None, 0)


def test_confidence_is_a_logistic_regression():
    found = Confidence(-1.0, (2.0, 0.5))(np.array([[0.0, 0.0], [1.0, -2.0], [10.0, 0.0]]))
    np.testing.assert_allclose(found, 1 / (1 + np.exp([1.0, 0.0, -19.0])))


def test_a_profile_comes_back_from_its_file(profile, measured, tmp_path):
    before = Profile(
        "ten pages of Zürich",
        profile.exponents,
        profile.confidence | {"whole": Confidence(0.1, tuple(np.linspace(-1, 1, len(NAMES)).tolist()))},
        profile.acceptance | {"whole": measured},
        SHIPPED,
    )
    before.save(tmp_path / "profile.json")
    after = Profile.load(tmp_path / "profile.json")
    for name in ("made_from", "exponents", "confidence", "acceptance", "networks"):
        assert getattr(after, name) == getattr(before, name)
    assert after.threshold("whole", 0.95) == 0.8


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ((), []),
        ((), {}),
        (("exponents",), None),
        (("exponents", "clean"), {"segmented": 0.5}),
        (("exponents", "doubtful"), "high"),
        (("confidence",), {}),
        (("confidence", "segmented+field"), {"intercept": 0.5}),
        (("confidence", "segmented+field", "coefficients"), [1, 2]),
        (("confidence", "whole", "intercept"), "low"),
        (("confidence", "whole", "intercept"), np.inf),
        (("confidence", "whole", "intercept"), 10**400),
        (("confidence", "whole", "coefficients"), [[1]] * len(NAMES)),
        (("confidence_features",), ["all"]),
        (("networks",), None),
        (("exponents", "doubtful"), {"segmented": -1, "whole": 1}),
        (("exponents", "doubtful"), {"segmented": 1, "whole": np.nan}),
        (("acceptance",), {}),
        (("acceptance", "fused", "measured_on"), 5),
        (("acceptance", "fused", "wrong"), [[np.nan, 3]]),
        (("acceptance", "fused", "wrong"), [[0.8, 3], [0.9, 4]]),
        (("acceptance", "fused", "wrong"), [[0.8, 20_000]]),
        (("acceptance", "segmented", "wrong"), [0.5]),
        (("acceptance", "segmented", "wrong"), [["high", 3]] * 2),
        (("acceptance", "segmented", "n"), None),
    ],
)
def test_a_damaged_file_is_refused(profile, tmp_path, keys, value):
    path = tmp_path / "damaged.json"
    profile.save(path)
    kept = json.loads(path.read_text())
    *outer, last = ("kept", *keys)
    held = whole = {"kept": kept}
    for key in outer:
        held = held[key]
    held[last] = value
    path.write_text(json.dumps(whole["kept"]))
    with pytest.raises(ValueError, match=r"damaged.json should be a profile of `tridigit calibrate`. Received: "):
        Profile.load(path)


def test_numbers_written_as_words_are_numbers(profile, tmp_path):
    """They would pass as numbers until the first image."""
    profile.save(tmp_path / "a.json")
    kept = json.loads((tmp_path / "a.json").read_text())
    of_whole = kept["confidence"]["whole"]
    of_whole |= {"intercept": "0.5", "coefficients": [str(c) for c in of_whole["coefficients"]]}
    (tmp_path / "a.json").write_text(json.dumps(kept))
    found = Profile.load(tmp_path / "a.json").confidence["whole"]
    assert found == replace(profile.confidence["whole"], intercept=0.5)


def test_a_byte_order_mark_before_a_profile_is_passed_over(profile, tmp_path):
    profile.save(tmp_path / "a.json")
    (tmp_path / "b.json").write_bytes(b"\xef\xbb\xbf" + (tmp_path / "a.json").read_bytes())
    assert Profile.load(tmp_path / "b.json").made_from == profile.made_from


@pytest.mark.parametrize("data", [b"", b"number,path\n", b"\x89PNG\r\n\x1a\n", b'{"exponents": ', b"[" * 10**5])
def test_a_file_of_another_kind_is_refused(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(ValueError, match="should be a profile of `tridigit calibrate`"):
        Profile.load(tmp_path / "file")


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.json"):
        Profile.load(tmp_path / "none.json")


def test_the_package_has_a_profile_of_every_reader():
    shipped = Profile.shipped()
    assert shipped is Profile.shipped()
    assert set(shipped.confidence) == set(map(key_of, ASKED))
    assert set(shipped.acceptance) == set(WAYS)
    assert "MNIST's training digits" in shipped.made_from
    for reader in WAYS:
        assert shipped.acceptance[reader].measured_on > 1000
        assert shipped.threshold(reader, 0.5) is not None
        assert shipped.threshold(reader, 1 - 1e-9) is None


@pytest.mark.parametrize("version", [None, FORMAT_VERSION - 1, FORMAT_VERSION + 1])
def test_a_file_of_another_version_is_refused(profile, tmp_path, version):
    profile.save(tmp_path / "old.json")
    kept = json.loads((tmp_path / "old.json").read_text()) | {"format_version": version}
    if version is None:  # as the first files were
        del kept["format_version"]
    (tmp_path / "old.json").write_text(json.dumps(kept))
    with pytest.raises(ValueError, match=f"format version {version or 1}, not {FORMAT_VERSION}; calibrate again"):
        Profile.load(tmp_path / "old.json")


def test_a_profile_of_other_weights_is_refused(reader, profile, field):
    image = field("427")[0]
    other = replace(profile, networks={"classifier": ("third/cnn_digit_classifier",)})
    networks = {parameter: getattr(reader, parameter) for parameter in SHIPPED}
    refused = NumberReader(**networks, profile=other)
    with pytest.raises(ValueError, match="belongs to the weights third/cnn_digit_classifier of `classifier`"):
        refused.read(image)
    # It says nothing of the whole-image network, which this reader has alone.
    NumberReader(number_classifier=reader.number_classifier, reader="whole", profile=other).read(image)
    assert refused.set_params(profile=replace(profile, networks=SHIPPED)).read(image).number == "427"


def test_networks_without_a_name_are_not_refused(reader, profile, field):
    class Own:
        def predict_proba(self, crops):
            return reader.classifier.predict_proba(crops)

    other = replace(profile, networks={"classifier": ("third/cnn_digit_classifier",)})
    assert NumberReader(Own(), reader="segmented", profile=other).read(field("427")[0]).number == "427"


def test_the_package_s_profile_is_of_its_weights():
    assert Profile.shipped().networks == NumberReader.pretrained().network_names == SHIPPED


def test_the_card_of_the_package_s_profile_is_of_that_profile():
    card = Path(profile_module.__file__).parent / "profiles" / "default.md"
    assert card.read_text(encoding="utf-8") == profile_card(Profile.shipped(), "default")


def test_the_package_accepts_most_easy_numbers_and_hardly_a_wrong_one(digits):
    parts = [compose(*digits, 100, condition=condition, seed=9)[:2] for condition in ("spaced", "on_lit_paper")]
    images, numbers = parts[0][0] + parts[1][0], [*parts[0][1], *parts[1][1]]
    readings = list(NumberReader.pretrained().read_many(images))
    accepted = [reading.number == number for reading, number in zip(readings, numbers, strict=True)
                if reading.status == "accept"]  # fmt: skip
    assert len(accepted) > 120
    assert sum(accepted) >= len(accepted) - 1
