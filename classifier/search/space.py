"""Search space: a small TOML file, or the same in Python -> candidates, checked before anything trains."""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

from scipy import stats
from sklearn.model_selection import ParameterGrid, ParameterSampler

Params = dict[str, Any]
# A larger grid is a mistake, or a case for a random search.
MOST = 10_000
# Files of one training; fits that shared them would go on from each other's weights.
OF_ONE_TRAINING = ("checkpoint", "logs")
# Name in the file -> distribution from its two ends; those of integers are inclusive.
DISTRIBUTIONS = {
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "log_uniform": stats.loguniform,
    "integers": lambda low, high: stats.randint(low, high + 1),
}


@dataclass(frozen=True)
class Space:
    """What a search varies, and what it holds fixed.

    Attributes
    ----------
    search : dict
        Parameter -> list of values; for a random search also a distribution with ``rvs`` (scipy.stats).
    fixed : dict
        Parameter -> value, for all candidates.

    Raises
    ------
    ValueError
        If a parameter is in both, or belongs to one training.
    """

    search: Mapping[str, Any]
    fixed: Params = field(default_factory=dict)

    def __post_init__(self) -> None:
        if both := sorted(set(self.search) & set(self.fixed)):
            raise ValueError(f"A parameter should be searched or fixed. Received both for: {', '.join(both)}.")
        if own := [name for name in (*self.search, *self.fixed) if name.split("__")[-1] in OF_ONE_TRAINING]:
            raise ValueError(f"Every fit begins with fresh weights and keeps no files. Received: {', '.join(own)}.")

    def grid(self) -> list[Params]:
        """Every combination of the values.

        Raises
        ------
        ValueError
            If there is nothing to search, a parameter has no list of values, or there are over 10,000.
        """
        for name, values in self.search.items():
            if not isinstance(values, list) or not values:
                raise ValueError(f"A grid needs a list of values for {name!r}. Received: {values!r}.")
        if not self.search:
            raise ValueError("A search needs at least one parameter with a list of values. Received: none.")
        if (n := self._size()) > MOST:
            raise ValueError(f"A grid should have at most {MOST:,} candidates; search at random. Received: {n:,}.")
        return [self.fixed | candidate for candidate in ParameterGrid(dict(self.search))]

    def sample(self, n: int, *, seed: int) -> list[Params]:
        """``n`` random candidates, fewer if there are no more.

        Raises
        ------
        ValueError
            If there is nothing to search.
        """
        if not self.search or any(isinstance(values, list) and not values for values in self.search.values()):
            raise ValueError(f"A search needs values for every parameter. Received: {dict(self.search)!r}.")
        most = n
        if all(isinstance(values, list) for values in self.search.values()):
            most = min(n, self._size())
        drawn = ParameterSampler(dict(self.search), most, random_state=seed)
        return [self.fixed | {name: _plain(value) for name, value in candidate.items()} for candidate in drawn]

    def _size(self) -> int:
        """Combinations of lists."""
        return math.prod(len(values) for values in self.search.values())

    def default(self, estimator: Any) -> Params:
        """The candidate that changes nothing that is searched: no search ends below it."""
        check_names(estimator, [*self.search, *self.fixed])
        known = estimator.get_params()
        return {name: known[name] for name in self.search} | self.fixed


def load_space(path: str | PathLike[str]) -> Space:
    """Read a search space.

    ``[search]`` has a list of values for each parameter, or for a random search ``{uniform = [low,
    high]}``, ``{log_uniform = [low, high]}`` or ``{integers = [low, high]}``; ``[fixed]`` has single values.

    Raises
    ------
    OSError, ValueError
        If there is no such file, it is no TOML, or has other tables.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))  # editors put a mark before the first table
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} should be a TOML file. Received: {error}.") from error
    if strange := sorted(name for name, t in tables.items() if name not in ("search", "fixed") or type(t) is not dict):
        raise ValueError(f"{path} should have the tables [search] and [fixed]. Received: {strange}.")
    for name, values in tables.get("fixed", {}).items():
        _check_values(name, [values])
    search = {name: _distribution(name, values) for name, values in tables.get("search", {}).items()}
    return Space(search, tables.get("fixed", {}))


def load_params(path: str | PathLike[str]) -> Params:
    """Read parameters that a search wrote with :func:`save_params`."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} should be a TOML file of parameters. Received: {error}.") from error


def save_params(params: Mapping[str, Any], path: str | PathLike[str], *, comment: str) -> None:
    """Write parameters as TOML: numbers, strings, booleans and lists; None is left out, for TOML has none."""
    kept = {name: value for name, value in params.items() if value is not None}
    # Of these JSON is TOML, but for its Infinity and NaN.
    words = {name: json.dumps(value, ensure_ascii=False) for name, value in sorted(kept.items())}
    lines = [f"{name} = {_NUMBERS.get(word, word)}\n" for name, word in words.items()]
    Path(path).write_text(f"# {comment}\n{''.join(lines)}", encoding="utf-8")


_NUMBERS = {"Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"}


def check_names(estimator: Any, names: Iterable[str]) -> None:
    """Refuse parameters that the estimator does not have.

    Raises
    ------
    ValueError
        With the nearest names that it has.
    """
    known = estimator.get_params()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3, cutoff=0.4)
            raise ValueError(f"{type(estimator).__name__} has no parameter {name!r}. Nearest: {', '.join(near)}.")


def _distribution(name: str, values: Any) -> Any:
    if isinstance(values, list):
        return _check_values(name, values)
    if isinstance(values, dict) and len(values) == 1 and set(values) <= set(DISTRIBUTIONS):
        kind, ends = next(iter(values.items()))
        if _are_ends(ends, int if kind == "integers" else Real) and (kind != "log_uniform" or ends[0] > 0):
            return DISTRIBUTIONS[kind](*ends)
    raise ValueError(
        f"{name!r} should have a list of values, or one of {sorted(DISTRIBUTIONS)} with a lower and an upper end. "
        f"Received: {values!r}."
    )


def _are_ends(ends: Any, kind: type) -> bool:
    """Whether these are a lower and an upper end that a distribution can hold."""
    if not (isinstance(ends, list) and len(ends) == 2 and all(isinstance(end, kind) for end in ends)):
        return False
    return bool(ends[0] < ends[1]) and all(abs(end) < 2**62 for end in ends)


def _check_values(name: str, values: list[Any]) -> list[Any]:
    """Values that a file of results can hold, too."""
    for value in values:
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, (str, Real)):
                raise ValueError(f"{name!r} should have numbers, strings or lists of them. Received: {value!r}.")
    return values


def _plain(value: Any) -> Any:
    """A Python value of what NumPy drew, for JSON and TOML."""
    return value.item() if hasattr(value, "item") else value
