"""The digit classifier: (n, 28, 28) crops -> (n, 10) probabilities, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from classifier.base import NetworkClassifier
from classifier.labels import DigitEncoder, check_digits, check_images
from classifier.networks import digit_cnn
from classifier.train import augment, loop
from classifier.train.negatives import make_negatives

# Of a batch, the share that is not augmented.
PLAIN_SHARE = 0.2


class DigitClassifier(NetworkClassifier):
    """Convolutional network for single digits.

    Parameters
    ----------
    model : callable
        Builds the network from the ``model__`` parameters; see :data:`classifier.networks.DIGIT_NETWORKS`.
    epochs : int
        Upper limit; the schedule's length.
    refine_epochs : tuple of int
        Epochs of further stages, each with a third of the augmentation and of the learning rate of the
        one before.
    batch_size : int
        Digits a step.
    learning_rate : float
        Peak of the warm-up; a cosine leads from there to zero.
    augmentation : float
        Strength of distortion and pen changes; 0 trains on the digits as they are.
    negative_share : float
        Crops that are no digit, as a share of the batch; their target is the uniform distribution.
    patience : int
        Epochs without a lower validation loss before training stops.
    validation_split : float
        Share of the training digits that chooses the epoch, stratified, unless ``fit`` is given
        ``validation_data``.
    dtype_policy : {'auto', 'float32', 'mixed_bfloat16'}
        Arithmetic of the training; 'auto' is the one that this machine is faster in. The trained network is float32.
    checkpoint : path, optional
        Folder of a checkpoint that an interrupted training resumes from.
    random_state : int, optional
        Seed of weights, batches and augmentation.
    """

    def __init__(
        self,
        model: Callable[..., keras.Model] = digit_cnn,
        *,
        model__width: int = 16,
        model__depth: int = 2,
        model__dropout: float = 0.3,
        epochs: int = 40,
        refine_epochs: tuple[int, ...] = (),
        batch_size: int = 128,
        learning_rate: float = 3e-3,
        augmentation: float = 1.0,
        negative_share: float = 0.12,
        patience: int = 20,
        validation_split: float = 1 / 12,
        dtype_policy: str = "auto",
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
        self.model__width = model__width
        self.model__depth = model__depth
        self.model__dropout = model__dropout
        self.refine_epochs = refine_epochs
        self.learning_rate = learning_rate
        self.augmentation = augmentation
        self.negative_share = negative_share
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
        validation_data: tuple | None = None,
        no_digits: ArrayLike | None = None,
        start: str | PathLike[str] | None = None,
    ) -> DigitClassifier:
        """Train.

        Parameters
        ----------
        X : (n, 28, 28) array
            Crops, 0-255, ink bright on 0.
        y : (n,) int
            Digits 0-9.
        validation_data : (X, y), optional
            Chooses the epoch. Default: ``validation_split`` of the training digits.
        no_digits : (m, 28, 28) array, optional
            More crops that are none; half of a batch's are drawn from them, the others are composed.
        start : path, optional
            Weights (``.keras``) of the same network to go on from. Default: fresh ones.

        Raises
        ------
        ValueError
            If shapes do not fit, a label is no digit, a parameter is out of range, or ``start`` holds another network.
        """
        X, y = check_digits(X, y)
        if validation_data is None:
            X, X_val, y, y_val = train_test_split(
                X, y, test_size=self.validation_split, stratify=y, random_state=self.random_state
            )
        else:
            X_val, y_val = check_digits(*validation_data)
        self._given = None if no_digits is None else check_images(no_digits, 28, "Crops that are no digit"), start
        with loop.dtype_policy(self.dtype_policy):
            super().fit(X, y, sample_weight=sample_weight, validation=(X_val, y_val))
        return self

    def _fit_keras_model(self, X: NDArray, y: NDArray, *, validation: tuple[NDArray, NDArray], **_unused: Any) -> None:
        """scikeras calls this with encoded labels; the images are made here, batch by batch."""
        no_digits, start = self.__dict__.pop("_given")
        if start is not None:
            self._set_weights(start)

        def batches(strength: float) -> loop.MakeBatch:
            return lambda indices, rng: self.training_batch(
                X[indices], y[indices], rng, strength=strength, no_digits=no_digits
            )

        X_val, y_val = validation
        encoded = self.target_encoder_.transform(y_val)
        self._train(
            batches, len(X), (X_val, encoded), data=(X, y, no_digits, *(self.model_.get_weights() if start else ()))
        )

    def training_batch(
        self,
        crops: NDArray,
        targets: NDArray,
        rng: np.random.Generator,
        *,
        strength: float = 1.0,
        no_digits: NDArray | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """One training batch: digits as other pens and other handwriting would have them, and some crops that are none.

        Parameters
        ----------
        crops : (n, 28, 28) array
            Digits, 0-255.
        targets : (n, 10) float32
            One-hot.
        rng : numpy.random.Generator
            Source of every change.
        strength : float
            Of distortion and pen changes; 0 leaves the crops as they are.
        no_digits : (m, 28, 28) array, optional
            As in :meth:`fit`.

        Returns
        -------
        images : (n + n_negatives, 28, 28) float32
            0-255.
        targets : (n + n_negatives, 10) float32
        """
        digits = (crops / 255).astype(np.float32)
        n_negatives = round(self.negative_share * len(digits))
        given = np.zeros((0, *digits.shape[1:]), np.float32)
        if no_digits is not None and len(no_digits):
            given = (no_digits[rng.integers(len(no_digits), size=n_negatives // 2)] / 255).astype(np.float32)
        plain = np.concatenate([digits, make_negatives(digits, n_negatives - len(given), rng), given])
        images = plain
        if strength:
            rewritten = augment.other_handwriting(digits, targets.argmax(axis=1), rng, share=0.25 * strength)
            images = np.concatenate([rewritten, plain[len(digits) :]])
            images = augment.distort(images, rng, strength=strength)
            images = augment.crowd(images, rng, share=0.18 * strength)
            images = augment.repen(images, rng, strength=strength)
            # Digits and negatives alike: else the traces of the warp would tell the one from the other.
            as_they_are = rng.random(len(images)) < PLAIN_SHARE
            images[as_they_are] = plain[as_they_are]
        uniform = np.full((n_negatives, targets.shape[1]), 1 / targets.shape[1], np.float32)
        return images * 255, np.concatenate([targets, uniform])

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Digit probabilities, (n, 10) float32, of (n, 28, 28) crops. Rows sum to 1."""
        check_is_fitted(self, "model_")
        X = check_images(X, 28, "Crops")
        return self._predicted(X)

    def predict(self, X: ArrayLike) -> NDArray[np.intp]:
        """Most probable digit of each crop, (n,) int."""
        return self.predict_proba(X).argmax(axis=1)
