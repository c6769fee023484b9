"""A profile -> what it was made from and what it promises, as a card in Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.decision.profile import LEAST_CONFIDENCE, Profile
from pipeline.readers import FUSED

PRECISIONS = (0.9, 0.95, 0.99, 0.995, 0.999)
NOTE = """
Half of the images fitted the weights of the readers and the confidence, the other half measured what a confidence
promises: a number is accepted above the least confidence at which the lower 95% Clopper-Pearson bound of the precision
reaches what is asked for. A number that is itself ten times as likely wrong as asked for is not accepted either, with a
confidence of less than 0.9 at 0.99 and 0.95 at 0.995; the shares do not count that. Where images of several kinds are
named, each kind was judged by a confidence fitted on all others. This holds for images of the same kinds in the
same shares, and for no others.
"""


def profile_card(profile: Profile, name: str) -> str:
    """The card of a profile."""
    fused, exponents = profile.acceptance[FUSED], profile.exponents
    facts = {
        "Made from": profile.made_from,
        "Measured on": f"{fused.measured_on:,} of them; the readers agree on {fused.n:,} with a confidence above "
        f"{LEAST_CONFIDENCE}, of which {len(fused.wrong):,} are wrong",
        "Highest precision that can be promised": f"{fused.ceiling:.4f}",
        f"Exponents of {', '.join(exponents.clean)}": f"{_row(exponents.clean)}; after cuts "
        f"{_row(exponents.cut)}, after doubtful ones {_row(exponents.doubtful)}",
    }
    lines = [
        f"# Profile: {name}",
        "",
        "| | |",
        "| --- | --- |",
        *(f"| {what} | {told} |" for what, told in facts.items()),
    ]
    lines += [
        "",
        "| precision asked for | " + " | ".join(profile.acceptance) + " |",
        "| --- |" + " --- |" * len(profile.acceptance),
    ]
    for precision in PRECISIONS:
        lines.append(
            f"| {precision} | "
            + " | ".join(_promise(profile, reader, precision) for reader in profile.acceptance)
            + " |"
        )
    return "\n".join(lines) + "\n" + NOTE


def _row(exponents: Mapping[str, float]) -> str:
    return ", ".join(f"{exponent:.2f}" for exponent in exponents.values())


def _promise(profile: Profile, reader: str, precision: float) -> str:
    """'81.2% accepted, above 0.9931'."""
    share, threshold = profile.acceptance[reader].share(precision), profile.threshold(reader, precision)
    if share is None or threshold is None:
        return "cannot be promised"
    return f"{share:.1%} accepted, above {threshold:.4f}"
