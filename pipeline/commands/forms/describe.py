"""``tridigit form``: describes a printed form, and shows where it lies on pages."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.forms.pages import load_form
from pipeline.commands.options import EXIT_OK, count, existing_file, need_extra

if TYPE_CHECKING:
    from pipeline.forms.form import Form
    from segmenter.image import Gray

# Status of `form check` where a page fits the form no more than it should.
EXIT_MISFIT = 3


def add(commands: argparse._SubParsersAction) -> None:
    form = commands.add_parser("form", help="describe a printed form whose pages are to be read")
    inner = form.add_subparsers(required=True, metavar="COMMAND")
    new = inner.add_parser(
        "new",
        help="find boxes, combs and lines on a blank page",
        description="Find boxes, combs and lines on a blank page and write a form with a field for each, to be named "
        "and corrected in a text editor.",
    )
    new.add_argument("blank", metavar="BLANK", type=existing_file, help="page that nobody filled in: a PDF or an image")
    new.add_argument("-o", "--output", metavar="FILE", type=Path, default="form.toml", help="default: %(default)s")
    new.add_argument("--page", type=count, default=1, metavar="N", help="of a file of many pages (%(default)s)")
    new.add_argument("--name", help="of the form (default: that of the file)")
    new.add_argument("--dpi", type=count, metavar="N", help="dots an inch of an image that does not say it")
    new.set_defaults(run=_new)
    check = inner.add_parser(
        "check",
        help="draw the fields on pages",
        description="Lay pages over the form and draw its fields on them; without a page, on the blank. "
        "Exit status: 0 if all pages fit, 3 if some do not.",
    )
    check.add_argument("form", metavar="FORM", type=existing_file, help="from `tridigit form new`")
    check.add_argument("paths", metavar="SCAN", nargs="*", help="file, folder or pattern")
    check.add_argument("-o", "--output", metavar="DIR", type=Path, default="check", help="default: %(default)s")
    check.set_defaults(run=_check)


def _new(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from pipeline.forms.form import Form
    from pipeline.forms.pages import page_size
    from pipeline.forms.propose import propose
    from pipeline.forms.register.template import load_blank

    _need_pdf(args.blank, parser)
    try:
        size = page_size(args.blank, args.page, dpi=args.dpi)
        fields, ticks = propose(load_blank(args.blank, args.page, size))
        form = Form(args.name or _name_of(args.blank), args.blank, size, tuple(fields), tuple(ticks), args.page)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    form.save(args.output)
    print(f"{args.output}: {len(fields)} fields, {len(ticks)} boxes to tick; name them, and look with:")
    print(f"tridigit form check {args.output}")
    return EXIT_OK


def _name_of(path: Path) -> str:
    """The name of a file without what the name of a form may not have."""
    return re.sub(r"[^\w .()/-]", "_", path.stem).lstrip(" .()/-") or "form"


def _check(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from pipeline.batch.files import PAGE_SUFFIXES, find_files
    from pipeline.forms.read import find_pages, load
    from pipeline.forms.register.choose import choose
    from pipeline.forms.register.template import Template

    form = load_form(args.form, parser)
    _need_pdf(form.blank, parser)
    try:
        template = Template.of(form)
        pages = list(find_pages(find_files(args.paths, suffixes=PAGE_SUFFIXES)))
    except (ValueError, OSError, ImportError) as error:
        parser.error(str(error))
    args.output.mkdir(parents=True, exist_ok=True)
    if not pages:
        _save(args.output / f"{form.name}.png", template.gray, form)
    misfits = 0
    for page in pages:
        what = f"{page.source.name}, page {page.number}"
        image = load(page)
        chosen = image if isinstance(image, str) else choose([template], image)
        if isinstance(chosen, str):
            misfits += 1
            print(f"{what}: {chosen}")
            continue
        _save(args.output / f"{Path(page.source.name).name}-{page.number}.png", chosen[1].page, form)
        print(f"{what}: fits, {chosen[1].fit:.0%} of the places of the blank found again")
    print(f"pictures: {args.output}")
    return EXIT_MISFIT if misfits else EXIT_OK


def _save(path: Path, page: Gray, form: Form) -> None:
    import cv2

    from pipeline.forms.picture import draw

    path.write_bytes(cv2.imencode(".png", draw(page, form))[1].tobytes())


def _need_pdf(path: Path, parser: argparse.ArgumentParser) -> None:
    if path.suffix.lower() == ".pdf":
        need_extra(parser, "forms")
