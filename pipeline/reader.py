"""Image -> reading: look for the writing, classify it, fuse what the networks say, decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from numbers import Real
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.cascade import Cascade, Network
from classifier.number_format import FORMAT, NumberFormat
from classifier.runtime import Runtime
from pipeline.decision.counts import counts_of_candidates, counts_of_columns
from pipeline.decision.decide import Opinions, decide, judge, need_no_third
from pipeline.decision.evidence import Evidence, more_than_a_number, needs_cuts, of_field, of_segmentation
from pipeline.decision.profile import Profile, threshold
from pipeline.readers import PIXELS, SHIPPED, SOURCES, WAYS
from pipeline.reading import Reading
from pipeline.sources import columns_of, read_canvases
from pipeline.training import labels_of, train_networks
from segmenter import Segmentation, Segmenter, Writing
from segmenter.params import Estimator


class NumberReader(Estimator):
    """Reads handwritten numbers.

    Parameters
    ----------
    classifier : object with ``predict_proba``, optional
        Single digits, (n, 28, 28) uint8 -> (n, 10) float32; for the segmented reader.
    field_classifier : object with ``predict_proba``, optional
        Gray fields, (n, 64, 128) uint8 -> (n, 32, 12) float32; for the field reader. See :mod:`classifier.ctc`.
    number_classifier : object with ``predict_proba``, optional
        Whole numbers, (n, 84, 84) uint8 -> (n, 3, 10) float32; for the whole-image reader.
    pixel_classifier : object with ``predict_proba``, optional
        Gray fields, (n, 64, 128) uint8 -> what each pixel shows, (n, 64, 128, 5) float32. Asked where the ink is not
        plainly that of a number. Default: ink is told from print by its shape alone.
    segmenter : Segmenter, optional
        Default: ``Segmenter()``.
    reader : {'fused', 'segmented', 'field', 'whole'}
        Cut the digits out and classify each; read the gray image column by column; put all ink on a canvas and
        classify that at once; or weigh all three.
    profile : Profile, optional
        What was fitted on labelled images. One that belongs to other weights of the package is refused; networks
        of your own, which have no name there, are not. Default: that of the package, whatever the networks.
    accept_precision : float
        In [0, 1): what is accepted shall be right at least that often.
    digits : int or (int, int)
        How many digits a number has, or from how many to how many, at most six. The whole-image reader reads three.

    Examples
    --------
    >>> from pipeline import NumberReader
    >>> reader = NumberReader.pretrained()
    >>> reader.read("examples/images/spaced-834.png").number
    '834'
    """

    def __init__(
        self,
        classifier: Network | None = None,
        *,
        field_classifier: Network | None = None,
        number_classifier: Network | None = None,
        pixel_classifier: Network | None = None,
        segmenter: Segmenter | None = None,
        reader: str = "fused",
        profile: Profile | None = None,
        accept_precision: float = 0.99,
        digits: int | tuple[int, int] = 3,
    ):
        self.classifier = classifier
        self.field_classifier = field_classifier
        self.number_classifier = number_classifier
        self.pixel_classifier = pixel_classifier
        self.segmenter = segmenter
        self.reader = reader
        self.profile = profile
        self.accept_precision = accept_precision
        self.digits = digits

    @classmethod
    def pretrained(cls, *, reader: str = "fused", threads: int = 1, **segmenter_params: Any) -> NumberReader:
        """The reader with the weights that come with the package.

        Parameters
        ----------
        reader : {'fused', 'segmented', 'field', 'whole'}
            Only the networks that it needs are loaded.
        threads : int
            Threads of the inference runtime.
        **segmenter_params
            Parameters of :class:`segmenter.Segmenter`; unknown ones are refused by it.
        """
        found = cls(reader=reader, segmenter=Segmenter(**segmenter_params))
        parameters = [SOURCES[source] for source in found.sources]
        found.set_params(**{name: Cascade.of_package(SHIPPED[name], threads=threads) for name in parameters})
        return found.set_params(pixel_classifier=Runtime.of_package(PIXELS, threads=threads))

    @property
    def sources(self) -> tuple[str, ...]:
        """Whose evidence this reader weighs: keys of :data:`pipeline.readers.SOURCES`."""
        if self.reader not in WAYS:
            raise ValueError(f"`reader` should be one of {list(WAYS)}. Received: {self.reader!r}.")
        return WAYS[self.reader]

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
        """Look for the writing of one image, and for the segmented reader for its candidate digits, too.

        What this made of an image may stand in its place everywhere.
        """
        segmenter, tell = self.segmenter or Segmenter(), self._tell if self.pixel_classifier else None
        if "segmented" in self.sources:
            return image if isinstance(image, Segmentation) else segmenter.segment(image, tell=tell)
        return image if isinstance(image, Writing) else segmenter.find_writing(image, tell=tell)

    def _tell(self, field: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What each pixel of one field shows."""
        return self.network("pixel_classifier").predict_proba(field[None])[0]

    def read_segmented(self, found: Sequence[Writing]) -> list[tuple[Reading, Writing]]:
        """Classify and decide a batch of what :meth:`segment` found; with each reading the writing it rests on."""
        self._check()
        profile = self.profile or Profile.shipped()
        # Classify the candidates, and all of the writing where that is needed.
        opinions, found = self.opinions(found)
        # Fuse what the networks say, and judge how likely it is right.
        probabilities, confidence = judge(opinions, profile)
        # Decide.
        accept_above = threshold(profile.acceptance[self.reader], self.accept_precision)
        facts = zip(opinions.of_each(), probabilities, confidence.tolist(), opinions.left_out, strict=True)
        readings = [decide(*of_image, accept_above) for of_image in facts]
        return list(zip(readings, found, strict=True))

    def opinions(self, found: Sequence[Any], *, ask_all: bool = False) -> tuple[Opinions, Sequence[Writing]]:
        """What each network of this reader says of a batch, and the writing that this rests on.

        Where the segmented reader and the field reader are sure, no third is asked but with ``ask_all``.
        """
        found, form = list(found), NumberFormat.of(self.digits)
        by_source: dict[str, Sequence[Evidence | None]] = {}
        counts = [form.lengths[0]] * len(found)
        if "segmented" in self.sources:
            found, probabilities = self._classify_candidates(found)
            counts = counts_of_candidates(found, probabilities, form)
        if "field" in self.sources:
            columns = columns_of(self.network("field_classifier"), found)
            counts = counts_of_columns(columns, form)
            by_source["field"] = [of_field(columns, *asked) for asked in enumerate(counts)]
        if "segmented" in self.sources:
            cut = zip(found, probabilities, counts, strict=True)
            by_source["segmented"] = [of_segmentation(*of_image) for of_image in cut]
        if "whole" in self.sources:
            sure = set() if ask_all else set(need_no_third(by_source))
            asked = [k for k, count in enumerate(counts) if count == FORMAT.positions and k not in sure]
            by_source["whole"] = read_canvases(self.network("number_classifier"), found, asked)
        in_order = {source: by_source[source] for source in self.sources}
        return Opinions(in_order, [more_than_a_number(writing) for writing in found]), found

    def _classify_candidates(
        self, found: Sequence[Segmentation]
    ) -> tuple[list[Segmentation], list[NDArray[np.float32]]]:
        """Digit probabilities of the candidates of each image.

        Touching digits may look like regions that stand apart: where recognition doubts one, cut and ask again.
        """
        network, segmenter, found = self.network("classifier"), self.segmenter or Segmenter(), list(found)
        probabilities = classify(network, found)
        doubted = [k for k, p in enumerate(probabilities) if needs_cuts(found[k], p)]
        for k in doubted:
            found[k] = segmenter.oversegment(found[k])
        for k, p in zip(doubted, classify(network, [found[k] for k in doubted]), strict=True):
            probabilities[k] = p
        return found, probabilities

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
            self.networks_ = train_networks(self, () if X is None else X, y)
        return self

    @property
    def learns(self) -> list[str]:
        """Parameters whose networks :meth:`fit` trains: none of what :meth:`pretrained` brings."""
        return [name for name in map(SOURCES.__getitem__, self.sources) if hasattr(getattr(self, name), "fit")]

    def predict(self, X: Iterable[Any]) -> NDArray[np.str_]:
        """Number of each image, (n,) str; '' where it is unreadable."""
        return np.array([reading.number for reading in self.read_many(X)], dtype=np.str_)

    def score(self, X: Iterable[Any], y: Iterable[str]) -> float:
        """Exact match: share of the images whose whole number is right."""
        found = self.predict(X)
        return float(np.mean(found == labels_of(found, y)))

    @property
    def network_names(self) -> dict[str, tuple[str, ...]]:
        """Parameter -> names of the weights of its networks; empty for networks that are not the package's."""
        names = [SOURCES[source] for source in self.sources]
        return {name: getattr(self.network(name), "names", ()) for name in names}

    def _check(self) -> None:
        for source in self.sources:
            self.network(SOURCES[source])
        form = NumberFormat.of(self.digits)
        if self.reader == "whole" and form != FORMAT:
            raise ValueError(f"The whole-image reader reads {FORMAT.words}. Received: digits={self.digits!r}.")
        if not isinstance(self.segmenter, Segmenter | None):
            raise TypeError(f"`segmenter` should be a Segmenter. Received: {self.segmenter!r}.")
        if not isinstance(self.profile, Profile | None):
            raise TypeError(f"`profile` should be a Profile. Received: {self.profile!r}.")
        if self.profile is not None:
            self.profile.check_networks(self.network_names)
        if not isinstance(self.accept_precision, Real):
            raise TypeError(f"`accept_precision` should be a number. Received: {self.accept_precision!r}.")
        if not 0 <= self.accept_precision < 1:
            raise ValueError(f"`accept_precision` should lie in [0, 1). Received: {self.accept_precision!r}.")

    def network(self, name: str) -> Network:
        """The network of a parameter: trained by :meth:`fit`, or the one given; TypeError if there is none."""
        network: Network | None = getattr(self, "networks_", {}).get(name, getattr(self, name))
        if network is None or not hasattr(network, "predict_proba"):
            raise TypeError(
                f"`{name}` should have `predict_proba`. Received: {network!r}. The networks of the package come with "
                f"NumberReader.pretrained(reader={self.reader!r})."
            )
        return network


def classify(network: Network, segmentations: Sequence[Segmentation]) -> list[NDArray[np.float32]]:
    """Digit probabilities (k, 10) of all candidates of each segmentation, in one call of the network."""
    counts = [len(s.crops) for s in segmentations]
    if not sum(counts):
        return [np.zeros((0, 10), np.float32) for _ in segmentations]
    crops = np.concatenate([s.crops for s in segmentations])
    return np.split(network.predict_proba(crops), np.cumsum(counts)[:-1])
