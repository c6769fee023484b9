"""Damaged files, odd arrays and pictures, changed profiles and tables, each made from a number; and what must hold."""

from __future__ import annotations

import io
import json
import tempfile
import warnings
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline import NumberReader, Reading
from pipeline.batch.files import Source
from pipeline.batch.journal import Progress
from pipeline.batch.read import Row
from pipeline.batch.sinks import Numbers
from pipeline.batch.table import Output
from pipeline.decision.profile import Profile
from pipeline.forms.form import Form
from pipeline.forms.pages import count_pages, load_page

# Small ones: what is damaged counts, not how much is read.
SAMPLES = sorted((Path(__file__).parents[2] / "examples" / "images").glob("t*.png"))[::2]
FORM = Path(__file__).parents[2] / "examples" / "forms" / "survey.toml"
DEFAULT_PROFILE = Path(Profile.__module__.replace(".", "/")).with_name("profiles") / "default.json"
# Most images may have few pixels, so that a header that says many does not take the time of a thousand others.
FEW_PIXELS, ALL_PIXELS_EVERY = 300_000, 500
STATUSES = ("accept", "review", "unreadable")
SAVED = {
    "png": {}, "jpeg": {}, "gif": {}, "bmp": {}, "tiff": {}, "webp": {}, "avif": {}, "jpeg2000": {}, "ppm": {},
    "png.rgba": {"mode": "RGBA"}, "png.p": {"mode": "P"}, "png.1": {"mode": "1"}, "png.16": {"mode": "I;16"},
    "png.frames": {"save_all": True, "append_images": 1}, "jpeg.cmyk": {"mode": "CMYK"}, "jpeg.rgb": {"mode": "RGB"},
    "jpeg.steps": {"progressive": True}, "gif.frames": {"save_all": True, "append_images": 1},
    "tiff.lzw": {"compression": "tiff_lzw"}, "tiff.zip": {"compression": "tiff_adobe_deflate"},
    "tiff.g4": {"mode": "1", "compression": "group4"}, "tiff.16": {"mode": "I;16"}, "tiff.f": {"mode": "F"},
    "tiff.pages": {"save_all": True, "append_images": 1}, "webp.lossless": {"lossless": True}, "ppm.1": {"mode": "1"},
    "bmp.p": {"mode": "P"}, "heif": {},
}  # fmt: skip
ODD = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@cache
def saved_samples() -> list[bytes]:
    """The sample fields in every format that can be written here."""
    found = []
    for name, options in SAVED.items():
        for sample in SAMPLES:
            with Image.open(sample) as image:
                image = image.convert("L")
            image = image.convert(options["mode"]) if "mode" in options else image
            more = {"append_images": [image.rotate(9)]} if "append_images" in options else {}
            kind, file = name.split(".")[0], io.BytesIO()
            if kind == "heif":
                try:
                    import pillow_heif
                except ImportError:
                    continue
                pillow_heif.from_pillow(image).save(file)
            else:
                image.save(file, kind, **{k: v for k, v in options.items() if k != "mode"} | more)
            found.append(file.getvalue())
    return found


