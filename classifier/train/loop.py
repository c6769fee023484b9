"""One fit loop for every network: batches made on the fly, warm-up and cosine, the best epoch kept, resume."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

# Images and their targets; a network of several outputs has a mapping of these.
Batch = tuple[NDArray, NDArray | Mapping[str, NDArray]]
MakeBatch = Callable[[NDArray[np.intp], np.random.Generator], Batch]


# The accuracy on 5,000 digits moves in steps of 0.02% and calls lucky epochs the best; the loss is smoother.
MONITOR = "val_loss"


class Batches(keras.utils.PyDataset):
    """Shuffled batches, each made by ``make_batch(indices, rng)``.

    The generator of batch i of epoch e is seeded by (seed, e, i): a resumed training sees the
    images that an uninterrupted one would have seen.
    """

    def __init__(self, n: int, make_batch: MakeBatch, *, batch_size: int, seed: int, epoch: int = 0):
        super().__init__(workers=1, max_queue_size=16)
        self.n, self.make_batch, self.batch_size = n, make_batch, batch_size
        self.seed, self.epoch = seed, epoch
        self._shuffle()

    def _shuffle(self) -> None:
        self.order = np.random.default_rng([self.seed, self.epoch]).permutation(self.n)

    def __len__(self) -> int:
        return max(1, self.n // self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        rng = np.random.default_rng([self.seed, self.epoch, index])
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.make_batch(chosen, rng)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()


class KeepBest(keras.callbacks.Callback):
    """Keep the weights of the best epoch, stop after ``patience`` epochs without a better one.

    Keras has both as separate callbacks, but neither remembers its best across a resumed training.
    With ``folder``, the state of every finished epoch is kept there.
    """

    def __init__(self, *, patience: int, folder: Path | None, identity: dict[str, Any], seed: int = 0):
        super().__init__()
        self.patience, self.folder, self.identity, self.seed = patience, folder, identity, seed
        self.best, self.best_epoch, self.finished = np.inf, -1, 0
        self.best_weights: list[NDArray] = []
        self.files: dict[str, str] = {}
        self.history: dict[str, list[float]] = {}

    def resume(self, model: keras.Model) -> None:
        """Load the state of an interrupted training into ``model``; a folder without one changes nothing.

        Raises
        ------
        ValueError
            If that training had another identity.
        """
        if self.folder is None or not (self.folder / "state.json").exists():
            return
        state = json.loads((self.folder / "state.json").read_text())
        if state["identity"] != self.identity:
            differ = sorted(k for k in self.identity if self.identity[k] != state["identity"].get(k))
            raise ValueError(
                f"The checkpoint in {self.folder} belongs to a training with other parameters; remove it to start "
                f"anew. They differ in: {', '.join(differ)}."
            )
        # Keras loads the optimizer's state only into one that is built.
        model.optimizer.build(model.trainable_variables)
        model.load_weights(self.folder / state["files"]["best"])
        self.best_weights = model.get_weights()
        model.load_weights(self.folder / state["files"]["last"])
        self.files = state["files"]
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.finished, self.history = state["finished"], state["history"]

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.started = time.monotonic()
        # A checkpoint does not hold the state of dropout's generators. One that drops nothing has none.
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Dropout) and layer.rate:
                layer.seed_generator.state.assign([self.seed, epoch])

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = dict(logs or {}, seconds=time.monotonic() - self.started)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))
        self.finished = epoch + 1
        if better := logs[MONITOR] < self.best:
            self.best, self.best_epoch = float(logs[MONITOR]), epoch
            self.best_weights = self.model.get_weights()
        elif epoch - self.best_epoch >= self.patience:
            self.model.stop_training = True
        if self.folder is not None:
            self._write(self.folder, better)

    def _write(self, folder: Path, better: bool) -> None:
        """New files first, then the state that names them in one step: no interruption can part the two."""
        folder.mkdir(parents=True, exist_ok=True)
        for role in ["last", "best"] if better else ["last"]:
            self.files[role] = f"{role}-{self.finished}.weights.h5"
            self.model.save_weights(folder / self.files[role])
        kept = ("identity", "files", "best", "best_epoch", "finished", "history")
        part = folder / "state.json.part"
        part.write_text(json.dumps({name: getattr(self, name) for name in kept}))
        part.replace(folder / "state.json")
        for file in folder.glob("*.weights.h5"):
            if file.name not in self.files.values():
                file.unlink()


def arithmetic(policy: str) -> str:
    """The Keras dtype policy that ``policy`` stands for: 'auto' is the one that this machine trains faster in.

    That is bfloat16 on accelerators and processors with AVX-512. Others have no instructions for it, and TensorFlow's
    substitute takes many times as long as float32.
    """
    if policy != "auto":
        return policy
    extensions = np.show_config(mode="dicts")["SIMD Extensions"]
    found = [*extensions["baseline"], *extensions.get("found", [])]  # NumPy leaves out what is empty
    accelerated = any(not device.startswith("cpu") for device in keras.distribution.list_devices())
    return "mixed_bfloat16" if accelerated or "X86_V4" in found else "float32"


@contextmanager
def dtype_policy(policy: str) -> Iterator[None]:
    """Build layers under a Keras dtype policy, or 'auto', then restore the old one; see :func:`arithmetic`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(arithmetic(policy))
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def warm_cosine(peak: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Linear warm-up over the first 3% of the steps, then a cosine down to zero."""
    warmup = max(1, steps * 3 // 100)
    return keras.optimizers.schedules.CosineDecay(0.0, max(1, steps - warmup), warmup_target=peak, warmup_steps=warmup)


def fit(
    model: keras.Model,
    make_batch: MakeBatch,
    n: int,
    validation: Batch,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    patience: int,
    seed: int,
    identity: dict[str, Any],
    loss: str | Callable[[Any, Any], Any] = "categorical_crossentropy",
    loss_weights: Mapping[str, float] | None = None,
    weight_decay: float = 1e-2,
    clip_norm: float | None = None,
    metrics: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None,
    folder: Path | None = None,
    logs: str | PathLike[str] | None = None,
    verbose: int = 0,
) -> dict[str, list[float]]:
    """Train ``model`` in place with AdamW and leave it with the weights of its best epoch.

    Parameters
    ----------
    model : keras.Model
        Built, not compiled.
    make_batch : callable
        ``(indices, rng) -> (x, y)`` for indices below ``n``.
    n : int
        Images in one epoch.
    validation : (x, y)
        Its loss judges every epoch; never trained on.
    identity : dict
        What makes this training this one, as JSON values; a checkpoint of another is refused.
    loss : str or callable
        Keras's name of the loss, or ``(y, predicted) -> (n,)``; of each output.
    loss_weights : mapping, optional
        Output -> what its loss counts in the sum. Default: 1 each.
    weight_decay : float
        Of AdamW (Loshchilov & Hutter, 2019); at 0 it is Adam.
    clip_norm : float, optional
        Largest norm of a gradient.
    metrics : sequence or mapping, optional
        Keras's metrics, or ``(y, predicted) -> (n,)``; of each output, where it has several. Default: the accuracy.
    folder : path, optional
        Keeps a checkpoint of every epoch; a training started again with it goes on from there.
    logs : path, optional
        Folder for TensorBoard.

    Returns
    -------
    dict
        History: one value an epoch of loss, accuracy, val_loss, val_accuracy and seconds.
    """
    keeper = KeepBest(patience=patience, folder=folder, identity=identity | {"monitor": MONITOR}, seed=seed)
    steps = epochs * max(1, n // batch_size)
    optimizer = keras.optimizers.AdamW(warm_cosine(learning_rate, steps), weight_decay=weight_decay, clipnorm=clip_norm)
    # XLA gains these small networks nothing on a CPU.
    # Keras's "accuracy" would count single units under a binary loss.
    metrics = [keras.metrics.CategoricalAccuracy("accuracy")] if metrics is None else metrics
    model.compile(optimizer, loss, loss_weights=loss_weights, metrics=metrics, jit_compile=False)
    keeper.resume(model)
    if keeper.finished < epochs and keeper.finished - keeper.best_epoch <= patience + 1:
        batches = Batches(n, make_batch, batch_size=batch_size, seed=seed, epoch=keeper.finished)
        model.fit(
            batches,
            validation_data=validation,
            validation_batch_size=512,
            epochs=epochs,
            initial_epoch=keeper.finished,
            shuffle=False,  # Batches does; Keras would reorder them with a generator of its own
            callbacks=[keeper, *([keras.callbacks.TensorBoard(fspath(logs))] if logs else [])],
            verbose=verbose,
        )
    model.set_weights(keeper.best_weights)
    return keeper.history
