"""Five forms as people have them, each with twelve places for numbers and some boxes to tick."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.forms.pages import DPI
from pipeline.synth.pages.drawing import Blank


def marks(dpi: float = DPI) -> Blank:
    """An exam's cover: a box for each question, a total."""
    blank = Blank(dpi=dpi)
    blank.text(20, 15, "EXAMINATION IN MATHEMATICS", 7)
    blank.text(20, 26, "Write your marks into the boxes. One number a box, no corrections outside of it.")
    blank.text(20, 34, "Name:")
    blank.line(35, 38, 120, 38)
    blank.tick("absent", 140, 33)
    for k in range(11):
        x, y = (25, 60 + 32 * k) if k < 6 else (115, 60 + 32 * (k - 6))
        blank.text(x, y + 2, f"Question {k + 1}", 4)
        blank.boxed(f"question {k + 1}", (x + 32, y, x + 32 + 22, y + 10), 2)
    blank.text(115, 222, "Total", 5)
    blank.boxed("total", (147, 220, 147 + 26, 231), 3)
    blank.text(20, 275, "Sheet 1 of 1. Please return to the invigilator.", 3)
    return blank


def meters(dpi: float = DPI) -> Blank:
    """Meter readings in combs of four to six places."""
    blank = Blank(dpi=dpi)
    blank.rectangle((12, 12, 198, 40))
    blank.text(18, 16, "City Water Works", 8)
    blank.text(18, 29, "Yearly reading of meters - please fill in with a black pen", 4)
    for k in range(12):
        x, y = (20, 55 + 36 * (k // 2)) if k % 2 == 0 else (112, 55 + 36 * (k // 2))
        digits = (5, 4, 6)[k % 3]
        blank.text(x, y, f"{k + 1}. {('Kitchen', 'Cellar', 'Garden', 'Roof')[k % 4]} meter", 4)
        blank.comb(f"meter {k + 1}", (x, y + 7, x + 8 * digits, y + 17), digits)
        blank.text(x + 8 * digits + 2, y + 11, "m3", 4)
    blank.tick("estimated", 20, 272)
    blank.tick("moved out", 75, 272)
    return blank


def tally(dpi: float = DPI) -> Blank:
    """A polling station's table: votes of four lists at three tables."""
    blank = Blank(dpi=dpi)
    blank.text(60, 14, "RECORD OF THE COUNT", 6)
    blank.text(20, 28, "Ballots found in the box are counted table by table; the presiding officer signs below.")
    columns, rows = [20, 75, 115, 155, 195], [45, 58, *(58 + 22 * k for k in range(1, 5))]
    blank.table(columns, rows)
    for x, head in zip(columns, ("List", "Table A", "Table B", "Table C"), strict=False):
        blank.text(x + 3, 48, head, 5)
    for row, name in enumerate(("Blue party", "Farmers", "Green list", "Independent")):
        top, bottom = rows[1 + row], rows[2 + row]
        blank.text(23, top + 8, name, 5)
        for column in range(3):
            box = (columns[1 + column], top, columns[2 + column], bottom)
            blank.add(f"{'abc'[column]} {name.split()[0].lower()}", box, (3, 4, 2)[column])
    blank.text(20, 170, "Remarks", 4)
    for k in range(5):
        blank.line(20, 185 + 10 * k, 195, 185 + 10 * k, 0.15)
    blank.tick("recount", 20, 245)
    blank.text(20, 270, "Signature of the presiding officer", 3)
    blank.line(80, 274, 190, 274)
    return blank


def order(dpi: float = DPI) -> Blank:
    """Quantities on lines."""
    blank = Blank(dpi=dpi)
    blank.rectangle((15, 12, 60, 32), fill=60)
    blank.text(70, 14, "Seeds and Plants", 9)
    blank.text(70, 26, "order form, spring catalogue", 4)
    goods = (
        "Carrot", "Leek", "Onion", "Radish", "Tomato", "Pumpkin", "Bean", "Pea", "Lettuce", "Spinach",
        "Beetroot", "Kale",
    )  # fmt: skip
    for k, what in enumerate(goods):
        y = 48 + 17.5 * k
        blank.text(20, y + 4, what, 5)
        blank.text(70, y + 5, f"No. {4107 + 131 * k}, a packet of {(20, 50, 100)[k % 3]} grams", 3.2)
        blank.underlined(what.lower(), (150, y - 2, 185, y + 10), (2, 3, 1)[k % 3])
        blank.text(187, y + 5, "x", 4)
    blank.tick("delivery", 20, 268)
    return blank


def survey(dpi: float = DPI) -> Blank:
    """A separate box for each digit, and boxes to tick."""
    blank = Blank(dpi=dpi)
    blank.text(15, 12, "Household survey", 7)
    blank.text(150, 14, "Form 7b", 5)
    blank.line(15, 24, 195, 24, 0.5)
    questions = (
        "How many people live here?", "How many of them are children?", "Year in which the house was built",
        "Area of the flat in square metres", "Rent a month", "Cost of heating a month", "Distance to work in km",
        "Minutes to get there", "Number of the street", "Code of the district", "Visits to a doctor last year",
        "Books in the house",
    )  # fmt: skip
    for k, (question, digits) in enumerate(zip(questions, (2, 2, 4, 3, 4, 3, 3, 3, 3, 6, 2, 4), strict=True)):
        y = 33 + 17 * k
        blank.text(18, y + 2, f"{k + 1}  {question}", 4)
        blank.separate(f"q{k + 1}", (125, y, 125 + 8.5 * digits, y + 9), digits)
    for k, answer in enumerate(("yes", "no", "unsure")):
        blank.tick(answer, 18 + 45 * k, 250)
    blank.text(18, 240, "May we ask you again?", 4)
    return blank


BLANKS: dict[str, Callable[..., Blank]] = {f.__name__: f for f in (marks, meters, tally, order, survey)}
