"""The sample clips: digits being drawn, one in each format that is read, and fields. Needs the extra `video`.

python examples/make_clips.py [FOLDER]

The fields are composed of MNIST's digits in tests/data.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.synth.clips.drawn import any_drawing, draw_clip, paced
from pipeline.synth.clips.moving import film_field
from pipeline.synth.hands import hands_of
from pipeline.synth.strokes import drawn_digits

# Digit -> file and codec; None is written by Pillow.
FORMATS = {
    0: ("drawn-0-h264.mp4", "libx264"),
    1: ("drawn-1-hevc.mp4", "libx265"),
    2: ("drawn-2-vp8.webm", "libvpx"),
    3: ("drawn-3-vp9.webm", "libvpx-vp9"),
    4: ("drawn-4-mpeg4.mp4", "mpeg4"),
    5: ("drawn-5-mjpeg.avi", "mjpeg"),
    6: ("drawn-6-av1.mp4", "libsvtav1"),
    7: ("drawn-7.gif", None),
    8: ("drawn-8.webp", None),
    9: ("drawn-9-turned.mov", "libx264"),
}  # fmt: skip
FIELDS = {"field-315.mp4": "libx264", "field-742.webm": "libvpx-vp9"}
RATE = 12
# Which form of a digit is drawn, if not the last, and the seed of all.
FORM, SEED = {2: 3}, 15
OPTIONS = {
    "libx264": {"crf": "30"}, "libx265": {"crf": "30", "x265-params": "log-level=none"},
    "libvpx": {"crf": "30", "b": "60k"}, "libvpx-vp9": {"crf": "40", "b": "0"}, "libsvtav1": {"crf": "45"},
    "mpeg4": {"qmin": "14", "qmax": "31"}, "mjpeg": {"qmin": "20", "qmax": "31"},
}  # fmt: skip
# Of a track that is to be shown a quarter turn to the right: a, b, u, c, d, v, x, y, w in fixed point.
QUARTER_TURN = np.array([0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30], ">i4").tobytes()


def clip_of(digit: int, *, side: int = 96, steps: int = 20) -> NDArray[np.uint8]:
    """Some blank frames, the digit as it is drawn, and as it stays: (n, side, side) uint8."""
    rng = np.random.default_rng([SEED, digit])
    strokes = drawn_digits(1, rng)[digit][FORM.get(digit, -1)]
    frames = draw_clip(any_drawing(paced(strokes), rng), rng, side=side, steps=steps)
    return np.concatenate([frames, np.repeat(frames[-1:], 4, axis=0)])


def film_of(number: str) -> NDArray[np.uint8]:
    """A field before a moving camera: (16, H, W) uint8, of even width and height."""
    with np.load(Path(__file__).parent.parent / "tests" / "data" / "digits.npz") as digits:
        hands = hands_of(digits["x"], digits["y"], seed=SEED)
    film = film_field(hands, np.random.default_rng([SEED, int(number)]), number=number)
    _, height, width = film.frames.shape
    return film.frames[:, : height // 2 * 2, : width // 2 * 2]


def write_movie(
    path: Path, codec: str, frames: NDArray[np.uint8], *, rate: int = RATE, options: dict[str, str] | None = None
) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=OPTIONS[codec] | (options or {}))
        stream.height, stream.width = frames.shape[1:]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.time_base = Fraction(1, rate)
        for frame in frames:
            for packet in stream.encode(
                av.VideoFrame.from_ndarray(frame, format="gray").reformat(format=stream.pix_fmt)
            ):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def turn(path: Path) -> None:
    """Note in the header of a movie that it is to be shown a quarter turn to the right, as phones do."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + len(QUARTER_TURN)] = QUARTER_TURN
    path.write_bytes(data)


def write_animation(path: Path, frames: NDArray[np.uint8]) -> None:
    images = [Image.fromarray(frame // 16 * 17 if path.suffix == ".gif" else frame) for frame in frames]
    images[0].save(path, save_all=True, append_images=images[1:], duration=1000 // RATE, quality=30)


def main(folder: str = "examples/clips") -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for digit, (name, codec) in FORMATS.items():
        small = codec == "mjpeg" or codec is None
        frames = clip_of(digit, side=64 if small else 96, steps=8 if small else 20)
        if codec is None:
            write_animation(out / name, frames)
        elif "turned" in name:
            write_movie(out / name, codec, np.rot90(frames, axes=(1, 2)))
            turn(out / name)
        else:
            write_movie(out / name, codec, frames)
    for name, codec in FIELDS.items():
        # Noise does not compress: what is left of it here is what a phone's encoder leaves.
        write_movie(out / name, codec, film_of(name[6:9]), options={"crf": "34" if codec == "libx264" else "60"})
    for path in sorted(out.iterdir()):
        print(path.name, path.stat().st_size)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main(*sys.argv[1:])
