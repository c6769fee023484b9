"""Image -> reading: find the writing, classify its candidate digits or all of it, decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from numbers import Real
from os import PathLike
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.cascade import Cascade, predict_with_views
from classifier.runtime import WEIGHTS, Runtime
from pipeline.decision.decide import Views, decide, is_sure, judge
from pipeline.decision.decoding import N_DIGITS, needs_cuts
from pipeline.decision.evidence import Evidence, more_than_a_number, of_segmentation, of_whole
from pipeline.decision.profile import Profile
from pipeline.reading import Reading
from segmenter import Segmentation, Segmenter, Writing, fit_canvas
from segmenter.params import Estimator

# Reader -> the parameters that hold its networks.
READERS = {
    "fused": ("classifier", "number_classifier"),
    "segmented": ("classifier",),
    "whole": ("number_classifier",),
}

# The networks that come with the package; the second of each is asked where the first doubts.
SHIPPED: dict[str, tuple[str, ...]] = {
    "classifier": ("cnn_digit_classifier", "second/cnn_digit_classifier"),
    "number_classifier": ("best_model", "second/best_model"),
}


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
    reader : {'fused', 'segmented', 'whole'}
        Cut the digits out and classify each, classify the whole image at once, or weigh both.
    profile : Profile, optional
        What was fitted on labelled images; default: that of the package.
    accept_precision : float
        In [0, 1): what is accepted shall be right at least that often.

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
        reader: str = "fused",
        profile: Profile | None = None,
        accept_precision: float = 0.999,
    ):
        self.classifier = classifier
        self.number_classifier = number_classifier
        self.segmenter = segmenter
        self.reader = reader
        self.profile = profile
        self.accept_precision = accept_precision

    @classmethod
    def pretrained(cls, *, reader: str = "fused", threads: int = 1, **segmenter_params: Any) -> NumberReader:
        """The reader with the weights that come with the package.

        Parameters
        ----------
        reader : {'fused', 'segmented', 'whole'}
            Only the networks that it needs are loaded.
        threads : int
            Threads of the inference runtime.
        **segmenter_params
            Parameters of :class:`segmenter.Segmenter`; unknown ones are refused by it.
        """
        _check_reader(reader)
        networks = {name: load_networks(SHIPPED[name], threads=threads) for name in READERS[reader]}
        return cls(
            networks.get("classifier"),
            number_classifier=networks.get("number_classifier"),
            segmenter=Segmenter(**segmenter_params),
            reader=reader,
        )

    def fit(self, X: Iterable[Any] | None = None, y: Iterable[str] | None = None) -> NumberReader:
        """Train clones of the networks that can be trained on labelled fields; else check the parameters.

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
        vars(self).pop("networks_", None)
        if y is not None and self.learns:
            from sklearn.base import clone

            writings = [self.segment(image) for image in (() if X is None else X)]
            numbers = _numbers_of(writings, y)
            self.networks_ = {
                name: clone(getattr(self, name)).fit(*self._labelled(name, writings, numbers)) for name in self.learns
            }
        return self

    @property
    def learns(self) -> list[str]:
        """Parameters whose networks :meth:`fit` trains: none of what :meth:`pretrained` brings."""
        return [name for name in READERS[self.reader] if hasattr(getattr(self, name), "fit")]

    def _labelled(
        self, name: str, writings: Sequence[Any], numbers: NDArray[np.str_]
    ) -> tuple[NDArray[np.uint8], NDArray]:
        """Training images for one of the networks, and their labels."""
        if name == "number_classifier":
            return np.stack([fit_canvas(writing) for writing in writings]), numbers
        from classifier.labels import NumberEncoder  # brings scikit-learn, which reading does without

        clear = [k for k, s in enumerate(writings) if len(s.pieces) == N_DIGITS and not s.ambiguous]
        if not clear:
            raise ValueError(f"Some fields should fall into three regions to train on. Received: {len(writings)}.")
        crops = np.concatenate([writings[k].crops for k in clear])
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
        for name in READERS[self.reader]:
            self._network(name)
        if not isinstance(self.segmenter, Segmenter | None):
            raise TypeError(f"`segmenter` should be a Segmenter. Received: {self.segmenter!r}.")
        if not isinstance(self.profile, Profile | None):
            raise TypeError(f"`profile` should be a Profile. Received: {self.profile!r}.")
        if not isinstance(self.accept_precision, Real):
            raise TypeError(f"`accept_precision` should be a number. Received: {self.accept_precision!r}.")
        if not 0 <= self.accept_precision < 1:
            raise ValueError(f"`accept_precision` should lie in [0, 1). Received: {self.accept_precision!r}.")

    def _network(self, name: str) -> Classifier:
        network: Classifier | None = getattr(self, "networks_", {}).get(name, getattr(self, name))
        if network is None or not hasattr(network, "predict_proba"):
            raise TypeError(
                f"`{name}` should have `predict_proba`. Received: {network!r}. The networks of the package come with "
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
        some may be damaged see :func:`pipeline.batch.read.read_files`.
        """
        if isinstance(images, (str, bytes, PathLike)):
            raise TypeError(f"`images` should be an iterable of images. Received one {type(images).__name__}.")
        if batch_size < 1:
            raise ValueError(f"`batch_size` should be at least 1. Received: {batch_size}.")
        stream = iter(images)
        while batch := list(islice(stream, batch_size)):
            for reading, _ in self.read_segmented([self.segment(image) for image in batch]):
                yield reading

    def segment(self, image: Any) -> Writing:
        """Find the writing of one image, and for the segmented reader its candidate digits, too.

        What this made of an image may stand in its place everywhere.
        """
        if isinstance(image, Writing if self.reader == "whole" else Segmentation):
            return image
        segmenter = self.segmenter or Segmenter()
        return segmenter.find_writing(image) if self.reader == "whole" else segmenter.segment(image)

    def read_segmented(self, writings: Sequence[Writing]) -> list[tuple[Reading, Writing]]:
        """Classify and decide a batch of what :meth:`segment` found; with each reading the writing it rests on."""
        self._check()
        if not writings:
            return []
        views, writings = self.views(writings)
        profile = self.profile or Profile.shipped()
        probabilities, confidence = judge(views, profile)
        return [
            (decide(a, b, p, c, writing, profile.threshold(self.reader, self.accept_precision)), writing)
            for a, b, p, c, writing in zip(
                views.segmented, views.whole, probabilities, confidence.tolist(), writings, strict=True
            )
        ]

    def views(self, writings: Sequence[Writing], *, ask_all: bool = False) -> tuple[Views, Sequence[Writing]]:
        """What each network of this reader sees of a batch, and the writings that this rests on.

        Where the segmented reader is sure, the whole-image network is asked only with ``ask_all``.
        """
        segmented: list[Evidence | None] = [None] * len(writings)
        whole: list[Evidence | None] = [None] * len(writings)
        if self.reader != "whole":
            writings, probabilities = self._candidates(writings)
            segmented = [of_segmentation(s, p) for s, p in zip(writings, probabilities, strict=True)]
        asked = [k for k, view in enumerate(segmented) if view is None or ask_all or not is_sure(view)]
        if self.reader != "segmented" and asked:
            canvases = np.stack([fit_canvas(writings[k]) for k in asked])
            predicted = predict_with_views(self._network("number_classifier").predict_proba, canvases)
            for k, p in zip(asked, predicted, strict=True):
                whole[k] = of_whole(writings[k], p)
        left_out = np.array([bool(more_than_a_number(writing)) for writing in writings], bool)
        return Views(segmented, whole, left_out), writings

    def _candidates(self, segmentations: Sequence[Any]) -> tuple[list[Segmentation], list[NDArray[np.float32]]]:
        """Segmentations with digit probabilities of their candidates, cut where recognition doubts."""
        segmentations, probabilities = list(segmentations), self._classify(segmentations)
        # Touching digits may look like three regions: where recognition doubts, cut and classify again.
        if doubtful := [i for i, s in enumerate(segmentations) if needs_cuts(s, probabilities[i])]:
            segmenter = self.segmenter or Segmenter()
            for i in doubtful:
                segmentations[i] = segmenter.oversegment(segmentations[i])
            again = self._classify([segmentations[i] for i in doubtful])
            for i, p in zip(doubtful, again, strict=True):
                probabilities[i] = p
        return segmentations, probabilities

    def _classify(self, segmentations: Sequence[Segmentation]) -> list[NDArray[np.float32]]:
        """Digit probabilities of all candidates, in one call."""
        counts = [len(s.crops) for s in segmentations]
        if not sum(counts):
            return [np.zeros((0, 10), np.float32) for _ in segmentations]
        crops = np.concatenate([s.crops for s in segmentations])
        return np.split(self._network("classifier").predict_proba(crops), np.cumsum(counts)[:-1])


def load_networks(names: Sequence[str], *, threads: int = 1) -> Cascade:
    """Networks that come with the package, by the names of their weights."""
    return Cascade(*(Runtime(WEIGHTS / f"{name}.onnx", threads=threads) for name in names))


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
        raise ValueError(f"`reader` should be one of {list(READERS)}. Received: {reader!r}.")
