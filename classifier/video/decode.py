"""A clip -> its frames in gray, one at a time: H.264, HEVC, VP8, VP9, MPEG-4, MJPEG, AV1, GIF, animated WebP."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib.util import find_spec
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

Gray = NDArray[np.uint8]
# A frame that was decoded, to be made gray only if it is asked for.
Stream = Iterator[Callable[[], Gray]]
MAX_PIXELS = 64_000_000
SUFFIXES = frozenset({
    ".3gp", ".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm", ".webp",
})  # fmt: skip
# How containers begin, and at which byte. FFmpeg knows more; some of them are lists of other files and addresses.
MOVIES = (
    (4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (4, b"wide"), (4, b"free"), (0, b"\x1aE\xdf\xa3"), (8, b"AVI "),
    (0, b"\0\0\1\xba"), (0, b"\0\0\1\xb3"), (0, b"G@"),
)  # fmt: skip
ANIMATIONS = ((0, b"GIF8"), (8, b"WEBP"))
# Fewer frames than this share of what the container promises, and it was cut. WebM tells only how long it lasts, and
# the frames of a phone do not follow each other evenly.
WHOLE = 0.97


class Frames(Iterator[Gray]):
    """The frames of one clip; see :func:`frames`.

    Attributes
    ----------
    name : str
        Of the file.
    announced : int
        How many frames its container promises; 0 if it does not say.
    read : int
        How many were decoded so far, those that were left out among them.
    size : (width, height)
        Of the frames that are handed out.
    """

    def __init__(self, path: str | PathLike[str], every: int = 1, size: tuple[int, int] | None = None):
        if every < 1:
            raise ValueError(f"`every` should be at least 1. Received: {every}.")
        if size is not None and min(size) < 1:
            raise ValueError(f"`size` should be a width and a height of at least 1. Received: {size}.")
        self.name, self.every = Path(path).name, every
        self.announced, self._stream, first = _open(path)
        self.read = 1
        gray = first()
        self.size: tuple[int, int] = size or (gray.shape[1], gray.shape[0])
        self._next: Gray | None = gray

    def __next__(self) -> Gray:
        if self._next is None:
            raise StopIteration
        # Streams that adapt, and phones that are turned, change the size in between.
        given = _resized(self._next, self.size)
        self._next = self._decoded()
        return given

    def _decoded(self) -> Gray | None:
        """The next frame to hand out; None after the last."""
        make: Callable[[], Gray] | None = None
        for _ in range(self.every):
            make = next(self._stream, None)
            if make is None:
                return None
            self.read += 1
        return make and make()

    @property
    def missing(self) -> str:
        """After the last frame: '31 of 60 frames' if the file holds fewer than its container promises; else ''."""
        return f"{self.read} of {self.announced} frames" if self.read < WHOLE * self.announced - 1 else ""

    def close(self) -> None:
        """Close the file; after the last frame it is closed already."""
        self._next = None
        self._stream.close()  # type: ignore[attr-defined]


def frames(path: str | PathLike[str], every: int = 1, size: tuple[int, int] | None = None) -> Frames:
    """The frames of a clip in gray, in a stream: no more than two are in memory.

    Parameters
    ----------
    path : path
        A video in MP4, MOV, AVI, MKV, WebM or MPEG, or an animated GIF or WebP. The rotation that a phone notes is
        followed. AV1 needs the extra `video`.
    every : int
        Hand out the first of so many frames.
    size : (int, int), optional
        Width and height to bring the frames to. Default: those of the first frame.

    Returns
    -------
    Frames
        Iterator over (height, width) uint8. After the last one its ``missing`` says whether the file was cut.

    Raises
    ------
    OSError, ValueError
        If there is no such file, or it is no video, or no frame of it can be decoded.
    """
    return Frames(path, every, size)


def _open(path: str | PathLike[str]) -> tuple[int, Stream, Callable[[], Gray]]:
    """Frames announced, those after the first, and the first."""
    begins = _beginning(path)
    if _is_one(begins, ANIMATIONS):
        ways: list[Callable[[str], tuple[int, Stream]]] = [_by_pillow]
    elif _is_one(begins, MOVIES):
        ways = [_by_opencv, *([_by_pyav] if find_spec("av") else [])]
    else:
        raise ValueError(f"{Path(path).name} is no video that can be decoded. It begins with {begins[:8]!r}.")
    for way in ways:
        announced, stream = way(fspath(path))
        if first := next(stream, None):
            return announced, stream, first
    raise ValueError(f"No frame of {Path(path).name} can be decoded: {_why_not(fspath(path))}.")


def _beginning(path: str | PathLike[str]) -> bytes:
    """The first bytes of a regular file."""
    status = Path(path).stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe or a device would never end
        raise ValueError(f"{Path(path).name} is no regular file; expected a video.")
    with open(path, "rb") as file:
        begins = file.read(16)
    if not begins:
        raise ValueError(f"{Path(path).name} is empty; expected a video.")
    return begins


def _is_one(begins: bytes, kinds: tuple[tuple[int, bytes], ...]) -> bool:
    return any(begins[at : at + len(mark)] == mark for at, mark in kinds)


def _by_opencv(path: str) -> tuple[int, Stream]:
    """Through OpenCV's FFmpeg, which follows the rotation. It opens AV1 and gives no frame of it."""
    with _quiet():
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)

    def stream() -> Stream:
        try:
            while capture.grab():
                yield partial(_gray_of, capture)
        finally:
            capture.release()

    if capture.isOpened():
        _check_size(int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
    # Without an index this is a large negative number.
    return max(0, round(capture.get(cv2.CAP_PROP_FRAME_COUNT))), stream()


def _gray_of(capture: cv2.VideoCapture) -> Gray:
    _, frame = capture.retrieve()
    return np.asarray(frame if frame.ndim == 2 else cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))


