"""The field classifier: (n, 64, 128) gray fields -> symbols column by column, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from classifier.ctc import NOTHING, best_numbers, read_columns
from classifier.labels import SequenceEncoder, check_fields
from classifier.networks import field_cnn
from classifier.train import loop

# Draws ``n`` fields: (n, 64, 128) uint8 and their sequences.
Compose = Callable[[int, np.random.Generator], tuple[NDArray[np.uint8], Sequence[str]]]


def ctc_loss(y: Any, predicted: Any) -> Any:
    """Negative log-probability of each sequence, (n,); see :mod:`classifier.ctc`.

    Parameters
    ----------
    y : (n, 9) int
        Symbols, filled up with :data:`classifier.ctc.NOTHING`.
    predicted : (n, T, 12) float
        Probabilities of the symbols of each column.
    """
    y = ops.cast(y, "int32")
    lengths = ops.sum(ops.cast(y != NOTHING, "int32"), axis=-1)
    columns = ops.full_like(lengths, predicted.shape[1])
    return ops.ctc_loss(y, ops.log(predicted + 1e-7), lengths, columns, mask_index=NOTHING)


class FieldClassifier(NetworkClassifier):
    """Convolutional network that reads a gray field column by column, whatever the number of its digits.

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
    validation_split : float
        Share of the training fields that chooses the epoch, unless ``fit`` is given ``validation_data``.
    dtype_policy : {'auto', 'float32', 'mixed_bfloat16'}
        Arithmetic of the training; 'auto' is the one that this machine is faster in. The trained network is float32.
    checkpoint : path, optional
        Folder of a checkpoint that an interrupted training resumes from.
    random_state : int, optional
        Seed of weights and batches.
    """

    # Fields are composed with all that paper has; there is nothing to augment.
    augmentation = 0.0

    def __init__(
        self,
        model: Callable[..., keras.Model] = field_cnn,
        *,
        model__width: int = 16,
        model__context: int = 144,
        model__dropout: float = 0.1,
        epochs: int = 24,
        refine_epochs: tuple[int, ...] = (),
        batch_size: int = 128,
        learning_rate: float = 2.5e-3,
        weight_decay: float = 1e-2,
        epoch_size: int = 64_000,
        patience: int = 24,
        validation_split: float = 0.1,
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
            verbose=verbose,
        )
        self.model__width = model__width
        self.model__context = model__context
        self.model__dropout = model__dropout
        self.refine_epochs = refine_epochs
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.epoch_size = epoch_size
        self.patience = patience
        self.dtype_policy = dtype_policy
        self.checkpoint = checkpoint

    @property
    def target_encoder(self) -> SequenceEncoder:
        return SequenceEncoder()

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: None = None, *, validation_data: tuple | None = None
    ) -> FieldClassifier:
        """Train on labelled fields from fresh weights.

        Parameters
        ----------
        X : (n, 64, 128) array
            Gray values 0-255; see :func:`segmenter.fit_field`.
        y : (n,) str
            What each shows from left to right: its digits, 'x' for other writing, '' for nothing.
        validation_data : (X, y), optional
            Chooses the epoch. Default: ``validation_split`` of the fields.

        Raises
        ------
        ValueError
            If shapes do not fit or a label has other symbols.
        """
        X, y = check_fields(X, y)
        if validation_data is None:
            X, X_val, y, y_val = train_test_split(X, y, test_size=self.validation_split, random_state=self.random_state)
        else:
            X_val, y_val = check_fields(*validation_data)
        with loop.dtype_policy(self.dtype_policy):
            super().fit(X, y, sample_weight=sample_weight, validation=(X_val, y_val))
        return self

    def _fit_keras_model(self, X: NDArray, y: NDArray, *, validation: tuple[NDArray, NDArray], **_unused: Any) -> None:
        """scikeras calls this with encoded labels."""
        encoded = validation[0], self.target_encoder_.transform(validation[1])
        self._fit_network(lambda indices, rng: (X[indices], y[indices]), len(X), encoded, data=(X, y))

    def fit_composed(
        self,
        compose: Compose,
        *,
        validation_data: tuple[ArrayLike, ArrayLike],
        start: str | PathLike[str] | None = None,
    ) -> FieldClassifier:
        """Train on fields composed on the fly.

        Parameters
        ----------
        compose : callable
            ``(n, rng) -> (fields, sequences)``: (n, 64, 128) uint8 and what each shows, as in :meth:`fit`.
        validation_data : (X, y)
            Chooses the epoch.
        start : path, optional
            Weights (``.keras``) of the same network to go on from. Default: fresh ones.
        """
        X_val, y_val = check_fields(*validation_data)
        self._begin(start)

        def make_batch(indices: NDArray[np.intp], rng: np.random.Generator) -> tuple[NDArray, NDArray]:
            fields, sequences = compose(len(indices), rng)
            return fields, self.target_encoder_.transform(sequences)

        validation = X_val, self.target_encoder_.transform(y_val)
        self._fit_network(make_batch, self.epoch_size, validation, data=self.model_.get_weights() if start else ())
        return self

    def _fit_network(
        self, make_batch: loop.MakeBatch, n: int, validation: tuple[NDArray, NDArray], *, data: Sequence[Any]
    ) -> None:
        self._train(
            lambda _: make_batch,
            n,
            validation,
            data=tuple(data),
            loss=ctc_loss,
            weight_decay=self.weight_decay,
            metrics=(),
            # The first steps of this loss are steep.
            clip_norm=1.0,
        )

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Probabilities of the symbols of every column, (n, 32, 12) float32, of (n, 64, 128) fields."""
        check_is_fitted(self, "model_")
        return self._predicted(check_fields(X)[0])

    def predict(self, X: ArrayLike) -> NDArray[np.str_]:
        """Most probable number of each field, (n,) str of 0 to 6 digits."""
        return best_numbers(read_columns(self.predict_proba(X)))

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Exact match: share of the fields whose digits are all right; other writing does not count."""
        X, y = check_fields(X, y)
        numbers = np.char.replace(y, "x", "")
        return float(accuracy_score(numbers, self.predict(X), sample_weight=sample_weight))
