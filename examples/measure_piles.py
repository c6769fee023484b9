"""Print the figures of docs/scale.md: piles of files, killed runs, clusters, one line or a few each.

    python examples/measure_piles.py FOLDER NAME...

NAME is memory, kills, deaths, cluster, local or localcluster; ``NAME=N`` takes another number of files (of kills: of
runs). FOLDER gets the files, all of them links to the sample fields that come with the project. Ratios are of runs that
take turns: whatever else the machine does weighs on both. Needs `pip install '.[dev]'`.
"""

import csv
import os
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

SAMPLES = sorted((Path(__file__).parent / "images").glob("*.png"))
CLEAN = [path for path in SAMPLES if path.name.startswith(("spaced", "triple_mnist"))]
READ = [sys.executable, "-m", "pipeline.commands.main", "read"]
ROUNDS = 3
SECONDS_BETWEEN_DEATHS = 5


def make_files(root: Path, n: int, images: list[Path] = SAMPLES) -> Path:
    """A folder with ``n`` links to these images; made once."""
    folder = root / f"{len(images)}x{n}"
    if not folder.exists():
        new = folder.with_suffix(".new")
        new.mkdir(parents=True)
        copies = [root / f"{len(images)}-{image.name}" for image in images]
        for image, copy in zip(images, copies, strict=True):
            copy.write_bytes(image.read_bytes())
        for k in range(n):
            os.link(copies[k % len(copies)], new / f"{k:07d}.png")
        new.rename(folder)
    return folder


class Took(NamedTuple):
    """Seconds that reading took, and processor seconds of all that took part."""

    seconds: float
    processor: float


def read(folder: Path, output: Path, *more: str, workers_of: psutil.Process | None = None) -> Took:
    """Read; the seconds are those of the command's last line: without loading the networks."""
    before = processor_seconds(workers_of)
    done = subprocess.run([*READ, str(folder), "-o", str(output), *more], capture_output=True, text=True, check=True)
    seconds = float(re.findall(r"; ([\d.]+) s$", done.stderr.strip())[-1])
    return Took(seconds, processor_seconds(workers_of) - before)


