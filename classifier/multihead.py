"""Label groups: one backbone, a head for each group, as a scikit-learn estimator."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from os import PathLike, fspath

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from classifier.data.columns import as_columns, every_right, right_answers, rows_of, smoothed
from classifier.data.images import as_pictures, resized
from classifier.labels import GroupEncoder
from classifier.networks.heads import by_group
from classifier.runtime import GROUPS, groups_of, groups_text
from classifier.transfer.backbone import Backbone, name_of
from classifier.transfer.training import BackboneTraining

# Images that are resized and predicted together.
PART = 256


class MultiHeadClassifier(BackboneTraining):
    """Answers several questions about an image at once: a shared backbone, a head for each label group.

    Parameters
    ----------
    backbone : str or callable
        One of :data:`classifier.networks.BACKBONES`, or ``size -> keras.Model`` from images (n, size, size, 3) of
        0-255 to feature maps or features.
    groups : sequence of str, optional
        Columns to learn. Default: all.
    weights : 'imagenet' or path, optional
        What the backbone begins with, see :func:`classifier.transfer.weights.set_weights`. It is then not trained: its
        features are computed once, and the heads learn from these, with those of varied images beside few if the
        validation loss is lower. Default: fresh weights, and all is trained.
    size : int
        Side of the images that the network sees; others are resized.
    fine_tune : bool
        With ``weights``, train the backbone after the heads, at a two-hundredth of the learning rate, batch
        normalisation as it is. Kept if the validation loss is lower.
    features : path, optional
        Folder that keeps features for other trainings on the same backbone. Default: one in ``checkpoint``.
    loss_weights : mapping, optional
        Group -> what its loss counts in the sum. Default: 1 each.
    dropout : float
        Share of the features dropped in training.
    smoothing : float
        Share of each target that is spread over all labels of its group (Szegedy et al., 2016).
    augmentation : float
        Strength of shift and cover; see :func:`classifier.train.augment.vary`. 0 trains on the images as they are.
    flips : bool
        Mirror images left-right at random; not where left and right mean something.
    epoch_size : int
        Fewer images are gone through several times in an epoch, varied: one of a few steps is too short to learn by.
    epochs, batch_size, learning_rate, weight_decay, patience, validation_split, dtype_policy, checkpoint, random_state
        As in :class:`classifier.number.NumberClassifier`.

    Attributes
    ----------
    classes_ : dict
        Group -> its labels, (k,) str.
    """

    def __init__(
        self,
        backbone: Backbone = "mobilenet_v2",
        *,
        groups: Sequence[str] | None = None,
        weights: str | PathLike[str] | None = None,
        size: int = 96,
        fine_tune: bool = False,
        features: str | PathLike[str] | None = None,
        loss_weights: Mapping[str, float] | None = None,
        dropout: float = 0.2,
        smoothing: float = 0.1,
        augmentation: float = 1.0,
        flips: bool = True,
        epoch_size: int = 2048,
        epochs: int = 16,
        batch_size: int = 128,
        learning_rate: float = 4e-3,
        weight_decay: float = 5e-2,
        patience: int = 20,
        validation_split: float = 0.1,
        dtype_policy: str = "float32",
        checkpoint: str | PathLike[str] | None = None,
        random_state: int | None = None,
        verbose: int = 0,
    ):
        super().__init__(
            by_group,
            epochs=epochs,
            batch_size=batch_size,
            validation_split=validation_split,
            random_state=random_state,
            verbose=verbose,
        )
        self.backbone = backbone
        self.groups = groups
        self.weights = weights
        self.size = size
        self.fine_tune = fine_tune
        self.features = features
        self.loss_weights = loss_weights
        self.dropout = dropout
        self.smoothing = smoothing
        self.augmentation = augmentation
        self.flips = flips
        self.epoch_size = epoch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.patience = patience
        self.dtype_policy = dtype_policy
        self.checkpoint = checkpoint

    @property
    def target_encoder(self) -> GroupEncoder:
        return GroupEncoder(self.groups)

    @property
    def network_name(self) -> str:
        return name_of(self.backbone)

    def fit(
        self,
        X: ArrayLike,
        Y: Mapping[str, ArrayLike],
        sample_weight: None = None,
        *,
        validation_data: tuple[ArrayLike, Mapping[str, ArrayLike]] | None = None,
    ) -> MultiHeadClassifier:
        """Train on labelled images from fresh weights.

        Parameters
        ----------
        X : (n, h, w, 3) or (n, h, w) uint8
            Images of any size.
        Y : DataFrame or mapping of columns
            Group -> labels (n,); '' or None where an image is unlabelled.
        validation_data : (X, Y), optional
            Chooses the epoch. Default: ``validation_split`` of the images.

        Raises
        ------
        TypeError, ValueError
            If images or columns do not fit; see :class:`classifier.labels.GroupEncoder`.
        """
        images = as_pictures(X)
        columns = as_columns(Y, len(images))
        if validation_data is None:
            kept, left = train_test_split(
                np.arange(len(images)), test_size=self.validation_split, random_state=self.random_state
            )
            held_out = images[left], rows_of(columns, left)
            images, columns = images[kept], rows_of(columns, kept)
        else:
            X_val = as_pictures(validation_data[0])
            held_out = X_val, as_columns(validation_data[1], len(X_val))
        self.target_encoder_ = self.target_encoder.fit(columns)
        self.classes_ = self.target_encoder_.classes_
        targets = smoothed(self.target_encoder_.transform(columns), self.smoothing)
        validation = held_out[0], self.target_encoder_.transform(held_out[1])
        train = self._fit_fresh if self.weights is None else self._fit_heads
        train(images, targets, validation)
        if self.weights is not None and self.fine_tune:
            self._fine_tune(images, targets, validation)
        return self

    def predict_proba(self, X: ArrayLike) -> dict[str, NDArray[np.float32]]:
        """Group -> probabilities of its labels, (n, k) float32, of images (n, h, w, 3) or (n, h, w) of any size."""
        check_is_fitted(self, "model_")
        X = as_pictures(X)
        parts = [
            self.model_.predict(resized(X[k : k + PART], self.size), batch_size=PART, verbose=0)
            for k in range(0, len(X), PART)
        ]
        return {
            group: np.concatenate([np.zeros((0, len(labels)), np.float32), *(part[group] for part in parts)])
            for group, labels in self.classes_.items()
        }

    def predict(self, X: ArrayLike) -> dict[str, NDArray[np.str_]]:
        """Group -> the most probable label of each image, (n,) str."""
        return self.target_encoder_.inverse_transform(self.predict_proba(X))

    def scores(self, X: ArrayLike, Y: Mapping[str, ArrayLike]) -> dict[str, float]:
        """Group -> share of its labelled images that are right; NaN where none is."""
        right, labelled = right_answers(self.predict(X), Y)
        return {group: float(np.mean(right[group][labelled[group]])) for group in right}

    def score(self, X: ArrayLike, Y: Mapping[str, ArrayLike], sample_weight: ArrayLike | None = None) -> float:
        """Share of the images with every group right that they are labelled in."""
        every = every_right(*right_answers(self.predict(X), Y))
        return float(accuracy_score(np.ones(len(every)), every, sample_weight=sample_weight))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the trained network to a ``.keras`` file, and the labels into it."""
        super().save(path)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(GROUPS, groups_text(self.classes_))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> MultiHeadClassifier:
        """Read a trained network; ValueError if the file is of another version or has no label groups."""
        with zipfile.ZipFile(path) as archive:
            kept = archive.read(GROUPS).decode() if GROUPS in archive.namelist() else None
        classes = groups_of(kept, fspath(path))
        loaded = cls()
        loaded.model_ = keras.models.load_model(path, compile=False)
        loaded.size = loaded.model_.input_shape[1]
        loaded.classes_ = classes
        loaded.target_encoder_ = GroupEncoder(list(classes))
        loaded.target_encoder_.classes_ = classes
        return loaded
