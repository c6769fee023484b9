"""Rules that the numbers of a form keep: range, sum, check digit, equality; what breaks one is for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


def _luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right but one doubled."""
    digits = [int(digit) for digit in reversed(number)]
    return sum(d if k % 2 == 0 else sum(divmod(2 * d, 10)) for k, d in enumerate(digits)) % 10 == 0


def _gs1(number: str) -> bool:
    """GS1 General Specifications, as in EAN: weights 1 and 3 from the right."""
    return sum(int(digit) * (1, 3)[k % 2] for k, digit in enumerate(reversed(number))) % 10 == 0


def _mod11(number: str) -> bool:
    """ISO 2108:1992, as in ISBN-10: weights 1, 2, 3, … from the right."""
    return sum(int(digit) * (k + 1) for k, digit in enumerate(reversed(number))) % 11 == 0


CHECK_DIGITS: dict[str, Callable[[str], bool]] = {"luhn": _luhn, "gs1": _gs1, "mod11": _mod11}


@dataclass(frozen=True)
class Rules:
    """What the number of one field has to keep.

    Attributes
    ----------
    range : (int, int) or None
        Least and greatest value.
    sum_of : tuple of str
        Fields whose sum it is.
    equal_to : str
        A field of the same value; '' if none.
    check_digit : str
        A key of :data:`CHECK_DIGITS`: its last digit checks the others; '' if not.
    """

    KEYS: ClassVar[frozenset[str]] = frozenset({"range", "sum_of", "equal_to", "check_digit"})

    range: tuple[int, int] | None = None
    sum_of: tuple[str, ...] = ()
    equal_to: str = ""
    check_digit: str = ""

    def __post_init__(self) -> None:
        if self.range is not None and not self.range[0] <= self.range[1]:
            raise ValueError(f"`range` should be [least, greatest]. Received: {[*self.range]}.")
        if self.check_digit and self.check_digit not in CHECK_DIGITS:
            raise ValueError(f"`check_digit` should be one of {sorted(CHECK_DIGITS)}. Received: {self.check_digit!r}.")

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Rules:
        """From the keys of a field's table; ValueError if a value is none."""
        limits, parts = kept.get("range"), kept.get("sum_of", [])
        if limits is not None and not (_is_list(limits, int) and len(limits) == 2):
            raise ValueError(f"`range` should be [least, greatest]. Received: {limits!r:.60}.")
        if not _is_list(parts, str):
            raise ValueError(f"`sum_of` should be names of fields. Received: {parts!r:.60}.")
        words = [kept.get(key, "") for key in ("equal_to", "check_digit")]
        if not _is_list(words, str):
            raise ValueError(f"`equal_to` and `check_digit` should be words. Received: {words!r:.60}.")
        return cls(None if limits is None else (limits[0], limits[1]), tuple(parts), *words)

    def stated(self) -> dict[str, Any]:
        """The rules there are, by their keys."""
        return {key: value for key, value in vars(self).items() if value}

    @property
    def others(self) -> tuple[str, ...]:
        """Fields that the rules compare with."""
        return (*self.sum_of, *([self.equal_to] if self.equal_to else ()))

    def compares(self, numbers: Mapping[str, str]) -> bool:
        """Whether all the fields that the rules compare with were read, so that any of them may be wrong."""
        return all(numbers[other] for other in self.others)

    def broken(self, name: str, numbers: Mapping[str, str]) -> str:
        """The rule that the number of field ``name`` breaks, in words; '' if it keeps them all.

        Parameters
        ----------
        numbers : mapping
            Field -> number, '' where none was read: what cannot be checked counts as broken.
        """
        number = numbers[name]
        if not number:
            return ""  # it was not read, which says enough
        if self.range is not None and not self.range[0] <= int(number) <= self.range[1]:
            return f"{number} is not within {self.range[0]} to {self.range[1]}"
        if self.check_digit and not CHECK_DIGITS[self.check_digit](number):
            return f"{number} has another check digit by {self.check_digit}"
        if unread := [other for other in self.others if not numbers[other]]:
            return f"cannot be checked: {', '.join(unread)} was not read"
        if self.sum_of and sum(int(numbers[other]) for other in self.sum_of) != int(number):
            parts = " + ".join(numbers[other] for other in self.sum_of)
            return f"{number} is not the sum of {', '.join(self.sum_of)}: {parts}"
        if self.equal_to and int(numbers[self.equal_to]) != int(number):
            return f"{number} is not equal to {self.equal_to}: {numbers[self.equal_to]}"
        return ""


def _is_list(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(type(one) is kind for one in value)