def processor_seconds(workers_of: psutil.Process | None) -> float:
    """Of all commands that have ended, and of the workers that this process has."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    times = [p.cpu_times() for p in (workers_of.children(recursive=True) if workers_of else ())]
    return ended.ru_utime + ended.ru_stime + sum(t.user + t.system for t in times)


def peak_memory(command: list[str]) -> tuple[float, float]:
    """The greatest memory of all processes of a command together, in MB, and the greatest of the first one alone."""
    process = psutil.Popen(command, stderr=subprocess.DEVNULL)
    together, alone = 0, 0
    while process.poll() is None:
        try:
            sizes = [p.memory_full_info().pss for p in (process, *process.children(recursive=True))]
            together, alone = max(together, sum(sizes)), max(alone, sizes[0])
        except psutil.Error:
            pass  # a process ended between the two calls
        time.sleep(0.2)
    return together / 1e6, alone / 1e6


def memory(root: Path, n: int = 100_000) -> None:
    peaks = []
    for count in (n // 10, n):
        folder, output = make_files(root, count), root / "memory.csv"
        began = time.perf_counter()
        peaks.append(peak_memory([*READ, str(folder), "--workers", "2", "-o", str(output)]))
        together, alone = peaks[-1]
        rate = count / (time.perf_counter() - began)
        print(f"{count:,} files, 2 processes: peak {together:.0f} MB, first process {alone:.0f} MB; {rate:.0f} files/s")
    print(f"peak against a tenth of the files: {peaks[1][0] / peaks[0][0]:.3f}, first {peaks[1][1] / peaks[0][1]:.3f}")


def rows_written(output: Path) -> bytes:
    part = output.with_name(f"{output.name}.part")
    path = part if output.suffix == ".parquet" else output
    return path.read_bytes() if path.exists() else b""


def kills(root: Path, n: int = 100) -> None:
    """Runs that are killed at a random moment and gone on with, in each format, with one process and with two."""
    folder, rng = make_files(root, 200), random.Random(0)
    whole, seconds, finished = {}, {}, {}
    for suffix in ("csv", "jsonl", "parquet"):
        whole[suffix] = root / f"whole.{suffix}"
        began = time.perf_counter()
        read(folder, whole[suffix], "--batch-size", "8")
        seconds[suffix] = time.perf_counter() - began
        finished[suffix] = whole[suffix].read_bytes()
    lines = {"csv": finished["csv"], "jsonl": finished["jsonl"], "parquet": finished["jsonl"]}
    same = torn = under_way = 0
    for k in range(n):
        suffix = ("csv", "jsonl", "parquet")[k % 3]
        output = root / f"killed.{suffix}"
        for path in root.glob(f"{output.name}*"):
            path.unlink()
        options = ["-o", str(output), "--batch-size", "8", "--workers", str(1 + k // 3 % 2)]
        process = subprocess.Popen([*READ, str(folder), *options], stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, seconds[suffix]))
        process.kill()
        process.wait()
        left = rows_written(output)
        under_way += 0 < len(left) < len(lines[suffix])
        torn += not (lines[suffix].startswith(left) and left[-1:] in (b"", b"\n"))
        subprocess.run([*READ, str(folder), *options, "--resume"], stderr=subprocess.DEVNULL, check=True)
        same += output.read_bytes() == finished[suffix]
    print(f"{n} runs killed, {under_way} of them with part of the table written, {torn} with a row that was not whole;")
    print(f"  then --resume: {same} of {n} tables the same, byte for byte, as of an uninterrupted run")


@contextmanager
def cluster(port: int, workers: int) -> Iterator[tuple[str, psutil.Process]]:
    """A scheduler and so many workers of one thread: address, and the process whose children the workers are."""
    address, quiet = f"tcp://127.0.0.1:{port}", {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen([*dask, "scheduler", "--port", str(port), "--dashboard-address", ":0"], **quiet)
    options = ["--nworkers", str(workers), "--nthreads", "1", "--no-dashboard"]
    nannies = psutil.Popen([*dask, "worker", address, *options], **quiet)
    try:
        time.sleep(8)
        yield address, nannies
    finally:
        for process in (nannies, scheduler):
            process.terminate()
            process.wait()


def ratio(name: str, pairs: list[tuple[Took, Took]], n: int) -> None:
    """Where the machine does other things, the processor time tells more: twice its ratio is the most there can be."""
    each = ", ".join(f"{one.seconds / two.seconds:.2f}" for one, two in pairs)
    middle = median(one.seconds / two.seconds for one, two in pairs)
    processor = median(one.processor / two.processor for one, two in pairs)
    rates = [n / median(took.seconds for took in side) for side in zip(*pairs, strict=True)]
    print(f"{name}: {middle:.2f} times as fast, {rates[0]:.0f} and {rates[1]:.0f} files/s; each round {each};")
    print(f"  by processor time at most {2 * processor:.2f} times; load of the machine {os.getloadavg()[0]:.0f}")


def cluster_of_two(root: Path, n: int = 10_000) -> None:
    folder, warm = make_files(root, n, CLEAN), make_files(root, 200, CLEAN)
    with cluster(8791, 1) as one, cluster(8792, 2) as two:

        def on(which: tuple[str, psutil.Process], files: Path, name: str) -> Took:
            return read(files, root / f"{name}.csv", "--scheduler", which[0], workers_of=which[1])

        for which in (one, two):
            on(which, warm, "warm")
        pairs = [(on(one, folder, "one"), on(two, folder, "two")) for _ in range(ROUNDS)]
    assert (root / "one.csv").read_bytes() == (root / "two.csv").read_bytes()
    ratio("two Dask workers against one", pairs, n)


def local(root: Path, n: int = 10_000) -> None:
    folder = make_files(root, n, CLEAN)
    pairs = [
        (read(folder, root / "one.csv", "--workers", "1"), read(folder, root / "two.csv", "--workers", "2"))
        for _ in range(ROUNDS)
    ]
    assert (root / "one.csv").read_bytes() == (root / "two.csv").read_bytes()
    ratio("two local processes against one", pairs, n)


def deaths(root: Path, n: int = 20_000) -> None:
    """A worker is killed every five seconds while the cluster reads."""
    folder, rng, killed = make_files(root, n), random.Random(0), 0
    read(folder, root / "alive.csv")
    with cluster(8793, 2) as (address, nannies):
        command = [*READ, str(folder), "-o", str(root / "deaths.csv"), "--scheduler", address]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        while process.poll() is None:
            try:
                process.wait(SECONDS_BETWEEN_DEATHS)
            except subprocess.TimeoutExpired:
                if alive := [p for p in nannies.children() if "spawn_main" in " ".join(p.cmdline())]:
                    rng.choice(alive).kill()
                    killed += 1
    same = (root / "deaths.csv").read_bytes() == (root / "alive.csv").read_bytes()
    with (root / "deaths.csv").open(newline="") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    last = process.stderr.read().strip().splitlines()[-1]
    print(f"{n:,} files while {killed} workers were killed: {rows:,} rows, the same table: {same}")
    print(f"  {last}")


def localcluster(root: Path, n: int = 4000) -> None:
    """Processes of this package against Dask's local cluster of as many."""
    folder = make_files(root, n, CLEAN)
    for _ in range(ROUNDS):
        for how in ("workers", "localcluster"):
            command = [sys.executable, __file__, str(folder), f"read-with={how}"]
            began = time.perf_counter()
            together, alone = peak_memory(command)
            seconds = time.perf_counter() - began
            print(f"{how}: {seconds:.1f} s in all, peak {together:.0f} MB, first process {alone:.0f} MB")


@contextmanager
def two_workers(how: str) -> Iterator[dict[str, str | int]]:
    if how == "workers":
        yield {"workers": 2}
        return
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as started:
        yield {"scheduler": started.scheduler_address}


def read_with(folder: Path, how: str) -> None:
    """Read with two processes; how many seconds until the first row and until the last."""
    from pipeline import NumberReader
    from pipeline.batch.files import find_files
    from pipeline.batch.read import read_files

    began = time.perf_counter()
    with two_workers(how) as where:
        rows = read_files(find_files([str(folder)]), NumberReader.pretrained(), **where)
        next(rows)
        first = time.perf_counter() - began
        count = 1 + sum(1 for _ in rows)
    print(f"{how}: first row after {first:.1f} s, {count} rows after {time.perf_counter() - began:.1f} s", flush=True)


MEASURES = {
    "memory": memory, "kills": kills, "deaths": deaths, "cluster": cluster_of_two, "local": local,
    "localcluster": localcluster,
}  # fmt: skip

if __name__ == "__main__":
    place = Path(sys.argv[1])
    for word in sys.argv[2:]:
        name, _, number = word.partition("=")
        if name == "read-with":
            read_with(place, number)
        else:
            MEASURES[name](place, *([int(number)] if number else []))
            sys.stdout.flush()
