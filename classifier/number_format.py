"""How many digits a number may have: the one place where it is said.

In a file of its own, without scikit-learn, which reading does without.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

# More digits are not told apart.
MOST_DIGITS = 6
WORDS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True)
class NumberFormat:
    """What counts as a number.

    Attributes
    ----------
    lengths : tuple of int
        How many digits it may have.

    Examples
    --------
    >>> three = NumberFormat()
    >>> three.positions, three.words, three.dtype
    (3, 'three digits', '<U3')
    >>> three.matches("007"), three.matches("47")
    (True, False)
    """

    lengths: tuple[int, ...] = (3,)

    @classmethod
    def of(cls, digits: int | tuple[int, int]) -> NumberFormat:
        """The format of ``digits=3`` or ``digits=(1, 6)``: from so many to so many.

        Raises
        ------
        TypeError, ValueError
            If that is no number or no range between 1 and :data:`MOST_DIGITS`.
        """
        low, high = (digits, digits) if isinstance(digits, int) else _pair(digits)
        if not 1 <= low <= high <= MOST_DIGITS:
            raise ValueError(f"`digits` should lie between 1 and {MOST_DIGITS}. Received: {digits!r}.")
        return cls(tuple(range(low, high + 1)))

    @cached_property
    def positions(self) -> int:
        """Digits of the longest number: the positions of a network that reads them all at once."""
        return max(self.lengths)

    @cached_property
    def dtype(self) -> str:
        """NumPy's type of arrays of numbers."""
        return f"<U{self.positions}"

    @property
    def words(self) -> str:
        """For messages."""
        return f"{' or '.join(WORDS[n] for n in self.lengths)} digits"

    def matches(self, text: str) -> bool:
        """Whether a text is a number of this format: ASCII digits only, as many as there may be."""
        return len(text) in self.lengths and text.isascii() and text.isdecimal()

    def numbers(self) -> list[str]:
        """All numbers in order, leading zeros kept."""
        return ["".join(digits) for n in self.lengths for digits in product("0123456789", repeat=n)]


def _pair(digits: object) -> tuple[int, int]:
    if not (isinstance(digits, tuple) and len(digits) == 2 and all(isinstance(n, int) for n in digits)):
        raise TypeError(f"`digits` should be a number or a pair of them, such as (1, 6). Received: {digits!r}.")
    return digits[0], digits[1]


# What the whole-image network reads, and what is read unless something else is asked for.
FORMAT = NumberFormat()
