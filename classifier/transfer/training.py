"""Training of a backbone with heads: all of it, the heads alone on features, or the backbone on from there."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from classifier.base import NetworkClassifier
from classifier.data.columns import rows_of
from classifier.data.images import resized
from classifier.networks.heads import LabelledAccuracy, by_group
from classifier.train import loop
from classifier.train.augment import vary
from classifier.transfer.backbone import build_backbone, joined
from classifier.transfer.features import make_features
from classifier.transfer.varied import add_varied

# Of the heads' learning rate, what a backbone that has learned before is trained on with.
TUNING = 0.005
Targets = dict[str, NDArray]


class BackboneTraining(NetworkClassifier):
    """How a :class:`classifier.multihead.MultiHeadClassifier` is trained; its parameters and labels are there."""

    refine_epochs: tuple[int, ...] = ()
    # While heads alone are trained: how many features they have.
    _n_features: int | None = None
    classes_: dict[str, NDArray[np.str_]]

    def _network(self) -> keras.Model:
        """The backbone with its heads, or the heads alone; scikeras's place for it has no room for the labels."""
        if self._n_features:
            inputs = features = keras.Input((self._n_features,), name="features")
        else:
            backbone = build_backbone(self.backbone, self.size, self.weights)
            inputs, features = backbone.input, backbone.output
        n_labels = {group: len(labels) for group, labels in self.classes_.items()}
        return by_group(inputs, features, n_labels, dropout=self.dropout)

    def _fit_fresh(self, X: NDArray, targets: Targets, validation: loop.Batch) -> None:
        """Train a network as it is built."""
        with loop.dtype_policy(self.dtype_policy):
            self.model_ = self._build_keras_model()
        self._fit_network(X, targets, validation)

    def _fit_heads(self, X: NDArray, targets: Targets, validation: loop.Batch) -> None:
        """Train the heads on features that are computed once; with varied images beside few if validation gains."""
        backbone = build_backbone(self.backbone, self.size, self.weights)
        kept = self.features or (Path(self.checkpoint) / "features" if self.checkpoint else None)
        features = make_features(backbone, kept)
        of_validation = features(validation[0]), validation[1]
        self._fit_on(features(X), targets, of_validation)
        more, of_more = add_varied(
            X, targets, least=self.epoch_size, seed=self.random_state, strength=self.augmentation, flips=self.flips
        )
        if len(more) > len(X):
            other = self._another("varied")
            other._fit_on(features(more), of_more, of_validation)
            if _lost(other) < _lost(self):
                self.model_, self.history_ = other.model_, other.history_
        self.model_ = joined(backbone, self.model_)

    def _fit_on(self, features: NDArray, targets: Targets, validation: loop.Batch) -> None:
        self._n_features = features.shape[1]
        try:
            self._fit_fresh(features, targets, validation)
        finally:
            self._n_features = None

    def _fine_tune(self, X: NDArray, targets: Targets, validation: loop.Batch) -> None:
        """Train the backbone on at a small learning rate; kept if validation gains by it."""
        tuned = self._another("fine-tune", learning_rate=TUNING * self.learning_rate)
        with loop.dtype_policy(self.dtype_policy):
            tuned.model_ = tuned._build_keras_model()
        tuned.model_.set_weights(self.model_.get_weights())
        tuned._fit_network(X, targets, validation)
        gained = _lost(tuned) < _lost(self)
        for name, values in tuned.history_.items():
            self.history_[name].extend(values)
        if gained:
            self.model_ = tuned.model_

    def _another(self, name: str, **params: Any) -> BackboneTraining:
        """The same labels to learn once more, with a checkpoint of its own."""
        other: BackboneTraining = clone(self).set_params(**params)
        if self.checkpoint:
            other.checkpoint = Path(self.checkpoint) / name
        other.classes_ = self.classes_
        return other

    def _fit_network(self, X: NDArray, targets: Targets, validation: loop.Batch) -> None:
        n, times = len(X), max(1, math.ceil(self.epoch_size / len(X)))

        def batches(strength: float) -> loop.MakeBatch:
            return lambda i, rng: (self._varied(X[i % n], rng, strength), rows_of(targets, i % n))

        if not self._n_features:
            validation = resized(validation[0], self.size), validation[1]
        self._train(
            batches, times * n, validation, data=(X, targets), loss=dict.fromkeys(targets, "categorical_crossentropy"),
            metrics={group: [LabelledAccuracy("accuracy")] for group in targets}, loss_weights=self.loss_weights,
            weight_decay=self.weight_decay,
        )  # fmt: skip

    def _varied(self, X: NDArray, rng: np.random.Generator, strength: float) -> NDArray:
        if self._n_features:
            return X.astype(np.float32)
        images = resized(X, self.size)
        return vary(images, rng, strength=strength, flips=self.flips) if strength else images


def _lost(fitted: BackboneTraining) -> float:
    return min(fitted.history_[loop.MONITOR])
