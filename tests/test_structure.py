"""Imports run one way: pipeline -> classifier, pipeline -> segmenter."""

import ast
import configparser
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("segmenter", "classifier", "pipeline")
FORBIDDEN = {
    "segmenter": {"keras", "tensorflow", "torch", "jax", "classifier", "pipeline"},
    "classifier": {"cv2", "segmenter", "pipeline"},
    "pipeline": set(),
}
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
    assert [where for name, where in found if name in FORBIDDEN[package]] == []


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
