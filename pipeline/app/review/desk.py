"""One exchange with a reviewer's screen: what was decided comes in, the next fields go out."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from pipeline.app.review.check import accepted_are_wrong
from pipeline.app.review.fields import Decision, Field
from pipeline.app.review.store import ORDERS, Store

# Fields that a screen gets at a time: the one to show, and those that it fetches meanwhile.
AHEAD = 4
# Of a token that a screen makes.
_LONGEST = 64
# More is no time that somebody looked at a field.
_LONGEST_LOOK = 3600.0


@dataclass(frozen=True)
class Desk:
    """A queue and the order in which it is worked off."""

    store: Store
    order: str = "doubt"

    def exchange(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Store what was decided or take it back, and answer with what comes next.

        Parameters
        ----------
        sent : dict
            ``reviewer``, and maybe ``decision`` (see :class:`pipeline.app.review.fields.Decision`), ``undo``, the token
            of a decision, or ``leave``. Sent again, each changes nothing.

        Raises
        ------
        ValueError
            If it is nothing that a screen sends; nothing is stored then.
        """
        reviewer, note, first = _token(sent.get("reviewer")), "", None
        if sent.get("decision") is not None and not self.store.decide(_decision(sent["decision"], reviewer)):
            note = "Somebody else had decided this one; that stands."
        if sent.get("undo") is not None:
            first = self.store.undo(_token(sent["undo"]))
        if sent.get("leave"):
            self.store.release(reviewer)
            return {}
        fields = self.store.next(reviewer, order=self.order, n=AHEAD, first=first)
        progress = self.store.progress(reviewer)
        return {
            "fields": [shown(field) for field in fields],
            "decided": progress.decided, "skipped": progress.skipped, "left": progress.left, "held": progress.held,
            "secondsLeft": round(progress.seconds_each * progress.left),
            "undo": self.store.last_token(reviewer), "note": note, "accepted": accepted_are_wrong(self.store),
        }  # fmt: skip


def shown(field: Field) -> dict[str, Any]:
    """What a screen is told of a field.

    Why a number was not accepted, or how sure the reader is, it is not told: of one that was accepted and is checked, a
    person who knew would not look as closely.
    """
    why = "" if field.number else field.reason
    return {"id": field.id, "name": field.name, "number": field.seen, "why": why, "places": field.places}


def _token(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise ValueError(f"A token should be a text of 1 to {_LONGEST} characters. Received: {value!r:.80}.")
    return value


def _decision(sent: Any, reviewer: str) -> Decision:
    if not isinstance(sent, dict):
        raise ValueError(f"A decision should be an object. Received: {sent!r:.80}.")
    field, seconds = sent.get("field"), sent.get("seconds", 0.0)
    if not isinstance(field, int) or not isinstance(seconds, int | float):
        raise ValueError(f"`field` and `seconds` should be numbers. Received: {field!r:.80}, {seconds!r:.80}.")
    verdict, number = str(sent.get("verdict")), str(sent.get("number", ""))
    return Decision(
        _token(sent.get("token")), field, verdict, number, reviewer, min(max(float(seconds), 0.0), _LONGEST_LOOK)
    )


class Desks:
    """Desks under names that cannot be guessed: who has the name may work at it.

    The name is that of the queue's file: a screen goes on where it was after the server was started again.
    """

    def __init__(self) -> None:
        self._desks: dict[str, Desk] = {}
        self._lock = threading.Lock()

    def open(self, store: Store, order: str = "doubt") -> str:
        """The name of the desk for this queue in this order."""
        if order not in ORDERS:
            raise ValueError(f"`order` should be one of {list(ORDERS)}. Received: {order!r}.")
        name = f"{store.secret}-{order}"
        with self._lock:
            self._desks.setdefault(name, Desk(store, order))
        return name

    def __getitem__(self, name: str) -> Desk:
        """KeyError if there is no desk of this name."""
        return self._desks[name]

    def close(self, store: Store) -> None:
        """Forget the desks of a queue."""
        with self._lock:
            self._desks = {name: desk for name, desk in self._desks.items() if desk.store is not store}
