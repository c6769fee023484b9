"""Print the figures of docs/forms.md about pages of forms, composed with MNIST's digits, one line or a few each.

    python examples/measure_forms.py MNIST_NPZ FOLDER NAME...

NAME is pages, foreign or speed; ``NAME=N`` takes another number of pages. Five forms of twelve numbers each; half of
the pages scanned, skewed by up to 6 degrees and scaled by 3%, half photographed, tilted by up to 15 degrees. FOLDER
gets the blank forms, and the cut fields that were misread. With ``--train`` the digits are MNIST's training digits.
"""

import sys
import time
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from classifier.data.mnist import load_mnist
from pipeline.batch.files import Source
from pipeline.decision.profile import Profile
from pipeline.forms.cut import cut_fields
from pipeline.forms.form import Field, Form, Tick
from pipeline.forms.read import Page, read_pages
from pipeline.forms.reader import FormReader
from pipeline.forms.register.align import Alignment
from pipeline.forms.register.choose import choose
from pipeline.forms.register.template import SCALE
from pipeline.synth.glyphs import Hands, scans_of
from pipeline.synth.pages.blanks import BLANKS
from pipeline.synth.pages.fill import fill
from pipeline.synth.pages.take import photographed, scanned

NAMES = list(BLANKS)
PROCESSES = 4
SURER = Profile.shipped().threshold("fused", 0.995)
TAKE = {"scan": scanned, "photograph": photographed}


def share(values):
    return f"{np.mean(values):.2%} ({np.sum(values):,} of {len(values):,})"


def hands_of(path, *, train):
    mnist = load_mnist(path)
    x, y = (mnist.x_train, mnist.y_train) if train else (mnist.x_test, mnist.y_test)
    return Hands(scans_of(x, y), {})


def forms_of(folder):
    """Blank and form by name."""
    found = {}
    for name, make in BLANKS.items():
        blank = make()
        fields = tuple(Field(place.name, place.box, (place.digits,) * 2) for place in blank.places)
        ticks = tuple(Tick(*tick) for tick in blank.ticks)
        found[name] = blank, Form(name, folder / f"{name}.png", blank.size, fields, ticks)
    return found


def write_blanks(forms):
    """Once, and not where other processes read them."""
    for blank, form in forms.values():
        form.blank.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(form.blank), blank.gray)


