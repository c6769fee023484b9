"""The video classifier: (n, T, 28, 28) frames -> digit probabilities after every frame, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from classifier.base import NetworkClassifier
from classifier.labels import DigitEncoder, check_images
from classifier.networks.recurrent import over_time
from classifier.train import loop
from classifier.video.features import features_of


def last_frame_accuracy(y: Any, predicted: Any) -> Any:
    """(n,) 1 where the answer after the last frame of a clip is right; rows of frames that do not count are 0."""
    counted = ops.any(y > 0, axis=-1)
    last = y.shape[1] - 1 - ops.argmax(ops.flip(ops.cast(counted, "int32"), axis=1), axis=1)
    at = ops.one_hot(last, y.shape[1])[..., None]
    answers = ops.argmax(ops.sum(at * predicted, axis=1), axis=-1)
    return ops.cast(answers == ops.argmax(ops.sum(at * y, axis=1), axis=-1), "float32")


class VideoClassifier(NetworkClassifier):
    """A frozen, pretrained convolutional network looks at every frame, a recurrent layer follows them in time.

    What the frozen network makes of the frames is computed once, before the training.

    Parameters
    ----------
    model : callable
        Builds the network over the frames' features; see :func:`classifier.networks.recurrent.over_time`.
    backbone : str
        'digit_cnn', the digit network of the package, or a key of :data:`classifier.networks.BACKBONES`.
    weights : 'imagenet' or path, optional
        Of another backbone than the digit network, which has those of the package; see
        :func:`classifier.transfer.weights.set_weights`.
    cell : {'lstm', 'gru', 'mean'}
        What follows the frames: long short-term memory, gated recurrent unit, or their mean, which knows no order.
    early_stops : bool
        Learn the answer after every frame. Without it, the answer after the last one alone.
    epochs : int
        Upper limit; the schedule's length.
    batch_size : int
        Clips a step.
    learning_rate : float
        Peak of the warm-up; a cosine leads from there to zero.
    patience : int
        Epochs without a lower validation loss before training stops.
    validation_split : float
        Share of the clips that chooses the epoch, stratified, unless ``fit`` is given ``validation_data``.
    dtype_policy : {'float32', 'mixed_bfloat16'}
        Arithmetic of the training. The trained network is float32 either way.
    checkpoint : path, optional
        Folder of a checkpoint that an interrupted training resumes from.
    random_state : int, optional
        Seed of weights and batches.
    """

    # Clips are drawn with all that pens do; there is nothing to augment.
    augmentation = 0.0
    refine_epochs: tuple[int, ...] = ()

    def __init__(
        self,
        model: Callable[..., keras.Model] = over_time,
        *,
        model__units: int = 96,
        model__dropout: float = 0.2,
        backbone: str = "digit_cnn",
        weights: str | PathLike[str] | None = None,
        cell: str = "gru",
        early_stops: bool = True,
        epochs: int = 14,
        batch_size: int = 256,
        learning_rate: float = 5e-3,
        patience: int = 16,
        validation_split: float = 0.1,
        dtype_policy: str = "float32",
        checkpoint: str | PathLike[str] | None = None,
        random_state: int | None = None,
        verbose: int = 0,
    ):
        super().__init__(
            model,
            epochs=epochs,
            batch_size=batch_size,
            validation_split=validation_split,
            random_state=random_state,
            loss="categorical_crossentropy",
            verbose=verbose,
        )
        self.model__units = model__units
        self.model__dropout = model__dropout
        self.backbone = backbone
        self.weights = weights
        self.cell = cell
        self.early_stops = early_stops
        self.learning_rate = learning_rate
        self.patience = patience
        self.dtype_policy = dtype_policy
        self.checkpoint = checkpoint

    @property
    def target_encoder(self) -> DigitEncoder:
        return DigitEncoder()

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: None = None,
        *,
        lengths: ArrayLike | None = None,
        validation_data: tuple | None = None,
    ) -> VideoClassifier:
        """Train on clips of digits.

        Parameters
        ----------
        X : (n, T, 28, 28) array
            Frames 0-255, ink bright on 0, prepared as crops are.
        y : (n,) int
            Digits 0-9.
        lengths : (n,) int, optional
            How many frames of each clip count, from the first on. Default: all.
        validation_data : (X, y) or (X, y, lengths), optional
            Chooses the epoch. Default: ``validation_split`` of the clips.

        Raises
        ------
        ValueError
            If shapes do not fit, a label is no digit, or a parameter is out of range.
        """
        X, y, lengths = check_clips(X, y, lengths)
        if validation_data is None:
            X, X_val, y, y_val, lengths, lengths_val = train_test_split(
                X, y, lengths, test_size=self.validation_split, stratify=y, random_state=self.random_state
            )
        else:
            X_val, y_val, lengths_val = check_clips(*validation_data)
        self._given = lengths, lengths_val
        features, features_val = self.features(np.asarray(X)), self.features(X_val)
        self.n_features_ = features.shape[-1]
        with loop.dtype_policy(self.dtype_policy):
            super().fit(features, y, sample_weight=sample_weight, validation=(features_val, y_val))
        return self

    def features(self, X: NDArray) -> NDArray[np.float32]:
        """What the frozen backbone makes of clips: (n, T, 28, 28) -> (n, T, d) float32."""
        of = features_of(self.backbone, self.weights)
        each = of(np.ascontiguousarray(X).reshape(-1, *X.shape[2:]).astype(np.uint8))
        return each.reshape(*X.shape[:2], each.shape[-1])

    def _network(self) -> keras.Model:
        return self.model(
            n_features=self.n_features_, cell=self.cell, units=self.model__units, dropout=self.model__dropout
        )

    def _fit_keras_model(self, X: NDArray, y: NDArray, *, validation: tuple[NDArray, NDArray], **_unused: Any) -> None:
        """scikeras calls this with encoded labels; X are features."""
        lengths, lengths_val = self.__dict__.pop("_given")

        def targets(y: NDArray, lengths: NDArray[np.intp]) -> NDArray[np.float32]:
            return y[:, None, :] * self._counted(lengths, X.shape[1])[:, :, None]

        def batches(_strength: float) -> loop.MakeBatch:
            return lambda indices, rng: (X[indices], targets(y[indices], lengths[indices]))

        encoded = targets(self.target_encoder_.transform(validation[1]), lengths_val)
        accuracy = keras.metrics.MeanMetricWrapper(last_frame_accuracy, name="accuracy")
        self._train(batches, len(X), (validation[0], encoded), data=(X, y, lengths), metrics=[accuracy])

    def _counted(self, lengths: NDArray[np.intp], steps: int) -> NDArray[np.float32]:
        """(n, T) 1 where the answer after a frame is learned: their loss is 0 elsewhere."""
        at = np.arange(steps)[None]
        counted = at < lengths[:, None] if self.early_stops else at == lengths[:, None] - 1
        return counted.astype(np.float32)

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Digit probabilities after every frame, (n, T, 10) float32, of (n, T, 28, 28) frames.

        What follows a frame does not change the answer after it, so that shorter clips may be filled up.
        """
        check_is_fitted(self, "model_")
        return self._predicted(self.features(check_frames(X)))

    def predict(self, X: ArrayLike, lengths: ArrayLike | None = None) -> NDArray[np.intp]:
        """Most probable digit after the last frame that counts, (n,) int."""
        probabilities = self.predict_proba(X)
        lengths = check_lengths(lengths, len(probabilities), probabilities.shape[1])
        return probabilities[np.arange(len(probabilities)), lengths - 1].argmax(axis=1)


