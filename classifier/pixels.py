"""The pixel classifier: (n, 64, 128) gray fields -> what each pixel shows, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from classifier.base import NetworkClassifier
from classifier.labels import PIXEL_KINDS, PixelEncoder, check_fields, check_pixels
from classifier.networks import pixel_cnn
from classifier.train import loop

# Draws ``n`` fields and what each of their pixels shows, both (n, 64, 128) uint8.
ComposePixels = Callable[[int, np.random.Generator], tuple[NDArray[np.uint8], NDArray[np.uint8]]]
# Most pixels are paper; what stands on it decides.
WEIGHTS = (1.0, 2.0, 3.0, 3.0, 1.0)


def pixel_loss(y: Any, predicted: Any) -> Any:
    """Negative log-probability of what each pixel shows, weighted by :data:`WEIGHTS`, (n, 64, 128).

    Parameters
    ----------
    y : (n, 64, 128) int
    predicted : (n, 64, 128, 5) float
    """
    y = ops.cast(y, "int32")
    return ops.take(ops.array(WEIGHTS), y) * ops.sparse_categorical_crossentropy(y, predicted)


class PixelClassifier(NetworkClassifier):
    """Convolutional network that tells handwritten digits from all else that a field shows, pixel by pixel.

    Parameters
    ----------
    model : callable
        Builds the network from the ``model__`` parameters; see :data:`classifier.networks.DIGIT_NETWORKS`.
    epochs : int
        Upper limit; the schedule's length.
    refine_epochs : tuple of int
        Epochs of further stages, each with a third of the learning rate of the one before.
    batch_size : int
        Fields a step.
    learning_rate : float
        Peak of the warm-up; a cosine leads from there to zero.
    weight_decay : float
        Of AdamW.
    epoch_size : int
        Fields composed for one epoch of :meth:`fit_composed`.
    patience : int
        Epochs without a lower validation loss before training stops.
    dtype_policy : {'float32', 'mixed_bfloat16'}
        Arithmetic of the training. The trained network is float32 either way.
    checkpoint : path, optional
        Folder of a checkpoint that an interrupted training resumes from.
    random_state : int, optional
        Seed of weights and batches.
    """

    # Fields are composed with all that paper has; there is nothing to augment.
    augmentation = 0.0

    def __init__(
        self,
        model: Callable[..., keras.Model] = pixel_cnn,
        *,
        model__width: int = 16,
        epochs: int = 10,
        refine_epochs: tuple[int, ...] = (),
        batch_size: int = 64,
        learning_rate: float = 4e-3,
        weight_decay: float = 1e-2,
        epoch_size: int = 12_800,
        patience: int = 10,
        dtype_policy: str = "float32",
        checkpoint: str | PathLike[str] | None = None,
        random_state: int | None = None,
        verbose: int = 0,
    ):
        super().__init__(model, epochs=epochs, batch_size=batch_size, random_state=random_state, verbose=verbose)
        self.model__width = model__width
        self.refine_epochs = refine_epochs
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.epoch_size = epoch_size
        self.patience = patience
        self.dtype_policy = dtype_policy
        self.checkpoint = checkpoint

    @property
    def target_encoder(self) -> PixelEncoder:
        return PixelEncoder()

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: None = None, *, validation_data: tuple[ArrayLike, ArrayLike]
    ) -> PixelClassifier:
        """Train on labelled fields from fresh weights.

        Parameters
        ----------
        X : (n, 64, 128) array
            Gray values 0-255; see :func:`segmenter.fit_field`.
        y : (n, 64, 128) array of int
            What each pixel shows: an index of :data:`classifier.labels.PIXEL_KINDS`.
        validation_data : (X, y)
            Chooses the epoch.

        Raises
        ------
        ValueError
            If shapes do not fit or there are other kinds.
        """
        X, y = check_pixels(X, y)
        validation = check_pixels(*validation_data)
        self._begin()
        self._fit_network(lambda indices, rng: (X[indices], y[indices]), len(X), validation, data=(X, y))
        return self

    def fit_composed(
        self,
        compose: ComposePixels,
        *,
        validation_data: tuple[ArrayLike, ArrayLike],
        start: str | PathLike[str] | None = None,
    ) -> PixelClassifier:
        """Train on fields composed on the fly.

        Parameters
        ----------
        compose : callable
            ``(n, rng) -> (fields, kinds)``, both (n, 64, 128) uint8, as in :meth:`fit`.
        validation_data : (X, y)
            Chooses the epoch.
        start : path, optional
            Weights (``.keras``) of the same network to go on from. Default: fresh ones.
        """
        validation = check_pixels(*validation_data)
        self._begin(start)
        data = self.model_.get_weights() if start else ()
        self._fit_network(lambda indices, rng: compose(len(indices), rng), self.epoch_size, validation, data=data)
        return self

    def _fit_network(
        self, make_batch: loop.MakeBatch, n: int, validation: tuple[NDArray, NDArray], *, data: Sequence[Any]
    ) -> None:
        self._train(
            lambda _: make_batch,
            n,
            validation,
            data=tuple(data),
            loss=pixel_loss,
            weight_decay=self.weight_decay,
            metrics=(),
        )

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Probabilities of what each pixel shows, (n, 64, 128, 5) float32, of (n, 64, 128) fields."""
        check_is_fitted(self, "model_")
        return self._predicted(check_fields(X)[0])

    def predict(self, X: ArrayLike) -> NDArray[np.uint8]:
        """What each pixel shows most probably, (n, 64, 128) uint8: an index of :data:`PIXEL_KINDS`."""
        return self.predict_proba(X).argmax(axis=-1).astype(np.uint8)

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Share of the pixels that do not show paper, or are not taken for it, which are told right."""
        X, y = check_pixels(X, y)
        predicted = self.predict(X)
        shown = (y != PIXEL_KINDS.index("paper")) | (predicted != PIXEL_KINDS.index("paper"))
        return float(np.mean((predicted == y)[shown])) if shown.any() else 1.0
