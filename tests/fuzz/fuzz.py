"""Read a great many damaged files, odd arrays, changed profiles and tables; say what goes wrong.

    python tests/fuzz/fuzz.py [--items N | --seconds S] [--kind KIND] [--processes N] [--seed N] [--only I]

Nothing may end a process, hang, grow the memory, warn, or raise anything but the documented errors. Item I of a seed
is always the same one: ``--only I`` repeats it. ``--seconds 3600`` is an hour of soak. At the end, memory and speed
(items a second of processor time) of the first and the last quarter are compared. The exit status is 1 if anything
went wrong. Needs `pip install '.[dev]'`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import NamedTuple

import psutil
import targets

ROOT = Path(__file__).parents[2]
HANG_SECONDS = 60  # of processor time on one item
TOGETHER = 200  # items between two reports of a process
WARM = 3  # reports until all is loaded
FAILURES_SHOWN = 20


class Asked(NamedTuple):
    """Which items these are: the seed, and the kind if all are of one."""

    seed: int
    kind: str | None = None

    def item(self, number: int) -> tuple[int, int, str | None]:
        return self.seed, number, self.kind


def work(asked: Asked, first: int, step: int, end: int, reports: Connection, now: Connection) -> None:
    """Do the items ``first``, ``first + step``, ... before ``end``; say before each which it is."""
    process, came = psutil.Process(), Counter[str]()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff writes there what it finds wrong
    for done, number in enumerate(range(first, end, step), 1):
        now.send_bytes(number.to_bytes(8, "little"))
        try:
            came[targets.run_item(*asked.item(number))] += 1
        except Exception as error:
            came["failed"] += 1
            reports.send(("failed", number, told(error)))
        if done % TOGETHER == 0:
            used = process.cpu_times()
            reports.send(("report", came, used.user + used.system, process.memory_info().rss))
            came = Counter()
    reports.send(("report", came, 0.0, 0))


def told(error: Exception) -> str:
    """What was raised, and the last line of this project on the way there."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(ROOT))][-1]
    return f"{type(error).__name__}: {error} in {Path(own.filename).relative_to(ROOT)}:{own.lineno}"


@dataclass
class Lane:
    """One process after the other, each going on behind the item that ended the last."""

    asked: Asked
    first: int
    step: int
    end: int
    # Processor seconds for TOGETHER items, and bytes, of each report after the first few of a process.
    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def start(self) -> None:
        context = get_context("spawn")
        self.reports, reports = context.Pipe(duplex=False)
        self.now, now = context.Pipe(duplex=False)
        args = (self.asked, self.first, self.step, self.end, reports, now)
        self.process = context.Process(target=work, args=args, daemon=True)
        self.process.start()
        reports.close()
        now.close()
        self.number, self.since, self._reports, self._used = self.first, 0.0, 0, 0.0

    def look(self) -> None:
        """Take note of the item that is done now, and of the processor time at which it was first seen."""
        before = self.number
        try:
            while self.now.poll():
                self.number = int.from_bytes(self.now.recv_bytes(), "little")
        except EOFError:
            return
        if self.number != before:
            self.since = self.used()

    def used(self) -> float:
        try:
            times = psutil.Process(self.process.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return times.user + times.system

    def hangs(self) -> bool:
        return self.used() - self.since > HANG_SECONDS

    def note(self, used: float, size: int) -> None:
        self._reports += 1
        if self._reports > WARM and size:
            self.seconds.append(used - self._used)
            self.sizes.append(size)
        self._used = used


def fuzz(asked: Asked, items: int, seconds: float, processes: int) -> tuple[Counter[str], list[str], list[Lane]]:
    """How many items were answered, refused or failed; what went wrong; the lanes with their memory and speed."""
    lanes = [Lane(asked, k, processes, items) for k in range(processes)]
    came, failures, began, told = Counter[str](), list[str](), time.monotonic(), time.monotonic()
    for lane in lanes:
        lane.start()
    running = list(lanes)
    while running and time.monotonic() - began < seconds:
        wait([lane.reports for lane in running], timeout=1)
        for lane in list(running):
            lane.look()
            hangs = lane.hangs()
            if hangs:
                lane.process.kill()
            if _take(lane, came, failures) or hangs:
                lane.process.join()
                lane.look()
                if lane.process.exitcode == 0:
                    running.remove(lane)
                    continue
                end = f"ended its process, exit status {lane.process.exitcode}"
                failures.append(f"item {lane.number} {'hangs' if hangs else end}")
                lane.first = lane.number + lane.step
                lane.start()
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(_line(came, lanes, told - began), flush=True)
    for lane in running:
        lane.process.kill()
    return came, failures, lanes


def _take(lane: Lane, came: Counter[str], failures: list[str]) -> bool:
    """Take a lane's reports; whether its process has ended."""
    try:
        while lane.reports.poll():
            kind, *rest = lane.reports.recv()
            if kind == "failed":
                failures.append(f"item {rest[0]} ({targets.item(*lane.asked.item(rest[0]))[0]}): {rest[1]}")
            else:
                came.update(rest[0])
                lane.note(*rest[1:])
    except EOFError:
        return True
    return False


def _line(came: Counter[str], lanes: list[Lane], seconds: float) -> str:
    sizes = ", ".join(f"{lane.sizes[-1] / 1e6:.0f}" for lane in lanes if lane.sizes)
    words = ", ".join(f"{n:,} {what}" for what, n in sorted(came.items()))
    return f"{seconds / 60:.0f} min: {words}; {sizes} MB"


def quarters(values: list[float] | list[int]) -> tuple[float, float]:
    """Means of the first and the last quarter."""
    n = max(1, len(values) // 4)
    return sum(values[:n]) / n, sum(values[-n:]) / n


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=sys.maxsize)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--kind", choices=list(targets.KINDS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, metavar="I")
    args = parser.parse_args()
    asked = Asked(args.seed, args.kind)
    if args.only is not None:
        print(targets.run_item(*asked.item(args.only)))
        return 0
    limit = args.seconds if args.items == sys.maxsize else float("inf")
    came, failures, lanes = fuzz(asked, args.items, limit, args.processes)
    for failure in failures[:FAILURES_SHOWN]:
        print(failure)
    print(f"{came.total():,} items: {dict(sorted(came.items()))}; {len(failures)} went wrong")
    for lane in (lane for lane in lanes if lane.sizes):
        before, after = quarters(lane.sizes)
        slow, now = quarters(lane.seconds)
        memory = f"memory {before / 1e6:.0f} MB in the first quarter, {after / 1e6:.0f} MB in the last"
        print(f"a process: {memory}; {TOGETHER / slow:.0f} items a second of processor time, then {TOGETHER / now:.0f}")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