def composed(forms, hands, k):
    """The k-th page: its form's name, how it was taken, what is written there, and its picture."""
    name, how, rng = NAMES[k // 2 % 5], ("scan", "photograph")[k % 2], np.random.default_rng([18, k])
    page = fill(forms[name][0], hands, rng)
    return name, how, page, TAKE[how](page.gray, rng)


def box_errors(form, alignment: Alignment, true):
    """Of each field: the greatest distance of a corner from where it is, in millimetres of the page."""
    boxes = np.array([field.box for field in form.fields]) * SCALE
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(1, -1, 2)
    back = cv2.perspectiveTransform(cv2.perspectiveTransform(corners, alignment.to_image), np.linalg.inv(true))
    return np.linalg.norm(back - corners, axis=2).reshape(-1, 4).max(axis=1) / SCALE


def pages(forms, hands, folder, n=200):
    """Boxes, numbers and ticks of pages that are each of one of the five forms."""
    errors, came, ticks = {how: [] for how in TAKE}, {how: Counter() for how in TAKE}, Counter()
    with get_context("spawn").Pool(PROCESSES, _begin, (hands, folder)) as pool:
        for how, own_errors, own_came, own_ticks, words in pool.imap(_one_page, range(n)):
            errors[how] += own_errors
            came[how] += own_came
            ticks += own_ticks
            print("".join(f"  {line}\n" for line in words), end="", flush=True)
    for how, found in errors.items():
        within = np.array(found) <= 1
        print(f"{how}s: field boxes within 1 mm {share(within)}; median {np.median(found):.3f} mm")
    for how, each in (*came.items(), ("all", came["scan"] + came["photograph"])):
        _tell(f"numbers, {how}", each)
    _tell("ticks", ticks)


def _begin(hands, folder):
    global WORK
    cv2.setNumThreads(1)
    forms = forms_of(folder)
    WORK = forms, hands, folder, FormReader([form for _, form in forms.values()])


def _one_page(k):
    """How a page was taken, the errors of its boxes, its numbers and ticks by right or wrong and status, and misses."""
    forms, hands, folder, reader = WORK
    name, how, page, taken = composed(forms, hands, k)
    chosen = choose(reader.templates, taken.gray)
    if isinstance(chosen, str) or chosen[0].form.name != name:
        why = chosen if isinstance(chosen, str) else f"read as {chosen[0].form.name}"
        return how, [np.inf] * 12, Counter({(False, "not read"): 12}), Counter(), [f"page {k}, {name}, {how}: {why}"]
    errors = box_errors(chosen[0].form, chosen[1], taken.to_image).tolist()
    images = cut_fields(chosen[0], chosen[1].page)
    (reading,) = reader.read_cut([(*chosen, [reader.reader.segment(image) for image in images])])
    came, ticks, misses = Counter(), Counter(), []
    for one, image in zip(reading.fields, images, strict=False):
        number = page.numbers[one.name]
        came[one.value == number, one.status] += 1
        came[one.value == number, "surer"] += one.status == "accept" and one.confidence > SURER
        if one.value != number:
            misses.append(
                f"page {k}, {how}, {name}, {one.name}: {number} read as {one.value}, {one.status} {one.reason}"
            )
            cv2.imwrite(str(folder / f"{k}-{number}-{one.value}.png"), image)
    for one in reading.fields[len(images) :]:
        ticks[one.value == ("ticked" if page.ticks[one.name] else "blank"), one.status] += 1
    return how, errors, came, ticks, misses


def _tell(what, came):
    each = {key: count for key, count in came.items() if key[1] != "surer"}
    right = np.repeat([good for good, _ in each], list(each.values()))
    accepted = [(came[True, status] + came[False, status], came[False, status]) for status in ("accept", "surer")]
    told = [f"accepted {both:,}, wrong among them {wrong}" for both, wrong in accepted]
    print(f"{what}: right {share(right)}; {'; with --accept-precision 0.995 '.join(told)}")


def foreign(forms, hands, folder, n=50):
    """Pages that are of none of the forms asked for: none may be read."""
    reader = FormReader([form for _, form in forms.values()])
    by_name, read = {template.form.name: template for template in reader.templates}, Counter()
    for k in range(n):
        name, _, page, taken = composed(forms, hands, k)
        others = [template for other, template in by_name.items() if other != name]
        back = (255 - 0.3 * cv2.GaussianBlur(255 - page.gray[:, ::-1], (0, 0), 2)).astype(np.uint8)
        rng, middle, by = np.random.default_rng([19, k]), page.gray.shape[0] // 3, round(4 * SCALE)
        edition = np.full_like(page.gray, 255)
        edition[:middle], edition[middle + by :] = page.gray[:middle], page.gray[middle:-by]
        shown = {
            "another form": (others, taken.gray),
            "a blank page": (reader.templates, scanned(np.full_like(page.gray, 255), rng).gray),
            "a page turned over": (reader.templates, scanned(back, rng).gray),
            "another edition of the form": ([by_name[name]], scanned(edition, rng).gray),
        }
        for what, (templates, gray) in shown.items():
            read[what] += not isinstance(choose(templates, gray), str)
    for what, count in read.items():
        print(f"{what}: {count} of {n} read")


def speed(forms, hands, folder, n=60):
    """Pages a second from files, with one of the forms and with all five; the second one of two rounds."""
    pictures = []
    for k in range(n):
        name, how, _, taken = composed(forms, hands, k)
        path = folder / f"page-{k}-{name}-{how}.png"
        cv2.imwrite(str(path), taken.gray)
        pictures.append((name, Page(Source(str(path), path.name))))
    for what, names in (("one form", NAMES[4:]), ("five forms", NAMES)):
        reader = FormReader([forms[name][1] for name in names])
        asked = [page for name, page in pictures if name in names]
        for workers in (1, 2):
            began, used = time.perf_counter(), time.process_time()
            rows = list(read_pages(asked * (5 // len(names)), reader, workers=workers))
            seconds, processor = time.perf_counter() - began, time.process_time() - used
            print(f"{what}, {workers} processes: {len(rows) / seconds:.2f} pages a second", end="")
            print(f"; {processor / len(rows):.2f} s of processor time a page" if workers == 1 else "")


MEASURES = {"pages": pages, "foreign": foreign, "speed": speed}

if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--train"]
    place = Path(words[1])
    both = forms_of(place), hands_of(words[0], train="--train" in sys.argv)
    write_blanks(both[0])
    for word in words[2:]:
        what, _, number = word.partition("=")
        MEASURES[what](*both, place, *([int(number)] if number else []))
        sys.stdout.flush()
