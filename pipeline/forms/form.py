"""What is known of a printed form: its blank page, where its fields stand, how many digits they have, their rules."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.number_format import NumberFormat
from pipeline.forms.rules import Rules

# (left, top, right, bottom) in millimetres from the upper left corner of the page.
Box = tuple[float, float, float, float]

# Names become columns of a table: nothing that a spreadsheet would run, and none of its own columns.
NAME = re.compile(r"\w[\w .()/-]*")
TAKEN = frozenset({"path", "page", "form", "status", "reason"})
# Millimetres; a page larger than A0 is a slip of the pen.
LARGEST = 1200.0
MOST_FIELDS = 1000
# Dictionaries of markers: bits a side, and how many there are.
ARUCO_NAMES = [f"{bits}x{bits}_{count}" for bits in (4, 5, 6, 7) for count in (50, 100, 250, 1000)]
# Decimals of a millimetre that are kept.
PLACES = 2
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Field:
    """A place for one number.

    Attributes
    ----------
    name : str
        Its column in the table.
    box : (left, top, right, bottom)
        Millimetres on the page.
    digits : (int, int)
        From how many digits to how many.
    rules : Rules
        What its number has to keep.
    """

    name: str
    box: Box
    digits: tuple[int, int] = (3, 3)
    rules: Rules = Rules()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        _check_column(self.name)
        _check_box(self.box, f"field {self.name!r}")
        NumberFormat.of(self.digits)


@dataclass(frozen=True)
class Tick:
    """A box to tick.

    Attributes
    ----------
    name : str
        Its column in the table.
    box : (left, top, right, bottom)
        Millimetres on the page, the printed box included.
    """

    name: str
    box: Box

    def __post_init__(self) -> None:
        _check_column(self.name)
        _check_box(self.box, f"tick {self.name!r}")


@dataclass(frozen=True)
class Form:
    """A form.

    Attributes
    ----------
    name : str
    blank : Path
        The page that nobody filled in: a PDF or an image.
    size : (float, float)
        Width and height of the page in millimetres.
    fields : tuple of Field
    ticks : tuple of Tick
    page : int
        Which page of ``blank`` it is, from 1.
    code : str
        The text of a QR code or barcode on its pages; '' if that is not looked at.
    aruco : str
        Dictionary of the ArUco markers on its pages, such as '4x4_50'; '' if there are none.
    """

    name: str
    blank: Path
    size: tuple[float, float]
    fields: tuple[Field, ...]
    ticks: tuple[Tick, ...] = ()
    page: int = 1
    code: str = ""
    aruco: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.aruco and self.aruco not in ARUCO_NAMES:
            raise ValueError(f"`aruco` should be one of {ARUCO_NAMES}. Received: {self.aruco!r}.")
        if not all(10 <= side <= LARGEST for side in self.size):
            raise ValueError(f"A page should be 10 to {LARGEST:.0f} mm wide and high. Received: {self.size}.")
        names = [one.name for one in self.places]
        if not 0 < len(names) <= MOST_FIELDS:
            raise ValueError(f"A form should have 1 to {MOST_FIELDS} fields. Received: {len(names)}.")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"Fields should have names of their own. Received twice: {', '.join(twice)}.")
        for one in self.places:
            if one.box[0] < 0 or one.box[1] < 0 or one.box[2] > self.size[0] or one.box[3] > self.size[1]:
                raise ValueError(
                    f"A box should lie on the page, {self.size[0]:g} x {self.size[1]:g} mm. Received: {one.name!r} "
                    f"at {list(one.box)}."
                )
        known = {field.name for field in self.fields}
        for field in self.fields:
            if unknown := sorted(set(field.rules.others) - (known - {field.name})):
                raise ValueError(
                    f"Rules should name other fields of the form. Received for {field.name!r}: {', '.join(unknown)}."
                )

    @property
    def places(self) -> list[Field | Tick]:
        """All that is read on a page, in the order of the table."""
        return [*self.fields, *self.ticks]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Form:
        """Read a form from a TOML file; its blank page is looked for from the file's folder.

        Raises
        ------
        ValueError
            If it is none, with the rule that it breaks.
        OSError
            If it cannot be read.
        """
        path = Path(path)
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        try:
            if len(data) > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES} bytes")
            kept = tomllib.loads(data.decode())
            return _of(kept, path.parent)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise ValueError(f"{str(path)!r} should be a form: {error}") from error

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the form as a TOML file that :meth:`load` reads, the place of the blank page from its folder."""
        path = Path(path)
        blank = Path(os.path.relpath(self.blank, path.parent)).as_posix()
        head = {"name": self.name, "blank": blank, "page": self.page, "size": self.size}
        said = {key: getattr(self, key) for key in ("code", "aruco") if getattr(self, key)}
        lines = _lines(head | said)
        for field in self.fields:
            low, high = field.digits
            own = {"name": field.name, "mm": field.box, "digits": low if low == high else field.digits}
            lines += ["", "[[field]]", *_lines(own | field.rules.stated())]
        for tick in self.ticks:
            lines += ["", "[[tick]]", *_lines({"name": tick.name, "mm": tick.box})]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items()]


