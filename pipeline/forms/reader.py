"""Pages -> readings: choose the form, lay the page over its blank, cut the fields, read them, check the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.forms.cut import corners_of, cut_fields
from pipeline.forms.form import Form
from pipeline.forms.reading import FieldReading, PageReading, page_reading
from pipeline.forms.register.align import Alignment
from pipeline.forms.register.choose import choose
from pipeline.forms.register.template import Template
from pipeline.forms.ticks import ink_share, state_of
from pipeline.reader import NumberReader
from pipeline.reading import Reading
from segmenter import Writing
from segmenter.image import Gray

# A page's fields, cut out and looked at.
Cut = tuple[Template, Alignment, list[Writing]]


class FormReader:
    """Reads pages of known forms.

    Parameters
    ----------
    forms : sequence of Form
        The blank page of each is loaded now.
    reader : NumberReader, optional
        Reads the fields, whatever its ``digits``: each field has its own. Default: the pretrained one.

    Examples
    --------
    >>> from pipeline.forms.form import Form
    >>> from pipeline.forms.pages import load_page
    >>> reader = FormReader([Form.load("examples/forms/survey.toml")])
    >>> reading = reader.read(load_page("examples/forms/scans.pdf", 1))
    >>> reading.form, reading.fields[0].name
    ('survey', 'q1')
    """

    def __init__(self, forms: Sequence[Form], reader: NumberReader | None = None):
        if len({form.name for form in forms}) < len(forms) or not forms:
            raise ValueError(f"Forms should have names of their own. Received: {[form.name for form in forms]}.")
        self.forms = tuple(forms)
        self.reader = NumberReader.pretrained() if reader is None else reader
        self.templates = [Template.of(form) for form in forms]

    def __reduce__(self) -> tuple[Any, ...]:
        # Blanks are loaded again where it is unpickled: they are larger than all the rest.
        return FormReader, (self.forms, self.reader)

    def read(self, page: Gray) -> PageReading:
        """Read one page, (H, W) uint8."""
        return self.read_many([page])[0]

    def read_many(self, pages: Iterable[Gray]) -> list[PageReading]:
        """Read a batch of pages, the fields of all of them together."""
        return self.read_cut([self.cut(page) for page in pages])

    def cut(self, page: Gray) -> Cut | str:
        """The form of a page and what is written in its fields; or why no form fits."""
        chosen = choose(self.templates, page)
        if isinstance(chosen, str):
            return chosen
        template, alignment = chosen
        return template, alignment, [self.reader.segment(image) for image in cut_fields(template, alignment.page)]

    def read_cut(self, cut: Sequence[Cut | str]) -> list[PageReading]:
        """Read what :meth:`cut` made of a batch of pages."""
        found = [one for one in cut if not isinstance(one, str)]
        asked = [
            (field.digits, writing)
            for template, _, writings in found
            for field, writing in zip(template.form.fields, writings, strict=True)
        ]
        readings = iter(self._read_fields(asked))
        return [PageReading("", "unreadable", one) if isinstance(one, str) else _of(one, readings) for one in cut]

    def _read_fields(self, asked: Sequence[tuple[tuple[int, int], Writing]]) -> list[Reading]:
        """Fields of as many digits are read together."""
        read: dict[int, Reading] = {}
        for digits in sorted({digits for digits, _ in asked}):
            at = [k for k, (own, _) in enumerate(asked) if own == digits]
            reader = NumberReader(**self.reader.get_params(deep=False) | {"digits": digits})
            for k, (reading, _) in zip(at, reader.read_segmented([asked[k][1] for k in at]), strict=True):
                read[k] = reading
        return [read[k] for k in range(len(asked))]


def _of(cut: Cut, readings: Iterable[Reading]) -> PageReading:
    template, alignment, _ = cut
    form = template.form
    fields = [
        FieldReading(
            field.name, r.number, r.status, r.reason, r.confidence, corners_of(field.box, alignment), r
        )
        for field, r in zip(form.fields, readings, strict=False)
    ]  # fmt: skip
    for tick in form.ticks:
        state, doubt = state_of(ink_share(alignment.page, template.gray, tick.box))
        status = "review" if doubt else "accept"
        fields.append(FieldReading(tick.name, state, status, doubt, None, corners_of(tick.box, alignment)))
    return page_reading(form, tuple(fields), alignment.fit)
