"""The whole-image classifier: (n, 84, 84) canvases -> (n, 3, 10) probabilities, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from classifier.base import NetworkClassifier
from classifier.labels import NumberEncoder, check_digits, check_images, check_numbers
from classifier.networks import column_cnn
from classifier.number_format import FORMAT
from classifier.train import augment, loop
from classifier.train.canvases import Composer

LOSSES = {"softmax": "categorical_crossentropy", "sigmoid": "binary_crossentropy"}


def exact_match(y: Any, predicted: Any) -> Any:
    """Whether all three digits are right, (n,) float; a Keras metric."""
    right = ops.equal(ops.argmax(y, axis=-1), ops.argmax(predicted, axis=-1))
    return ops.cast(ops.all(right, axis=-1), "float32")


class NumberClassifier(NetworkClassifier):
    """Convolutional network that reads all three digits of a canvas at once.

    Parameters
    ----------
    model : callable
        Builds the network from the ``model__`` parameters; see :data:`classifier.networks.DIGIT_NETWORKS`.
    model__activation : {'softmax', 'sigmoid'}
        One distribution for each position with categorical cross-entropy, or 30 units of their own with binary
        cross-entropy.
    epochs : int
        Upper limit; the schedule's length.
    refine_epochs : tuple of int
        Epochs of further stages, each with a third of the augmentation and of the learning rate of the
        one before.
    batch_size : int
        Canvases a step.
    learning_rate : float
        Peak of the warm-up; a cosine leads from there to zero.
    weight_decay : float
        Of AdamW; at 0 it is Adam.
    augmentation : float
        Strength of rotation, slant, scale, pen and position; 0 trains on the images as they are.
    columns : float
        Of composed canvases, the share in the layout of Triple MNIST: columns 0, 28 and 56, any rows.
    negative_share : float
        Of composed canvases, the share with another count of digits; their target is the uniform distribution.
    flips : bool
        Mirror images at random. Mirrored digits are no digits: the option is there to show what it costs.
    epoch_size : int
        Canvases composed for one epoch of :meth:`fit_digits`.
    patience : int
        Epochs without a lower validation loss before training stops.
    validation_split : float
        Share of the training canvases that chooses the epoch, unless ``fit`` is given ``validation_data``.
    dtype_policy : {'auto', 'float32', 'mixed_bfloat16'}
        Arithmetic of the training; 'auto' is the one that this machine is faster in. The trained network is float32.
    checkpoint : path, optional
        Folder of a checkpoint that an interrupted training resumes from.
    logs : path, optional
        Folder for TensorBoard.
    random_state : int, optional
        Seed of weights, batches and augmentation.
    """

    def __init__(
        self,
        model: Callable[..., keras.Model] = column_cnn,
        *,
        model__width: int = 16,
        model__dense: int = 256,
        model__dropout: float = 0.2,
        model__activation: str = "softmax",
        epochs: int = 70,
        refine_epochs: tuple[int, ...] = (),
        batch_size: int = 128,
        learning_rate: float = 3e-3,
        weight_decay: float = 1e-2,
        augmentation: float = 1.0,
        columns: float = 0.25,
        negative_share: float = 0.06,
        flips: bool = False,
        epoch_size: int = 20_000,
        patience: int = 20,
        validation_split: float = 0.1,
        dtype_policy: str = "auto",
        checkpoint: str | PathLike[str] | None = None,
        logs: str | PathLike[str] | None = None,
        random_state: int | None = None,
        verbose: int = 0,
    ):
        super().__init__(
            model,
            epochs=epochs,
            batch_size=batch_size,
            validation_split=validation_split,
            random_state=random_state,
            verbose=verbose,
        )
        self.model__width = model__width
        self.model__dense = model__dense
        self.model__dropout = model__dropout
        self.model__activation = model__activation
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.augmentation = augmentation
        self.columns = columns
        self.negative_share = negative_share
        self.flips = flips
        self.refine_epochs = refine_epochs
        self.epoch_size = epoch_size
        self.patience = patience
        self.dtype_policy = dtype_policy
        self.checkpoint = checkpoint
        self.logs = logs

    @property
    def target_encoder(self) -> NumberEncoder:
        return NumberEncoder()

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: None = None, *, validation_data: tuple | None = None
    ) -> NumberClassifier:
        """Train on labelled canvases from fresh weights.

        Parameters
        ----------
        X : (n, 84, 84) array
            Canvases, 0-255, ink bright on 0; see :func:`segmenter.fit_canvas`.
        y : (n,) str
            Numbers, '000' to '999'; or their digits, (n, 3) int.
        validation_data : (X, y), optional
            Chooses the epoch. Default: ``validation_split`` of the canvases.

        Raises
        ------
        ValueError
            If shapes do not fit or a label is no number of three digits.
        """
        X, y = check_numbers(X, y)
        if validation_data is None:
            X, X_val, y, y_val = train_test_split(X, y, test_size=self.validation_split, random_state=self.random_state)
        else:
            X_val, y_val = check_numbers(*validation_data)
        with loop.dtype_policy(self.dtype_policy):
            super().fit(X, y, sample_weight=sample_weight, validation=(X_val, y_val))
        return self

    def _fit_keras_model(self, X: NDArray, y: NDArray, *, validation: tuple[NDArray, NDArray], **_unused: Any) -> None:
        """scikeras calls this with encoded labels; the images are changed here, batch by batch."""
        targets = y.reshape(-1, FORMAT.positions, 10)

        def batches(strength: float) -> loop.MakeBatch:
            return lambda indices, rng: (self._augmented(X[indices], rng, strength), targets[indices])

        X_val, y_val = validation
        encoded = self.target_encoder_.transform(y_val).reshape(-1, FORMAT.positions, 10)
        self._fit_network(batches, len(X), (X_val, encoded), data=(X, y))

    def _augmented(self, canvases: NDArray, rng: np.random.Generator, strength: float) -> NDArray[np.float32]:
        images = (canvases / 255).astype(np.float32)
        if strength:
            images = augment.distort(images, rng, strength=0.4 * strength)
            images = augment.repen(images, rng, strength=0.5 * strength)
        if self.flips:
            augment.flip(images, rng)
        return images * 255

    def fit_digits(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        numbers: ArrayLike | None = None,
        validation_data: tuple[ArrayLike, ArrayLike],
        start: str | PathLike[str] | None = None,
    ) -> NumberClassifier:
        """Train on canvases composed from single digits on the fly.

        Parameters
        ----------
        X : (n, 28, 28) array
            Digits, 0-255, ink bright on 0.
        y : (n,) int
            Their labels, each of 0-9 at least once.
        numbers : (m,) str, optional
            Numbers that are composed. Default: all 1,000.
        validation_data : (X, y)
            Canvases (n, 84, 84) and their numbers; chooses the epoch.
        start : path, optional
            Weights (``.keras``) of the same network to go on from. Default: fresh ones.

        Raises
        ------
        ValueError
            If images or labels do not fit, or ``start`` holds another network.
        """
        X, y = check_digits(X, y)
        X_val, y_val = check_numbers(*validation_data)
        self.target_encoder_ = self.target_encoder.fit([])
        self.classes_ = self.target_encoder_.classes_
        validation = X_val, self.target_encoder_.transform(y_val).reshape(-1, FORMAT.positions, 10)
        with loop.dtype_policy(self.dtype_policy):
            self.model_ = self._build_keras_model()
        if start is not None:
            self._set_weights(start)

        def batches(strength: float) -> loop.MakeBatch:
            composer = Composer(
                X, y, numbers=numbers, strength=strength, columns=self.columns, negative_share=self.negative_share,
                flips=self.flips,
            )  # fmt: skip
            return lambda indices, rng: composer.compose(len(indices), rng)

        self._fit_network(
            batches, self.epoch_size, validation, data=(X, y, numbers, *(self.model_.get_weights() if start else ()))
        )
        return self

    def _fit_network(
        self,
        batches: Callable[[float], loop.MakeBatch],
        n: int,
        validation: tuple[NDArray, NDArray],
        *,
        data: tuple[Any, ...],
    ) -> None:
        self._train(
            batches,
            n,
            validation,
            data=data,
            loss=LOSSES[self.model__activation],
            weight_decay=self.weight_decay,
            metrics=[keras.metrics.CategoricalAccuracy("accuracy"), exact_match],
            logs=self.logs,
        )

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Probabilities of every digit at every position, (n, 3, 10) float32, of (n, 84, 84) canvases.

        They sum to 1 at each position; the sigmoids of 30 units are divided by their sum.
        """
        check_is_fitted(self, "model_")
        X = check_images(X, 84, "Canvases")
        outputs = self._predicted(X)
        return outputs / outputs.sum(axis=-1, keepdims=True)

    def predict(self, X: ArrayLike) -> NDArray[np.str_]:
        """Most probable number of each canvas, (n,) str."""
        return self.target_encoder.inverse_transform(self.predict_proba(X))

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Exact match: share of the canvases whose three digits are all right."""
        X, y = check_numbers(X, y)
        return float(accuracy_score(y, self.predict(X), sample_weight=sample_weight))
