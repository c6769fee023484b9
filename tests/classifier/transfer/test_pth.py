"""Weights of a file of torch, without torch and without running what stands in it."""

import io
import os
import pickle
import struct
import types

import numpy as np
import pytest

from classifier.transfer.pth import read_pth

MAGIC = 0x1950A86A20F9469CFC6C


class FloatStorage:
    """Stands for torch's class of this name."""


def _rebuild_tensor_v2(*args):
    """Stands for torch's function of this name."""


class Tensor:
    """Pickled as torch pickles one: a call with a storage that is named and lies elsewhere."""

    def __init__(self, key, offset, size, stride):
        self.where = key, offset, size, stride

    def __reduce__(self):
        key, offset, size, stride = self.where
        return _rebuild_tensor_v2, (Storage(key), offset, size, stride, False, {})


class Storage(str):
    pass


class Pickler(pickle.Pickler):
    def persistent_id(self, given):
        return ("storage", FloatStorage, str(given), "cpu", 6, None) if isinstance(given, Storage) else None


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Function: a file as torch wrote them, of this dictionary and these storages."""
    monkeypatch.setattr(FloatStorage, "__module__", "torch")
    monkeypatch.setattr(_rebuild_tensor_v2, "__module__", "torch._utils")
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch.FloatStorage, torch._utils, utils._rebuild_tensor_v2 = FloatStorage, utils, _rebuild_tensor_v2
    monkeypatch.setitem(__import__("sys").modules, "torch", torch)
    monkeypatch.setitem(__import__("sys").modules, "torch._utils", utils)

    def to_file(tensors, storages=None, magic=MAGIC):
        out = io.BytesIO()
        for head in (magic, 1001, {"little_endian": True}):
            pickle.dump(head, out, protocol=2)
        Pickler(out, protocol=2).dump(tensors)
        pickle.dump([*(storages or {})], out, protocol=2)
        for values in (storages or {}).values():
            out.write(struct.pack("<q", len(values)) + np.asarray(values, np.float32).tobytes())
        (tmp_path / "w.pth").write_bytes(out.getvalue())
        return tmp_path / "w.pth"

    return to_file


def test_tensors_come_back_by_name_and_order(write):
    tensors = {"b": Tensor("0", 0, (2, 3), (3, 1)), "a": Tensor("0", 1, (3, 2), (1, 3))}
    with pytest.raises(ValueError, match="a tensor beyond its 6 numbers"):
        read_pth(write(tensors, {"0": np.arange(6)}))
    tensors["a"] = Tensor("0", 0, (3, 2), (1, 3))  # the other one transposed
    found = read_pth(write(tensors, {"0": np.arange(6)}))
    assert list(found) == ["b", "a"]
    assert found["b"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["a"].tolist() == found["b"].T.tolist()


class Harmful:
    def __reduce__(self):
        return os.system, ("touch harm",)


def test_nothing_in_the_file_runs(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"tensors alone. Received: a call of posix.system"):
        read_pth(write({"a": Harmful()}))
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("content", [b"", b"no pickle", b"PK\x03\x04" + bytes(60)])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(ValueError, match=r"Expected weights as torch wrote them before 1.6, in .*w.pth"):
        read_pth(tmp_path / "w.pth")


def test_a_file_that_is_cut_short_is_refused(write):
    file = write({"a": Tensor("0", 0, (6,), (1,))}, {"0": np.arange(6)})
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(ValueError, match="5 of 6 numbers"):
        read_pth(file)
    with pytest.raises(ValueError, match="it begins otherwise"):
        read_pth(write({}, magic=1))
