"""What README.md and docs/ show runs, prints what they say, and names what there is."""

import ast
import contextlib
import csv
import doctest
import importlib
import io
import re
import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

import pipeline.reader
from pipeline.commands import main as cli

ROOT = Path(__file__).parent.parent
PAGES = {page.name: page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))}
MOST_CHARACTERS = 7500
PLACES = {name: ROOT if name == "README.md" else ROOT / "docs" for name in PAGES}


def blocks(page):
    """Language and text of each block of code."""
    return re.findall(r"```(\w*)\n(.*?)```", PAGES[page], re.DOTALL)


def python_in(page, words=""):
    """The only block of Python that has these words."""
    (code,) = [code for language, code in blocks(page) if language == "python" and words in code]
    return code


def run(code):
    """What this prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    return printed.getvalue()


def test_the_readme_takes_a_few_minutes():
    assert len(PAGES["README.md"]) < MOST_CHARACTERS


def test_the_example_prints_what_the_readme_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    at = next(k for k, (language, _) in enumerate(blocks("README.md")) if language == "python")
    assert run(python_in("README.md")) == blocks("README.md")[at + 1][1]


def test_the_example_of_video_prints_what_it_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    shown = blocks("video.md")
    assert run(python_in("video.md")) == shown[[language for language, _ in shown].index("python") + 1][1]


def test_the_table_is_what_the_command_writes(capsys):
    shown = list(csv.DictReader(io.StringIO(next(code for _, code in blocks("cli.md") if code.startswith("path,")))))
    assert cli.main(["read", str(ROOT / "examples" / "images")]) == 0
    written = {row["path"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    for row in shown:
        same = written[row["path"]]
        for key, value in row.items():
            # Processors round differently.
            if key.startswith(("confidence", "probability")):
                assert float(same[key]) == pytest.approx(float(value), abs=0.02), key
            else:
                assert same[key] == value, key


def test_the_columns_are_explained(capsys):
    cli.main(["read", str(ROOT / "examples" / "images" / "spaced-834.png")])
    columns = capsys.readouterr().out.splitlines()[0].split(",")
    told = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`\w+`(?: to `\w+`)?) \|", PAGES["cli.md"], re.MULTILINE)))
    assert set(columns) - set(told) == {"digit_2", "probability_2"}  # between the first and the last


@pytest.fixture
def labelled(field, tmp_path, monkeypatch):
    """A folder with ``fields/427/0.png`` and so on, to stand in."""
    for k, number in enumerate(np.random.default_rng(0).integers(0, 1000, 72)):
        (folder := tmp_path / "fields" / f"{number:03d}").mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{k}.png"), field(folder.name, sample=k % 30)[0])
    get_reusable_executor().shutdown()  # workers of earlier tests stand in other folders
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_the_joint_search_runs(labelled):
    """As it stands, but for fewer epochs of a smaller network."""
    code = python_in("tuning.md")
    assert "DigitClassifier()" in code
    found = run(code.replace("DigitClassifier()", "DigitClassifier(epochs=1, model__width=4, model__depth=0)"))
    assert set(ast.literal_eval(found)) == {"segmenter__join_gap", "classifier__model__dropout"}


@pytest.mark.usefixtures("uncompiled_here")
def test_the_training_on_own_folders_runs(labelled):
    """As it stands, but for fewer epochs of a smaller network."""
    code = python_in("training.md")
    assert "epochs=20" in code
    assert 0 <= float(run(code.replace("epochs=20", "epochs=1, batch_size=16, model__width=4"))) <= 1


def test_no_block_of_python_is_left_out():
    shown = {page: sum(language == "python" for language, _ in blocks(page)) for page in PAGES}
    assert {page: n for page, n in shown.items() if n} == {
        "README.md": 1,
        "training.md": 1,
        "tuning.md": 1,
        "video.md": 1,
    }


def commands():
    """Lines that call the command, as they stand in blocks; of usages only those without brackets."""
    for page in PAGES:
        variables = {}
        for line in [line for language, code in blocks(page) if not language for line in code.splitlines()]:
            if found := re.fullmatch(r"([A-Z])=(\S+)", line):
                variables[f"${found[1]}"] = found[2]
            for part in line.split(" && "):
                for name, value in variables.items():
                    part = part.replace(name, value)
                if part.startswith("tridigit ") and not re.search(r"[\[…]|\.\.\.| DIR| PATH", part):
                    yield pytest.param(page, part, id=f"{page}: {part[:60]}")


def test_commands_are_found():
    assert len(list(commands())) >= 10


@pytest.mark.parametrize(("page", "line"), list(commands()))
def test_the_commands_are_understood(page, line, tmp_path, monkeypatch):
    words = shlex.split(line)[1:]
    monkeypatch.chdir(tmp_path)
    for name in words:
        if Path(name).suffix in (".json", ".keras", ".pdf", ".toml"):  # made by the lines before
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).touch()
    assert cli.build_parser().parse_args(words).run


def leaves(parser, names=()):
    """Commands that run, by their words."""
    inner = [action.choices for action in parser._actions if isinstance(action.choices, dict)]
    if not inner:
        yield names, parser
    for choices in inner:
        for name, command in choices.items():
            yield from leaves(command, (*names, name))


LEAVES = [pytest.param(names, parser, id=" ".join(names)) for names, parser in leaves(cli.build_parser())]
OF = {
    "label": "labels.md",
    "compare": "labels.md",
    "train": "training.md",
    "tune": "tuning.md",
    "page": "page.md",
    "review": "page.md",
}


@pytest.mark.parametrize(("names", "parser"), LEAVES)
def test_every_option_stands_in_the_docs(names, parser):
    page = PAGES[OF.get(names[0], "cli.md")]
    assert f"tridigit {' '.join(names)}" in page
    options = {option for action in parser._actions for option in action.option_strings if action.dest != "help"}
    assert {option for option in options if not re.search(rf"{re.escape(option)}\b", page)} == set()


@pytest.mark.parametrize("page", list(PAGES))
def test_options_of_the_docs_are_options_of_a_command(page):
    known = {o for _, parser in leaves(cli.build_parser()) for action in parser._actions for o in action.option_strings}
    others = {"--version", "--port", "--nworkers", "--nthreads"}  # of all commands, of Dask
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGES[page])) - known - others == set()


@pytest.mark.parametrize("page", list(PAGES))
def test_links_lead_to_files_and_headings(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page].replace("\n", " ")):
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        file = (PLACES[page] / path).resolve() if path else PLACES[page] / page
        assert file.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles], target


@pytest.mark.parametrize("page", list(PAGES))
def test_names_of_modules_are_names_of_modules(page):
    named = re.findall(r"\b(?:pipeline|classifier|segmenter)\.[a-z_]+(?:\.\w+)*", PAGES[page])
    for name in {name for name in named if not name.endswith((".py", ".md"))}:
        module, _, attribute = name.rpartition(".")
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(module), attribute), name


def test_paths_of_the_tree_are_there():
    shown = next(code for language, code in blocks("README.md") if not language and code.startswith("segmenter/"))
    top, inner = "", set()
    for line in shown.splitlines():
        if not line.startswith(" "):
            top = line.split()[0]
            assert (ROOT / top).is_dir(), top
        else:
            inner |= {(top, name) for name in re.findall(r"(\w+/)(?: |$)", line)}
    assert inner
    assert {(top, name) for top, name in inner if not (ROOT / top / name).is_dir()} == set()


def test_docstring_examples_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(pipeline.reader).failed == 0
