"""Imports run one way and in no circle: pipeline -> classifier, pipeline -> segmenter; folders and files stay small."""

import ast
import collections
import configparser
import graphlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("segmenter", "classifier", "pipeline")
FORBIDDEN = {
    "segmenter": {"keras", "tensorflow", "torch", "jax", "sklearn", "scikeras", "classifier", "pipeline"},
    "classifier": {"cv2", "segmenter", "pipeline"},
    "pipeline": set(),
}
# Only when scikit-learn, which is loaded then, asks for an estimator's tags; to decode video.
ALLOWED = {("sklearn", "segmenter/params.py"), ("cv2", "classifier/video/decode.py")}
MOST_MODULES = 12
MOST_LINES = 300
# Where the name to import is not the name to install.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "distributed": "dask",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def imported(module):
    """Top-level names that a module imports, also inside functions and through importlib, with their lines."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0], node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "__import__"):
            yield ast.literal_eval(node.args[0]).split(".")[0], node.lineno


def imports_of(package):
    return [
        (name, f"{module.relative_to(ROOT)}:{line}")
        for module in sorted((ROOT / package).rglob("*.py"))
        for name, line in imported(module)
    ]


def test_the_walk_sees_imports_inside_functions(tmp_path):
    module = tmp_path / "module.py"
    module.write_text("import a.b\ndef f():\n    from c.d import e\n    importlib.import_module('g.h')\n")
    assert list(imported(module)) == [("a", 1), ("c", 3), ("g", 4)]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(package):
    found = imports_of(package)
    assert found, f"{package}/ has no imports: was it moved?"
    wrong = [(name, where) for name, where in found if name in FORBIDDEN[package]]
    assert [(name, where) for name, where in wrong if (name, where.split(":")[0]) not in ALLOWED] == []


def name_of(module):
    """'pipeline/decision/__init__.py' -> 'pipeline.decision'."""
    parts = module.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(module): module for package in PACKAGES for module in sorted((ROOT / package).rglob("*.py"))}


def modules_in(node):
    """Own modules that an import names; of ``from a import b`` it is a.b where that is a module."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        inner = [f"{node.module}.{alias.name}" for alias in node.names]
        names = [name if name in MODULES else node.module for name in inner]
    return {name for name in names if name in MODULES}


def loaded_by(module):
    """Own modules that are imported with a module: at its top, not for types alone."""
    found, left = set(), list(ast.parse(module.read_text(encoding="utf-8")).body)
    while left:
        node = left.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= modules_in(node)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            left += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            left += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | ast.ExceptHandler)]
    return found


def circle(graph):
    """Modules that import each other, or none."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}}) == []
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


def test_types_and_functions_load_nothing(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        "import os\nfrom pipeline import reading\ntry:\n    import pipeline.reader\nexcept ImportError:\n    pass\n"
        "if TYPE_CHECKING:\n    import segmenter.image\ndef f():\n    import segmenter.pieces\n"
    )
    assert loaded_by(module) == {"pipeline.reading", "pipeline.reader"}


def test_no_imports_run_in_a_circle():
    graph = {name: loaded_by(module) for name, module in MODULES.items()}
    assert any(graph.values())
    assert circle(graph) == []


def test_decisions_know_no_reader():
    modules = [module for name, module in MODULES.items() if name.startswith("pipeline.decision.")]
    nodes = [(module, node) for module in modules for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))]
    imports = [(name_of(module), node) for module, node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert imports
    assert [name for name, node in imports if modules_in(node) & {"pipeline", "pipeline.reader"}] == []


def test_every_folder_of_modules_is_a_package_that_says_what_it_is_for():
    folders = {module.parent for module in MODULES.values()}
    missing = [folder for folder in folders if not (folder / "__init__.py").exists()]
    assert missing == []
    assert [f for f in folders if not ast.get_docstring(ast.parse((f / "__init__.py").read_text("utf-8")))] == []


def test_no_folder_has_too_many_modules():
    folders = collections.Counter(m.parent.relative_to(ROOT) for m in MODULES.values() if m.name != "__init__.py")
    assert {str(folder): n for folder, n in folders.items() if n > MOST_MODULES} == {}


def test_no_file_is_too_long():
    files = [*MODULES.values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "examples").glob("*.py")]
    lines = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {file: n for file, n in lines.items() if n > MOST_LINES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_third_party_imports_are_declared(package):
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = config["options.extras_require"].values() if "options.extras_require" in config else ()
    lines = "\n".join([config["options"].get("install_requires", ""), *extras]).splitlines()
    declared = {requirement_name(line) for line in lines if line.strip()}
    third_party = [(n, w) for n, w in imports_of(package) if n not in (*PACKAGES, *sys.stdlib_module_names)]
    assert [(n, w) for n, w in third_party if not names_of(n) & declared] == []


def requirement_name(line):
    """'Pillow[avif] >=10; python_version > "3"' -> 'pillow'."""
    name = line.strip()
    for mark in "[;<>=!~ @":
        name = name.split(mark)[0]
    return name.lower().replace("_", "-")


def names_of(module):
    """Names under which a module may be declared."""
    name = DISTRIBUTIONS.get(module, module).lower().replace("_", "-")
    return {name, name.removesuffix("-headless")}
