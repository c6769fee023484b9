"""What every network estimator here shares: scikit-learn's contracts on scikeras, one fit loop, files."""

from __future__ import annotations

import difflib
import json
import math
import random
import zipfile
from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import joblib
import keras
import numpy as np
from numpy.typing import NDArray
from scikeras.wrappers import KerasClassifier
from sklearn.base import BaseEstimator

from classifier.train import loop

# From stage to stage, of the augmentation and of the learning rate.
REFINE = 1 / 3
# The largest seed that Keras draws for a layer.
MOST_SEEDS = 10**9
Self = TypeVar("Self", bound="NetworkClassifier")


class NetworkClassifier(KerasClassifier):
    """Base of the classifiers: seeded fresh weights, the fit loop of :mod:`classifier.train.loop`, ``.keras`` files.

    A derived class has the parameters ``epochs``, ``refine_epochs``, ``batch_size``, ``learning_rate``,
    ``augmentation``, ``patience``, ``dtype_policy``, ``checkpoint``, ``random_state`` and ``verbose``.
    """

    model_: keras.Model
    history_: dict[str, list[float]]

    def __sklearn_tags__(self) -> Any:
        """scikeras 0.13 has no tags; without them scikit-learn takes this for no classifier."""
        from sklearn.utils import ClassifierTags

        tags = BaseEstimator.__sklearn_tags__(self)
        tags.estimator_type = "classifier"
        tags.classifier_tags = ClassifierTags()
        tags.target_tags.required = True
        return tags

    @classmethod
    def _get_param_names(cls) -> list[str]:
        """The constructor's parameters; scikeras would add those of its own that it stores."""
        return BaseEstimator._get_param_names.__func__(cls)

    def set_params(self: Self, **params: Any) -> Self:
        """Set parameters by name. scikeras takes any name that begins with ``model__``; this refuses unknown ones."""
        for name, value in params.items():
            if name not in (known := self.get_params()):
                near = difflib.get_close_matches(name, known, 3)
                raise ValueError(f"Unknown parameter {name!r}. Nearest: {near}. Known: {sorted(known)}.")
            setattr(self, name, value)
        return self

    @property
    def partial_fit(self) -> NoReturn:
        """scikeras would train on without augmentation and validation; a checkpoint goes on with a training."""
        raise AttributeError(f"{type(self).__name__} has no partial_fit.")

    def _build_keras_model(self) -> keras.Model:
        """Fresh seeded weights. scikeras's own seeding leaves op determinism on for the whole process."""
        if self.random_state is not None:
            keras.utils.set_random_seed(self.random_state)
        model = self._network()
        if self.random_state is not None:
            _draw_weights(model, self.random_state)
        return model

    def _network(self) -> keras.Model:
        """What ``model`` builds from the ``model__`` parameters."""
        prefix = "model__"
        params = {k.removeprefix(prefix): v for k, v in self.get_params().items() if k.startswith(prefix)}
        return self.model(**params)

    def _begin(self, start: str | PathLike[str] | None = None) -> None:
        """A network to train, with fresh weights or those of a ``.keras`` file, for a class with one fixed encoder."""
        self.target_encoder_ = self.target_encoder.fit([])
        self.classes_ = self.target_encoder_.classes_
        with loop.dtype_policy(self.dtype_policy):
            self.model_ = self._build_keras_model()
        if start is not None:
            self._set_weights(start)

    def _ensure_compiled_model(self) -> None:
        """Leave compiling to :func:`classifier.train.loop.fit`."""

    def _train(
        self,
        batches: Callable[[float], loop.MakeBatch],
        n: int,
        validation: loop.Batch,
        *,
        data: tuple[Any, ...],
        logs: str | PathLike[str] | None = None,
        **options: Any,
    ) -> None:
        """Train ``model_`` in stages and put it into float32.

        Each stage after the first goes on from the best weights so far, with a third of the
        augmentation and of the learning rate of the one before: images nearer to those that are read,
        smaller steps. A stage without a lower validation loss leaves the weights as they were.

        Parameters
        ----------
        batches : callable
            Strength of the augmentation -> ``make_batch`` of :func:`classifier.train.loop.fit`.
        data : tuple
            All that the batches are made from: a checkpoint of other images is refused.
        logs : path, optional
            Folder for TensorBoard; later stages have folders in it.
        **options
            Go there, too.
        """
        self.history_ = {}
        lowest = math.inf
        for stage, epochs in enumerate((self.epochs, *self.refine_epochs)):
            before = self.model_.get_weights()
            if stage:
                self._rebuild(self.dtype_policy)
            history = loop.fit(
                self.model_,
                batches(self.augmentation * REFINE**stage),
                n,
                validation,
                epochs=epochs,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate * REFINE**stage,
                patience=self.patience,
                seed=(self.random_state or 0) + stage,
                identity=self._identity(n, data),
                folder=_of_stage(self.checkpoint, stage),
                logs=_of_stage(logs, stage),
                verbose=self.verbose,
                **options,
            )
            for name, values in history.items():
                self.history_.setdefault(name, []).extend(values)
            self._rebuild("float32")
            if min(history[loop.MONITOR]) < lowest:
                lowest = min(history[loop.MONITOR])
            else:
                self.model_.set_weights(before)

    def _set_weights(self, path: str | PathLike[str]) -> None:
        """Put the weights of a ``.keras`` file into ``model_``; ValueError if they are of another network."""
        given = [np.asarray(w) for w in keras.models.load_model(path, compile=False).get_weights()]
        if [w.shape for w in given] != [w.shape for w in self.model_.get_weights()]:
            raise ValueError(f"Expected weights of a {self.model_.name} of the same size. Received: {fspath(path)!r}.")
        self.model_.set_weights(given)

    def average_with(self, path: str | PathLike[str]) -> None:
        """Replace the weights by the mean of them and those of a ``.keras`` file that the training went on from.

        Keeps what the network could do before and most of what it learned since (Wortsman et al., "Robust fine-tuning
        of zero-shot models", 2022).

        Raises
        ------
        ValueError
            If they are of another network.
        """
        own = self.model_.get_weights()
        self._set_weights(path)
        self.model_.set_weights([(a + b) / 2 for a, b in zip(self.model_.get_weights(), own, strict=True)])

    def _rebuild(self, policy: str) -> None:
        """The same network and weights under another Keras dtype policy."""
        weights = self.model_.get_weights()
        with loop.dtype_policy(policy):
            self.model_ = self._build_keras_model()
        self.model_.set_weights(weights)

    def _identity(self, n: int, data: tuple[Any, ...]) -> dict[str, Any]:
        """What a resumed training has to share with the interrupted one."""
        free = {"checkpoint", "features", "logs", "verbose", "model", "patience"}
        params = {k: v for k, v in self.get_params().items() if k not in free}
        params["dtype_policy"] = loop.arithmetic(self.dtype_policy)
        facts = {"network": self.network_name, "n": n, "data": joblib.hash(data)}
        # As JSON would give it back, where a tuple is a list.
        return dict(json.loads(json.dumps(params | facts, default=str)))

    @property
    def network_name(self) -> str:
        """What the network is called on its card."""
        return str(self.model.__name__)

    def _predicted(self, X: NDArray) -> NDArray[np.float32]:
        """Outputs of the network for images that have been checked."""
        if not len(X):
            return np.zeros((0, *self.model_.output_shape[1:]), np.float32)
        return np.asarray(self.model_.predict(X, batch_size=256, verbose=0))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the trained network to a ``.keras`` file."""
        self.model_.save(path)
        _deflate(Path(path))

    @classmethod
    def load(cls: type[Self], path: str | PathLike[str]) -> Self:
        """Read a trained network. Parameters of the training are not in the file and take their defaults."""
        loaded = cls()
        loaded.model_ = keras.models.load_model(path)
        loaded.target_encoder_ = loaded.target_encoder.fit([])
        loaded.classes_ = loaded.target_encoder_.classes_
        return loaded


def _deflate(path: Path) -> None:
    """Compress the archive that Keras stores as it is; Keras reads either."""
    part = path.with_name(path.name + ".part")
    with zipfile.ZipFile(path) as stored, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in stored.infolist():
            packed.writestr(member, stored.read(member), zipfile.ZIP_DEFLATED)
    part.replace(path)


def _draw_weights(model: keras.Model, seed: int) -> None:
    """Draw the kernels again as Keras drew them, from a generator of their own.

    Keras takes the seed of each layer from Python's global generator, and in a worker of a cluster other threads draw
    from that in between.
    """
    draws = random.Random(seed)
    for layer in model.layers:
        part = getattr(layer, "cell", layer)  # of a recurrent layer
        names = [name for name in ("kernel", "recurrent_kernel") if _draws_by_chance(part, name, seed)]
        for name in names:
            kind, kernel = getattr(part, f"{name}_initializer"), getattr(part, name)
            drawn = kind.from_config(kind.get_config() | {"seed": draws.randint(1, MOST_SEEDS)})
            kernel.assign(drawn(kernel.shape, kernel.dtype))
        if not names and isinstance(layer, keras.layers.Dropout) and layer.rate:
            draws.randint(1, MOST_SEEDS)


def _draws_by_chance(part: Any, name: str, seed: int) -> bool:
    """Whether a layer has such a kernel and no seed of its own for it."""
    kind = getattr(part, f"{name}_initializer", None)
    return kind is not None and kind.get_config().get("seed", seed) is None


def _of_stage(folder: str | PathLike[str] | None, stage: int) -> Path | None:
    """A folder of each stage's own."""
    if folder is None:
        return None
    return Path(folder) / f"refine-{stage}" if stage else Path(folder)