def check_frames(X: ArrayLike, *, least: int = 0) -> NDArray:
    """Clips as an array (n, T, 28, 28) of values 0-255; ValueError with the rule otherwise."""
    X = np.asarray(X)
    if X.ndim != 4 or not X.shape[1] or X.shape[2:] != (28, 28):
        raise ValueError(f"Clips should have the shape (n, T, 28, 28). Received: {X.shape}.")
    return check_images(X.reshape(-1, 28, 28), 28, "Frames", least=least).reshape(X.shape)


def check_clips(
    X: ArrayLike, y: ArrayLike, lengths: ArrayLike | None = None
) -> tuple[NDArray, NDArray[np.intp], NDArray[np.intp]]:
    """Clips, labels (n,) and lengths (n,); ValueError with the rule otherwise."""
    X, y = check_frames(X, least=1), np.asarray(y)
    if y.shape != (len(X),) or not np.isin(y, range(10)).all():
        raise ValueError(f"There should be a digit 0-9 for each of the {len(X)} clips. Received: shape {y.shape}.")
    return X, y.astype(int), check_lengths(lengths, len(X), X.shape[1])


def check_lengths(lengths: ArrayLike | None, n: int, steps: int) -> NDArray[np.intp]:
    """Lengths (n,) of 1 to ``steps``, by default all; ValueError with the rule otherwise."""
    lengths = np.full(n, steps) if lengths is None else np.asarray(lengths)
    if lengths.shape != (n,) or lengths.dtype.kind not in "iu" or not ((lengths >= 1) & (lengths <= steps)).all():
        raise ValueError(f"There should be a length of 1 to {steps} for each of the {n} clips. Received: {lengths}.")
    return lengths.astype(int)