def _value(value: Any) -> str:
    """A string, a number or a sequence of these in TOML."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_value, value))}]"
    return str(round(value, PLACES) if isinstance(value, float) else value)


def _of(kept: dict[str, Any], folder: Path) -> Form:
    _check_keys(kept, {"name", "blank", "page", "size", "code", "aruco", "field", "tick"}, "the form")
    size = _numbers(kept.get("size"), 2, "`size`")
    blank, page = kept.get("blank"), kept.get("page", 1)
    code, aruco = kept.get("code", ""), kept.get("aruco", "")
    if not isinstance(blank, str) or not blank or "\0" in blank:
        raise ValueError(f"`blank` should be the path of the page that nobody filled in. Received: {blank!r}.")
    if type(page) is not int or page < 1:
        raise ValueError(f"`page` should be a number from 1. Received: {page!r}.")
    if not isinstance(code, str) or not isinstance(aruco, str):
        raise ValueError(f"`code` and `aruco` should be words. Received: {code!r:.60}, {aruco!r:.60}.")
    fields = tuple(_field(one, size) for one in _tables(kept, "field"))
    ticks = tuple(_tick(one, size) for one in _tables(kept, "tick"))
    return Form(kept.get("name", ""), folder / blank, (size[0], size[1]), fields, ticks, page, code, aruco)


def _tables(kept: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    tables = kept.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise ValueError(f"Fields should be written as [[{key}]]. Received: {key} = {tables!r:.60}.")
    return tables


def _field(kept: dict[str, Any], size: Sequence[float]) -> Field:
    name = kept.get("name", "")
    _check_keys(kept, {"name", "mm", "share", "digits", *Rules.KEYS}, f"field {name!r}")
    digits = kept.get("digits", 3)
    low, high = digits if isinstance(digits, list) and len(digits) == 2 else (digits, digits)
    if type(low) is not int or type(high) is not int:
        raise ValueError(f"`digits` should be a number or [least, most]. Received for {name!r}: {digits!r:.60}.")
    return Field(name, _box(kept, size, name), (low, high), Rules.of(kept))


def _tick(kept: dict[str, Any], size: Sequence[float]) -> Tick:
    name = kept.get("name", "")
    _check_keys(kept, {"name", "mm", "share"}, f"tick {name!r}")
    return Tick(name, _box(kept, size, name))


def _box(kept: Mapping[str, Any], size: Sequence[float], name: object) -> Box:
    """In millimetres, or as shares of the page's sides."""
    if ("mm" in kept) == ("share" in kept):
        raise ValueError(f"A field should have a box in `mm` or as `share` of the page. Received: {name!r}.")
    if "mm" in kept:
        sides = _numbers(kept["mm"], 4, "`mm`")
    else:
        shares = _numbers(kept["share"], 4, "`share`")
        sides = [share * length for share, length in zip(shares, (*size, *size), strict=True)]
    left, top, right, bottom = (round(side, PLACES) for side in sides)
    return left, top, right, bottom


def _numbers(value: object, n: int, what: str) -> list[float]:
    if not isinstance(value, list) or len(value) != n or any(type(one) not in (int, float) for one in value):
        raise ValueError(f"{what} should be {n} numbers. Received: {value!r:.60}.")
    return [float(one) for one in value]


def _check_keys(kept: Mapping[str, Any], known: set[str], what: str) -> None:
    if unknown := sorted(set(kept) - known):
        raise ValueError(f"{what} should have keys among {sorted(known)}. Received: {', '.join(unknown)}.")


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(
            f"A name should begin with a letter and have letters, digits and ' .()/-' alone. Received: {name!r}."
        )


def _check_column(name: object) -> None:
    _check_name(name)
    if name in TAKEN:
        raise ValueError(f"The name of a field should be none of {sorted(TAKEN)}. Received: {name!r}.")


def _check_box(box: Box, what: str) -> None:
    left, top, right, bottom = box
    if not (right - left >= 1 and bottom - top >= 1):
        raise ValueError(f"A box should be [left, top, right, bottom], 1 mm at least. Received for {what}: {[*box]}.")