def mutated(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed, cut out, put in twice, or taken from elsewhere."""
    out = bytearray(data)
    for _ in range(1 + rng.geometric(0.4)):
        n = max(1, len(out))
        # Headers are near the beginning, and decide the most.
        at = int(rng.integers(n) if rng.random() < 0.5 else min(n - 1, rng.geometric(0.02)))
        size = int(min(rng.geometric(0.05), n))
        match rng.integers(8):
            case 0 if out:
                out[at] ^= 1 << int(rng.integers(8))
            case 1 if out:
                out[at] = int(rng.integers(256))
            case 2:
                width = int(rng.choice([1, 2, 4]))
                value = int(rng.choice(ODD)) & (256**width - 1)
                out[at : at + width] = value.to_bytes(width, str(rng.choice(["big", "little"])))
            case 3:
                del out[at : at + size]
            case 4:
                out[at:at] = out[at : at + size]
            case 5:
                del out[at:]
            case 6:
                out[at : at + size] = rng.bytes(size)
            case 7:
                start = int(rng.integers(max(1, len(other))))
                out[at:] = other[start:]
    return mended_png(bytes(out)) if rng.random() < 0.7 else bytes(out)


def mended_png(data: bytes) -> bytes:
    """Checksums put right, so that what was changed is looked at."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = zlib.crc32(out[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(out)


def check(reading: Any) -> None:
    """What every reading keeps."""
    assert isinstance(reading, Reading)
    assert reading.status in STATUSES
    assert 0 <= reading.confidence <= 1
    assert bool(reading.number) == (reading.status != "unreadable")
    assert reading.number == "".join(str(digit.value) for digit in reading.digits)


@cache
def reader(max_pixels: int = FEW_PIXELS) -> NumberReader:
    return NumberReader.pretrained(max_pixels=max_pixels)


def a_file(rng: np.random.Generator) -> None:
    samples = saved_samples()
    first, second = (samples[k] for k in rng.integers(len(samples), size=2))
    of = reader(64_000_000) if rng.integers(ALL_PIXELS_EVERY) == 0 else reader()
    check(of.set_params(digits=(1, 6) if rng.random() < 0.3 else 3).read(mutated(first, second, rng)))


def a_sample(rng: np.random.Generator) -> None:
    check(reader().set_params(digits=3).read(SAMPLES[rng.integers(len(SAMPLES))]))


def an_array(rng: np.random.Generator) -> None:
    kind = str(rng.choice(["?", "u1", "u2", "u4", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "O", "S3", "M8[s]"]))
    shape = tuple(int(side) for side in rng.integers(0, 90, size=rng.choice([0, 1, 2, 2, 2, 3])))
    shape = (*shape[:2], *rng.integers(6, size=rng.choice([1, 1, 2])).tolist()) if len(shape) == 3 else shape
    top = float(rng.choice([0.5, 1, 2, 255, 256, 70_000]))
    values = rng.random(shape) * top if rng.random() < 0.5 else top * (rng.random(shape) < 0.1)
    values = np.asarray(values)
    if rng.random() < 0.1 and values.size:
        values.flat[rng.integers(values.size)] = rng.choice([np.nan, np.inf, -1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the conversion, here
        array = values.astype(np.int64).astype(kind) if kind == "M8[s]" else values.astype(kind)
    array = array[::-1] if rng.random() < 0.2 and array.ndim else array
    array = array.T if rng.random() < 0.2 else array
    check(reader().set_params(digits=3).read(array))


def a_picture(rng: np.random.Generator) -> None:
    """A PIL image in any mode."""
    with Image.open(SAMPLES[rng.integers(len(SAMPLES))]) as image:
        image = image.convert("L").resize(tuple(int(side) for side in rng.integers(1, 120, size=2)))
    mode = str(rng.choice(["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "LA", "PA", "I;16", "La"]))
    check(
        reader().set_params(digits=3).read(image.convert("LA").convert(mode) if mode == "La" else image.convert(mode))
    )


def a_profile(rng: np.random.Generator) -> None:
    """Bytes of the package's profile changed, or one of its values replaced."""
    text = profile_text()
    if rng.random() < 0.5:
        data = mutated(text, text, rng)
    else:
        kept = json.loads(text)
        replace_a_value(kept, rng)
        data = json.dumps(kept).encode()
    path = workplace() / "profile.json"
    path.write_bytes(data)
    of = NumberReader(**reader().get_params(deep=False) | {"profile": Profile.load(path)})
    check(of.read(SAMPLES[rng.integers(len(SAMPLES))]))


@cache
def profile_text() -> bytes:
    """A profile of few wrong readings, so that what is changed is seldom one of thousands of numbers."""
    kept = json.loads((Path(__file__).parents[2] / DEFAULT_PROFILE).read_text())
    for acceptance in kept["acceptance"].values():
        acceptance["wrong"] = acceptance["wrong"][:3]
    return json.dumps(kept, indent=1).encode()


def replace_a_value(tree: Any, rng: np.random.Generator) -> None:
    """Walk down at random, and put something odd in the place."""
    while True:
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        key = keys[rng.integers(len(keys))]
        if not (isinstance(tree[key], dict | list) and tree[key]) or rng.random() < 0.1:
            break
        tree = tree[key]
    odd = [None, True, "", "x", -1, 0, 1, 0.5, 1e308, 10**400, float("nan"), float("inf"), [], {}, [[]], {"a": 1}, "1"]
    if (k := int(rng.integers(len(odd) + 1))) == len(odd):
        del tree[key]
    else:
        tree[key] = odd[k]


def a_table(rng: np.random.Generator) -> None:
    """A table or its journal changed; then it is gone on with, refused, or finished."""
    form = str(rng.choice(["csv", "jsonl", "parquet"]))
    output, run = Output(workplace() / f"out.{form}", form, Numbers(3), 2), {"files": "abc"}
    for path in workplace().glob("out.*"):
        path.unlink()
    sources = [Source(f"{k}.png", f"{k}.png") for k in range(7)]
    try:
        with output.opened(run, Progress()) as table:
            for source in sources[: rng.integers(8)]:
                table.add(Row(source.name, None, "why"))
            if stopped := rng.random() < 0.8:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        stopped = True
    paths = sorted(workplace().glob("out.*"))
    path = paths[rng.integers(len(paths))]
    path.write_bytes(mutated(path.read_bytes(), path.read_bytes(), rng))
    if output.finished(sources) is None and stopped:
        assert 0 <= output.begun(run).rows <= len(sources)


def a_form(rng: np.random.Generator) -> None:
    """A form's file with bytes changed; what is still a form is saved and loaded as the same."""
    text, path = FORM.read_bytes(), workplace() / "form.toml"
    at = int(rng.integers(len(text)))
    one = text[:at] + str(rng.choice(list('0123456789.,-[]"=\n'))).encode() + text[at + 1 :]
    path.write_bytes(one if rng.random() < 0.5 else mutated(text, text, rng))
    form = Form.load(path)
    form.save(path)
    assert Form.load(path).places == form.places


def a_scan(rng: np.random.Generator) -> None:
    """Pages of a TIFF with bytes changed; a PDF's library looks at its own."""
    samples = [data for data in saved_samples() if data.startswith((b"II", b"MM"))]
    first, second = (samples[k] for k in rng.integers(len(samples), size=2))
    data = mutated(first, second, rng) if rng.random() < 0.8 else first
    for page in range(1, min(3, count_pages(data)) + 1):
        assert load_page(data, page, max_pixels=FEW_PIXELS).dtype == np.uint8


@cache
def workplace() -> Path:
    return Path(tempfile.mkdtemp(prefix="tridigit-fuzz-"))


# Kind -> what is done with an item of it, the errors that are documented, and its share of the items.
Errors = tuple[type[Exception], ...]
KINDS: dict[str, tuple[Callable[[np.random.Generator], None], Errors, float]] = {
    "file": (a_file, (ValueError,), 0.6),
    "sample": (a_sample, (), 0.06),
    "array": (an_array, (ValueError, TypeError), 0.12),
    "picture": (a_picture, (ValueError, TypeError), 0.05),
    "profile": (a_profile, (ValueError,), 0.08),
    "table": (a_table, (ValueError,), 0.05),
    "form": (a_form, (ValueError,), 0.02),
    "scan": (a_scan, (ValueError,), 0.02),
}


def item(seed: int, number: int, only: str | None = None) -> tuple[str, np.random.Generator]:
    """Kind and source of chance of an item; all are of the kind ``only``, if that is given."""
    rng = np.random.default_rng((seed, number))
    return only or str(rng.choice(list(KINDS), p=[share for *_, share in KINDS.values()])), rng


def run_item(seed: int, number: int, only: str | None = None) -> str:
    """Do what an item asks for: 'answered' or 'refused'; raises what is no documented error, warnings included."""
    kind, rng = item(seed, number, only)
    work, errors, _ = KINDS[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            work(rng)
        except errors:
            return "refused"
    return "answered"
