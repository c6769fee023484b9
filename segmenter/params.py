"""What scikit-learn asks of an estimator, without importing scikit-learn.

Importing ``sklearn.base`` takes longer than reading a field from a cold start. ``clone``, ``Pipeline`` and
``GridSearchCV`` work with anything that has these methods, ``fit`` and ``score``.
"""

from __future__ import annotations

import difflib
import inspect
from functools import cache
from typing import Any, TypeVar

Self = TypeVar("Self", bound="Estimator")


class Estimator:
    """Base of classes whose constructor only stores its arguments under their own names."""

    @classmethod
    @cache
    def _get_param_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls.__init__).parameters if name != "self")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name; with ``deep`` also those of nested estimators, as ``outer__inner``."""
        params: dict[str, Any] = {}
        for name in self._get_param_names():
            value = params[name] = getattr(self, name)
            if deep and hasattr(value, "get_params") and not isinstance(value, type):
                params.update({f"{name}__{inner}": v for inner, v in value.get_params().items()})
        return params

    def set_params(self: Self, **params: Any) -> Self:
        """Set parameters by name; ``outer__inner`` sets a nested estimator's.

        Raises
        ------
        ValueError
            If there is no parameter of that name; the message has the nearest ones.
        """
        # Whole estimators first, so that what is set inside them is set in the new ones.
        for name, value in sorted(params.items(), key=lambda item: "__" in item[0]):
            if name not in (known := self.get_params()):
                near = difflib.get_close_matches(name, known, 3)
                raise ValueError(
                    f"{type(self).__name__} has no parameter of that name. Received: {name!r}. Nearest: {near}."
                )
            outer, _, inner = name.partition("__")
            if inner:
                getattr(self, outer).set_params(**{inner: value})
            else:
                setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            input_tags=InputTags(two_d_array=False, three_d_array=True),
            requires_fit=False,
        )

    def __repr__(self) -> str:
        defaults = {k: p.default for k, p in inspect.signature(type(self)).parameters.items()}
        changed = {k: v for k, v in self.get_params(deep=False).items() if not _same(v, defaults[k])}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in changed.items())})"


def _same(value: Any, default: Any) -> bool:
    """Whether a value is the default; an array has no single answer to ``==`` and is not."""
    return value is default or (type(value) is type(default) and bool(value == default))
