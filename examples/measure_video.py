"""The figures of docs/video.md.

python examples/measure_video.py drawn STROKES_NPZ      digits of 14 test writers, over time
python examples/measure_video.py fields MNIST_NPZ [N]   fields before a moving camera, of MNIST's test digits
python examples/measure_video.py speed                  share of decoding, and memory of a long clip
python examples/measure_video.py figure [PNG]           curves, accuracy over time and confusions of the training
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from classifier.data.mnist import load_mnist
from classifier.data.writers import read_traces
from classifier.runtime import WEIGHTS, Runtime
from classifier.video.decode import Frames, frames
from classifier.video.features import DIGIT
from classifier.video.over_time import SHARES, answers_after, of_last_frame, of_mean
from classifier.video.runtime import NAME, VideoRuntime
from pipeline.benchmark.metrics import Share
from pipeline.show.style import styled
from pipeline.synth.clips.moving import film_field
from pipeline.synth.hands import hands_of
from pipeline.watch.drawn import SURE, DrawnReader
from pipeline.watch.field import FilmReader, mean_log, number_of
from pipeline.watch.learn import seen

# Of the composed clips.
SEED = 3


def drawn(path: str) -> None:
    """Each trace on a sheet, a board or a screen, found there again: with a usual pen, and with any hand and pen."""
    traces = read_traces(path, "test")
    digit, network = Runtime.of_package(DIGIT), VideoRuntime.of_package()
    for name, plain in (("as traced, usual pen", True), ("other pens and slants", False)):
        clips = seen(traces, seed=1, plain=plain)
        probabilities = network.predict_proba(clips.X)
        print(f"{name}: {len(clips.y):,} clips of {len({t.writer for t in traces})} writers")
        after = answers_after(probabilities, clips.lengths)
        for k, share in enumerate(SHARES):
            tell(f"after {share:.0%} of the frames", after[:, k] == clips.y)
        tell("last frame alone", of_last_frame(digit, clips) == clips.y)
        tell("mean of frames", of_mean(digit, clips) == clips.y)
        sure = probabilities[:, -1].max(axis=1) >= SURE
        tell(f"those with a probability of {SURE}, {sure.mean():.1%} of all", (after[:, -1] == clips.y)[sure])


def fields(path: str, n: str = "500") -> None:
    """Composed fields, MNIST's test digits among their hands, filmed by a moving and noisy camera."""
    mnist = load_mnist(path)
    hands, reader = hands_of(mnist.x_test, mnist.y_test, seed=SEED), FilmReader()
    numbers = [f"{number:03d}" for number in np.random.default_rng(SEED).integers(0, 1000, int(n))]
    right: dict[str, list[bool]] = {}
    accepted: list[bool] = []
    for k, number in enumerate(numbers):
        film = film_field(hands, np.random.default_rng([SEED, k]), number=number)
        read = reader.read(film.frames)
        given = {
            "the sharpest frame, all readers": reader.reader.read(film.frames[read.sharpest]).number,
            "the field reader: any one frame": read.said[k % len(read.said)].number,
            "the field reader: mean of log-probabilities": number_of(mean_log(read.said)),
            "the field reader: what most frames give": read.reading.by_reader["frames"],
            "joined": read.reading.number,
        }
        for what, answer in given.items():
            right.setdefault(what, []).append(answer == number)
        accepted.append(read.reading.status == "accept")
        if k % 50 == 49 or k + 1 == len(numbers):
            _tell_fields(right, accepted)


def _tell_fields(right: dict[str, list[bool]], accepted: list[bool]) -> None:
    print(f"{len(accepted)} clips")
    for what, answers in right.items():
        tell(what, np.array(answers))
    taken = np.array(accepted)
    wrong = int((taken & ~np.array(right["joined"])).sum())
    print(f"accepted: {Share(int(taken.sum()), len(taken))}, {wrong} wrong among them", flush=True)


def tell(what: str, right: np.ndarray) -> None:
    print(f"  {what}: {Share(int(right.sum()), len(right))}")


def speed() -> None:
    """A clip of 300 frames in 1080p, H.264: seconds to decode and to watch; memory after many frames."""
    from make_clips import clip_of, write_movie

    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        drawing = np.stack([cv2.resize(frame, (1920, 1080)) for frame in clip_of(3, steps=56)])
        write_movie(path, "libx264", np.repeat(drawing, 5, axis=0), rate=30)
        for name, watch in (("drawn", DrawnReader().read), ("field", FilmReader().read)):
            alone, whole = (best_of(3, run, path) for run in (decode, watch_with(watch)))
            print(f"{name}: decoding alone {alone:.2f} s, watching {whole:.2f} s, {whole / alone:.2f} times")
    for n in (1_000, 10_000):
        FilmReader().read(np.full((480, 640), k % 200, np.uint8) for k in range(n))
        print(f"{n:,} frames: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


def decode(path: Path) -> None:
    """What OpenCV takes for all frames."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    while capture.read()[0]:
        pass


def watch_with(read: Callable[[Frames], object]) -> Callable[[Path], None]:
    return lambda path: read(frames(path)) and None


def best_of(times: int, run: Callable[[Path], None], path: Path) -> float:
    """The shortest of some runs, in seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        run(path)
        found.append(time.perf_counter() - began)
    return min(found)


def figure(path: str = "examples/video.png") -> None:
    """From what the training wrote beside its weights."""
    told = json.loads((WEIGHTS / f"{NAME}.json").read_text())
    history, epochs = told["history"], np.arange(1, len(told["history"]["loss"]) + 1)
    with styled(columns=3, size=(12, 3.6)) as (drawing, ((curves, over_time, confusions),)):
        for part, style in (("training", ":"), ("validation", "-")):
            values = history["val_accuracy" if part == "validation" else "accuracy"]
            curves.plot(epochs, 100 * (1 - np.array(values)), style, color="black", label=part)
        curves.set(xlabel="epoch", ylabel="error after the last frame, %", title="training", yscale="log")
        curves.legend()
        for part, style in (("validation", "o-"), ("test", "s--")):
            rights = [float(told[part]["right"][f"after {share:.0%} of the frames"].split("%")[0]) for share in SHARES]
            over_time.plot(100 * np.array(SHARES), rights, style, color="black", label=f"{part} writers")
        over_time.set(xlabel="share of the frames, %", ylabel="right, %", title="other pens and slants")
        over_time.legend()
        counts = np.array(told["test"]["confusion"])
        confusions.imshow(np.minimum(counts, 20), cmap="Greys", vmax=25)
        for (row, column), n in np.ndenumerate(counts):
            if n:
                confusions.text(
                    column, row, n, ha="center", va="center", fontsize=6.5, color="white" if n > 14 else "black"
                )
        confusions.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="drawn", title="test writers")
        confusions.grid(False)
        drawing.savefig(path, dpi=100)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    {"drawn": drawn, "fields": fields, "speed": speed, "figure": figure}[sys.argv[1]](*sys.argv[2:])
