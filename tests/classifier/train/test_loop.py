"""The fit loop: the best epoch is kept, an interrupted training goes on as if it had not been."""

import keras
import numpy as np
import pytest

from classifier.train import loop


def small_model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(inputs))


X = np.random.default_rng(0).normal(size=(256, 4)).astype(np.float32)
Y = np.eye(2, dtype=np.float32)[(X[:, 0] > 0).astype(int)]


def make_batch(indices, rng):
    return X[indices] + rng.normal(0, 0.1, (len(indices), 4)).astype(np.float32), Y[indices]


def fit(model, *, epochs=4, folder=None, identity=None, patience=10, batches=make_batch, rate=0.05):
    return loop.fit(
        model,
        batches,
        len(X),
        (X, Y),
        epochs=epochs,
        batch_size=32,
        learning_rate=rate,
        patience=patience,
        seed=1,
        identity=identity or {"seed": 1},
        folder=folder,
    )


def test_training_learns():
    model = small_model()
    history = fit(model, epochs=6)
    assert history["val_accuracy"][-1] > 0.9
    assert set(history) == {"accuracy", "loss", "val_accuracy", "val_loss", "seconds"}


def test_an_interrupted_training_ends_like_an_uninterrupted_one(tmp_path, ctrl_c):
    whole = small_model()
    history = fit(whole)
    with ctrl_c(20):  # in the third epoch of 8 batches
        fit(small_model(), folder=tmp_path)
    resumed = small_model()
    again = fit(resumed, folder=tmp_path)
    assert len(again["loss"]) == 4
    np.testing.assert_allclose(again["loss"], history["loss"], rtol=1e-5)
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_a_finished_training_is_not_repeated(tmp_path):
    fit(small_model(), folder=tmp_path)

    def never(indices, rng):
        raise AssertionError("a finished training asked for a batch")

    model = small_model()
    assert len(fit(model, folder=tmp_path, batches=never)["loss"]) == 4


def test_a_checkpoint_of_other_parameters_is_refused(tmp_path):
    fit(small_model(), folder=tmp_path, epochs=1, identity={"seed": 1, "width": 8})
    with pytest.raises(ValueError, match="other parameters.*differ in: width"):
        fit(small_model(), folder=tmp_path, identity={"seed": 1, "width": 16})


def test_patience_stops_and_the_best_epoch_stays():
    model = small_model()
    seen = []

    def worse_and_worse(indices, rng):
        x, y = make_batch(indices, rng)
        seen.append(1)
        return x, y if len(seen) <= 16 else 1 - y  # after two epochs the labels are wrong

    history = fit(model, epochs=30, patience=2, batches=worse_and_worse, rate=0.3)
    best = int(np.argmin(history["val_loss"]))
    assert len(history["val_loss"]) == best + 3
    loss = -np.log((model.predict(X, verbose=0) * Y).sum(axis=1)).mean()
    assert loss == pytest.approx(min(history["val_loss"]), abs=1e-5)


def test_batches_reshuffle_each_epoch_and_cover_it():
    batches = loop.Batches(64, lambda indices, rng: (indices, indices), batch_size=16, seed=0)
    first = np.concatenate([batches[i][0] for i in range(len(batches))])
    batches.on_epoch_end()
    second = np.concatenate([batches[i][0] for i in range(len(batches))])
    assert sorted(first) == sorted(second) == list(range(64))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("extensions", "policy"),
    [
        ({"baseline": ["X86_V2"], "found": ["X86_V3"]}, "float32"),
        ({"baseline": ["X86_V2"], "found": ["X86_V3", "X86_V4"]}, "mixed_bfloat16"),
        ({"baseline": ["X86_V4"]}, "mixed_bfloat16"),
        ({"baseline": ["NEON"]}, "float32"),
    ],
)
def test_a_processor_without_bfloat16_trains_in_float32(monkeypatch, extensions, policy):
    monkeypatch.setattr(np, "show_config", lambda mode: {"SIMD Extensions": extensions})
    with loop.dtype_policy("auto"):
        assert keras.config.dtype_policy().name == policy
    with loop.dtype_policy("float32"):
        assert keras.config.dtype_policy().name == "float32"


def test_an_accelerator_trains_in_bfloat16(monkeypatch):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0"])
    assert loop.arithmetic("auto") == "mixed_bfloat16"
