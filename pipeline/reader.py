"""Image -> reading: find the writing, classify its candidate digits or all of it, decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from numbers import Real
from os import PathLike
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.runtime import WEIGHTS, Runtime
from pipeline.combine import N_DIGITS, decide, decide_whole, needs_cuts
from pipeline.reading import Reading
from pipeline.views import predict_with_views
from segmenter import Look, Segmentation, Segmenter, fit_canvas
from segmenter.estimator import Estimator

READERS = ("segmented", "whole")


class Classifier(Protocol):
    """Anything that gives probabilities: the runtime, or a fitted estimator of :mod:`classifier`."""

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]: ...


class NumberReader(Estimator):
    """Reads three-digit numbers.

    Parameters
    ----------
    classifier : object with ``predict_proba``, optional
        Single digits, (n, 28, 28) uint8 -> (n, 10) float32; for the segmented reader.
    number_classifier : object with ``predict_proba``, optional
        Whole numbers, (n, 84, 84) uint8 -> (n, 3, 10) float32; for the whole-image reader.
    segmenter : Segmenter, optional
        Default: ``Segmenter()``.
    reader : {'segmented', 'whole'}
        Cut the digits out and classify each, or classify the whole image at once.
    review_below : float
        Confidence in [0, 1] below which a number is handed to a person.

    Examples
    --------
    >>> from pipeline import NumberReader
    >>> reader = NumberReader.pretrained()
    >>> reader.read("examples/images/spaced-168.png").number
    '168'
    """

    def __init__(
        self,
        classifier: Classifier | None = None,
        *,
        number_classifier: Classifier | None = None,
        segmenter: Segmenter | None = None,
        reader: str = "segmented",
        review_below: float = 0.9,
    ):
        self.classifier = classifier
        self.number_classifier = number_classifier
        self.segmenter = segmenter
        self.reader = reader
        self.review_below = review_below

    @classmethod
    def pretrained(cls, *, reader: str = "segmented", threads: int = 1, **segmenter_params: Any) -> NumberReader:
        """The reader with the weights that come with the package.

        Parameters
        ----------
        reader : {'segmented', 'whole'}
            Only the networks that it needs are loaded.
        threads : int
            Threads of the inference runtime.
        **segmenter_params
            Parameters of :class:`segmenter.Segmenter`; unknown ones are refused by it.
        """
        _check_reader(reader)
        segmenter = Segmenter(**segmenter_params)
        if reader == "whole":
            number_classifier = Runtime(WEIGHTS / "best_model.onnx", threads=threads)
            return cls(number_classifier=number_classifier, segmenter=segmenter, reader=reader)
        return cls(Runtime(WEIGHTS / "cnn_digit_classifier.onnx", threads=threads), segmenter=segmenter)

    def fit(self, X: Iterable[Any] | None = None, y: Iterable[str] | None = None) -> NumberReader:
        """Train a clone of the classifier on labelled fields, where it :attr:`learns`; else check the parameters.

        The segmented reader learns from fields that fall into three regions, each a digit of the number.

        Parameters
        ----------
        X : iterable of images
            Or of what :meth:`segment` made of them.
        y : iterable of str
            Their numbers.

        Raises
        ------
        ValueError
            If no field falls into three regions, or labels are no numbers of three digits or too few.
        """
        self._check()
        vars(self).pop("network_", None)
        if y is not None and self.learns:
            from sklearn.base import clone

            looks = [self.segment(image) for image in (() if X is None else X)]
            self.network_ = clone(getattr(self, self._needed())).fit(*self._labelled(looks, _numbers_of(looks, y)))
        return self

    @property
    def learns(self) -> bool:
        """Whether :meth:`fit` trains: what :meth:`pretrained` brings cannot be trained."""
        return hasattr(getattr(self, self._needed()), "fit")

    def _labelled(self, looks: Sequence[Any], numbers: NDArray[np.str_]) -> tuple[NDArray[np.uint8], NDArray]:
        """Training images for the classifier, and their labels."""
        if self.reader == "whole":
            return np.stack([fit_canvas(look) for look in looks]), numbers
        from classifier.labels import NumberEncoder  # brings scikit-learn, which reading does without

        clear = [k for k, s in enumerate(looks) if s.n_pieces == N_DIGITS and not s.ambiguous]
        if not clear:
            raise ValueError(f"Some of the fields should fall into three regions to train on. Received: {len(looks)}.")
        crops = np.concatenate([looks[k].crops for k in clear])
        return crops, NumberEncoder.digits(numbers[clear]).ravel()

    def predict(self, X: Iterable[Any]) -> NDArray[np.str_]:
        """Number of each image, (n,) str; '' where it is unreadable."""
        return np.array([reading.number for reading in self.read_many(X)], dtype=np.str_)

    def score(self, X: Iterable[Any], y: Iterable[str]) -> float:
        """Exact match: share of the images whose whole number is right."""
        found = self.predict(X)
        return float(np.mean(found == _numbers_of(found, y)))

    def _check(self) -> None:
        _check_reader(self.reader)
        self._network()
        if not isinstance(self.segmenter, Segmenter | None):
            raise TypeError(f"`segmenter` should be a Segmenter. Received: {self.segmenter!r}.")
        if not isinstance(self.review_below, Real):
            raise TypeError(f"`review_below` should be a number. Received: {self.review_below!r}.")
        if not 0 <= self.review_below <= 1:
            raise ValueError(f"`review_below` should lie in [0, 1]. Received: {self.review_below!r}.")

    def _needed(self) -> str:
        """The parameter that holds the classifier of this reader."""
        return "number_classifier" if self.reader == "whole" else "classifier"

    def _network(self) -> Classifier:
        needed = self._needed()
        network: Classifier | None = getattr(self, "network_", getattr(self, needed))
        if network is None or not hasattr(network, "predict_proba"):
            raise TypeError(
                f"`{needed}` should have `predict_proba`. Received: {network!r}. The networks of the package come with "
                f"NumberReader.pretrained(reader={self.reader!r})."
            )
        return network

    def read(self, image: Any) -> Reading:
        """Read one image: a path, bytes, a PIL image or an array; see :func:`segmenter.load_gray`.

        Raises
        ------
        ValueError, TypeError, OSError
            If it is no image. An image without three digits is an answer, not an error.
        """
        return self.read_segmented([self.segment(image)])[0][0]

    def read_many(self, images: Iterable[Any], *, batch_size: int = 64) -> Iterator[Reading]:
        """Read a stream of images, ``batch_size`` at a time.

        What :meth:`read` raises for an image, this raises for its whole batch; for files of which
        some may be damaged see :func:`pipeline.batch.read_files`.
        """
        if isinstance(images, (str, bytes, PathLike)):
            raise TypeError(f"`images` should be an iterable of images. Received one {type(images).__name__}.")
        if batch_size < 1:
            raise ValueError(f"`batch_size` should be at least 1. Received: {batch_size}.")
        stream = iter(images)
        while batch := list(islice(stream, batch_size)):
            for reading, _ in self.read_segmented([self.segment(image) for image in batch]):
                yield reading

    def segment(self, image: Any) -> Look:
        """Find the writing of one image, and for the segmented reader its candidate digits, too.

        What this made of an image may stand in its place everywhere.
        """
        if isinstance(image, Look if self.reader == "whole" else Segmentation):
            return image
        segmenter = self.segmenter or Segmenter()
        return segmenter.look(image) if self.reader == "whole" else segmenter.segment(image)

    def read_segmented(self, looks: Sequence[Look]) -> list[tuple[Reading, Look]]:
        """Classify and decide a batch of what :meth:`segment` found; with each reading the look it rests on."""
        self._check()
        return self._read_whole(looks) if self.reader == "whole" else self._read_candidates(looks)

    def _read_whole(self, looks: Sequence[Look]) -> list[tuple[Reading, Look]]:
        if not looks:
            return []
        probabilities = predict_with_views(
            self._network().predict_proba, np.stack([fit_canvas(look) for look in looks])
        )
        return [
            (decide_whole(look, p, review_below=self.review_below), look)
            for look, p in zip(looks, probabilities, strict=True)
        ]

    def _read_candidates(self, segmentations: Sequence[Any]) -> list[tuple[Reading, Look]]:
        probabilities = self._classify(segmentations)
        # Touching digits may look like three regions: where recognition doubts, cut and look again.
        doubtful = [i for i, s in enumerate(segmentations) if needs_cuts(s, probabilities[i])]
        if doubtful:
            segmenter = self.segmenter or Segmenter()
            segmentations = list(segmentations)
            for i in doubtful:
                segmentations[i] = segmenter.oversegment(segmentations[i])
            again = self._classify([segmentations[i] for i in doubtful])
            for i, p in zip(doubtful, again, strict=True):
                probabilities[i] = p
        return [
            (decide(s, p, review_below=self.review_below), s) for s, p in zip(segmentations, probabilities, strict=True)
        ]

    def _classify(self, segmentations: Sequence[Segmentation]) -> list[NDArray[np.float32]]:
        """Digit probabilities of all candidates, in one call."""
        counts = [len(s.crops) for s in segmentations]
        if not sum(counts):
            return [np.zeros((0, 10), np.float32) for _ in segmentations]
        crops = np.concatenate([s.crops for s in segmentations])
        return np.split(self._network().predict_proba(crops), np.cumsum(counts)[:-1])


def _numbers_of(images: Sequence[Any] | NDArray, y: Iterable[str]) -> NDArray[np.str_]:
    """A label for each image, (n,) str; ValueError with the rule otherwise."""
    y = np.array(list(y))
    if y.shape != (len(images),) or (len(y) and y.dtype.kind != "U"):
        raise ValueError(
            f"There should be a number, a string, for each of the {len(images)} images. Received: {y.dtype} of shape "
            f"{y.shape}."
        )
    return y


def _check_reader(reader: str) -> None:
    if reader not in READERS:
        raise ValueError(f"`reader` should be one of {READERS}. Received: {reader!r}.")
