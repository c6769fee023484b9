"""Weights of a ``.pth`` file as arrays, without torch, and without running anything that stands in the file."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from os import PathLike, fspath
from typing import Any, BinaryIO, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

# How a file of torch before 1.6 begins, and those of later ones, which are zip archives.
MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
STORAGES = {"FloatStorage": np.float32, "LongStorage": np.int64}


class Place(NamedTuple):
    """Where a tensor's numbers lie: in storage ``key`` from ``offset``, counted in numbers."""

    key: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor_v2(storage: str, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> Place:
    return Place(storage, offset, tuple(size), tuple(stride))


class _Unpickler(pickle.Unpickler):
    """Knows dictionaries and tensors of float32 and int64, and nothing else: a pickle may name any function to call."""

    KNOWN: ClassVar[dict[tuple[str, str], Callable[..., Any] | str]] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor_v2,
        **{("torch", name): name for name in STORAGES},
    }

    def __init__(self, file: BinaryIO):
        super().__init__(file)
        self.kinds: dict[str, str] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.KNOWN:
            raise ValueError(f"A file of weights should have tensors alone. Received: a call of {module}.{name}.")
        return self.KNOWN[module, name]

    def persistent_load(self, pid: Any) -> str:
        _, kind, key, *_ = pid
        self.kinds[key] = kind
        return str(key)


def read_pth(path: str | PathLike[str]) -> dict[str, NDArray]:
    """Name -> array of each tensor, in the file's order.

    Raises
    ------
    ValueError
        If the file is damaged, of another form, or would call anything but what builds tensors.
    OSError
        If it cannot be read.
    """
    with open(path, "rb") as file:
        try:
            if (_Unpickler(file).load(), _Unpickler(file).load()) != (MAGIC, PROTOCOL):
                raise ValueError("it begins otherwise")
            _Unpickler(file).load()  # sizes and byte order of the machine: those of today's
            unpickler = _Unpickler(file)
            places = unpickler.load()
            storages = {key: _storage(file, unpickler.kinds[key]) for key in _Unpickler(file).load()}
            return {name: _tensor(place, storages) for name, place in places.items()}
        except (pickle.UnpicklingError, AttributeError, EOFError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"Expected weights as torch wrote them before 1.6, in {fspath(path)!r}. Received: {error}"
            ) from error


def _storage(file: BinaryIO, kind: str) -> NDArray:
    n = int(np.frombuffer(file.read(8), "<i8")[0])
    dtype = np.dtype(STORAGES[kind])
    found = np.frombuffer(file.read(n * dtype.itemsize), dtype)
    if len(found) != n:
        raise EOFError(f"{len(found)} of {n} numbers")
    return found


def _tensor(place: Place, storages: dict[str, NDArray]) -> NDArray:
    values = storages[place.key]
    last = place.offset + sum((n - 1) * step for n, step in zip(place.shape, place.strides, strict=True))
    if min((place.offset, *place.shape, *place.strides)) < 0 or last >= len(values):
        raise ValueError(f"a tensor beyond its {len(values)} numbers")
    steps = [step * values.itemsize for step in place.strides]
    return np.lib.stride_tricks.as_strided(values[place.offset :], place.shape, steps).copy()