def _by_pyav(path: str) -> tuple[int, Stream]:
    """Through PyAV, which decodes AV1 and leaves the rotation to its user."""
    import av

    def stream() -> Stream:
        try:
            with closing(av.open(path)) as container:
                for frame in container.decode(video=0):
                    _check_size(frame.width, frame.height)
                    yield partial(_upright, frame)
        # Neither a damaged file nor one without a picture is worth another answer than no more frames.
        except (av.FFmpegError, IndexError):
            return

    try:
        with closing(av.open(path)) as container:
            announced = container.streams.video[0].frames
    except (av.FFmpegError, IndexError):
        announced = 0
    return announced, stream()


def _upright(frame: Any) -> Gray:
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="gray"), frame.rotation // 90))


def _by_pillow(path: str) -> tuple[int, Stream]:
    """Animations through Pillow: `cv2.imreadanimation` keeps all frames, and reads nothing of a file that was cut."""
    try:
        image = Image.open(path, formats=("GIF", "WEBP"))
    except OSError:  # a WebP that was cut
        return 0, iter(())
    _check_size(*image.size)

    def stream() -> Stream:
        with image:
            try:
                for frame in ImageSequence.Iterator(image):
                    yield partial(_on_white, frame.convert("RGBA"))
            except (OSError, IndexError):  # what Pillow raises where a GIF ends early
                return

    # A GIF does not say; Pillow would read it to its end to count.
    return getattr(image, "n_frames", 1) if image.format == "WEBP" else 0, stream()


def _on_white(frame: Image.Image) -> Gray:
    paper = Image.new("RGBA", frame.size, "white")
    return np.array(Image.alpha_composite(paper, frame).convert("L"))


def _why_not(path: str) -> str:
    """What keeps a file that begins like a video from giving a frame."""
    with _quiet():
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    if not capture.isOpened():
        return "it is cut, or damaged"
    code = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little").decode("latin-1")
    capture.release()
    if code.lower() == "av01" and not find_spec("av"):
        return "its codec is AV1, which needs PyAV: pip install '.[video]' in tridigit's source folder"
    return f"it is cut, or there is no decoder for its codec {code!r}"


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ValueError(f"A frame should have at most {MAX_PIXELS} pixels. Received: {width}x{height}.")


def _resized(frame: Gray, size: tuple[int, int]) -> Gray:
    if (frame.shape[1], frame.shape[0]) == size:
        return frame
    smaller = size[0] < frame.shape[1]
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep OpenCV's notes on a file that it cannot open off the terminal; the error says it."""
    before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
