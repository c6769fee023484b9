"""What `tridigit tune` searches on: digits, canvases, or whole fields that are segmented once for each setting.

Networks are imported where they are trained: the workers of a search that trains none need no Keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import joblib
import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.model_selection import train_test_split

from classifier.data.mnist import Mnist
from classifier.search.executors import workers
from classifier.search.search import Preparation, Search
from classifier.search.space import Params
from pipeline.batch.labelled import LabelledFiles
from pipeline.batch.workers import one_opencv_thread
from pipeline.reader import NumberReader
from pipeline.readers import SOURCES, WAYS
from segmenter import Segmenter, Writing, fit_canvas

SEGMENTER = "segmenter__"
CHUNK = 32


def digit_search(mnist: Mnist, n: int, *, seed: int = 0, **options: Any) -> Search:
    """A search over :class:`classifier.digit.DigitClassifier` on ``n`` of MNIST's training digits, in its own shares.

    Parameters
    ----------
    mnist : Mnist
        Its test digits are not used.
    n : int
        All 60,000 if it is as large.
    seed : int
        Of the choice, the folds and the networks.
    **options
        Of :class:`classifier.search.search.Search`.
    """
    from classifier.digit import DigitClassifier

    x, y = np.concatenate([mnist.x_train, mnist.x_val]), np.concatenate([mnist.y_train, mnist.y_val])
    if n <= len(x) - len(np.unique(y)):  # the rest has a digit of each class, too
        x, _, y, _ = train_test_split(x, y, train_size=n, stratify=y, random_state=seed)
    return Search(DigitClassifier(random_state=seed), x, y, seed=seed, **options)


def number_search(mnist: Mnist, n: int, *, folds: int = 3, seed: int = 0, **options: Any) -> Search:
    """A search over :class:`classifier.number.NumberClassifier` on ``n`` canvases of MNIST's training digits.

    Every fold is composed from digits of its own, so that no digit image is on both sides.
    """
    from classifier.labels import NumberEncoder
    from classifier.number import NumberClassifier
    from classifier.train.canvases import Composer

    rng = np.random.default_rng(seed)
    sizes = [len(part) for part in np.array_split(np.arange(n), folds)]
    pools = np.array_split(rng.permutation(len(mnist.x_train)), folds)
    composers = [Composer(mnist.x_train[pool], mnist.y_train[pool], strength=0) for pool in pools]
    parts = [composer.compose(k, rng) for composer, k in zip(composers, sizes, strict=True)]
    canvases, targets = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Search(
        NumberClassifier(random_state=seed),
        np.rint(canvases).astype(np.uint8),
        NumberEncoder().inverse_transform(targets),
        folds=folds,
        stratified=False,
        groups=np.repeat(np.arange(folds), sizes),
        seed=seed,
        **options,
    )


def canvas_search(files: LabelledFiles, *, seed: int = 0, **options: Any) -> Search:
    """A search over :class:`classifier.number.NumberClassifier` on labelled images of a user."""
    from classifier.number import NumberClassifier

    segmenter = Segmenter()
    canvases = np.stack([fit_canvas(segmenter.find_writing(path)) for path in files.paths])
    estimator = NumberClassifier(random_state=seed)
    return Search(estimator, canvases, files.numbers, stratified=False, groups=files.groups, seed=seed, **options)


def field_search(
    files: LabelledFiles, *, names: Sequence[str], reader: str = "segmented", seed: int = 0, **options: Any
) -> Search:
    """A search over :class:`NumberReader` on labelled images of a user.

    Parameters
    ----------
    names : sequence of str
        Parameters in the search space. With one of the classifier (``classifier__…``, for the field reader
        ``field_classifier__…``, for the whole-image reader ``number_classifier__…``) a classifier is trained in every
        fold; otherwise that of the package reads.
    reader : {'segmented', 'field', 'whole'}

    Raises
    ------
    ValueError
        If a parameter is one of the network that this reader does not have.
    """
    unused = [parameter for source, parameter in SOURCES.items() if source not in WAYS[reader]]
    if idle := [name for name in names if name.split("__")[0] in unused]:
        raise ValueError(f"The {reader} reader has no {' or '.join(unused)}. Received: {', '.join(idle)}.")
    chosen = NumberReader.pretrained(reader=reader)
    if any(name.startswith("classifier__") for name in names):
        from classifier.digit import DigitClassifier

        chosen.set_params(classifier=DigitClassifier(random_state=seed))
    if any(name.startswith("field_classifier__") for name in names):
        from classifier.field import FieldClassifier

        chosen.set_params(field_classifier=FieldClassifier(random_state=seed))
    if any(name.startswith("number_classifier__") for name in names):
        from classifier.number import NumberClassifier

        chosen.set_params(number_classifier=NumberClassifier(random_state=seed))
    return search_reader(chosen, files.paths, files.numbers, groups=files.groups, seed=seed, **options)


def search_reader(
    reader: NumberReader,
    images: Sequence[Any],
    numbers: ArrayLike,
    *,
    folder: str | PathLike[str],
    jobs: int = 1,
    scheduler: str | None = None,
    **options: Any,
) -> Search:
    """A search that segments the images once for each segmentation setting, whatever else it varies.

    Parameters
    ----------
    reader : NumberReader
        With a segmenter, whose parameters are ``segmenter__…``.
    images, numbers
        Labelled fields.
    folder, jobs, scheduler, **options
        As in :class:`classifier.search.search.Search`.
    """

    def segmented(params: Params) -> list[Writing]:
        setting = {name: value for name, value in params.items() if name.startswith(SEGMENTER)}
        chosen = clone(reader).set_params(**setting)
        starts = range(0, len(images), CHUNK)
        with workers(jobs, scheduler) as parallel:
            parts = dict(parallel(joblib.delayed(_segment)(chosen, k, images[k : k + CHUNK]) for k in starts))
        return [writing for k in starts for writing in parts[k]]

    # A reader that learns nothing has only to segment the fold that it is scored on: no image twice as it is.
    preparation = Preparation(SEGMENTER, segmented) if reader.learns else None
    return Search(
        reader, images, numbers, folder=folder, stratified=False, jobs=jobs, scheduler=scheduler,
        preparation=preparation, setup=one_opencv_thread, **options,
    )  # fmt: skip


def _segment(reader: NumberReader, start: int, images: Sequence[Any]) -> tuple[int, list[Writing]]:
    with one_opencv_thread():
        return start, [reader.segment(image) for image in images]
