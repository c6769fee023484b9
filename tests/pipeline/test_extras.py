"""What is optional is named by a command that works."""

import re

import pytest


@pytest.mark.parametrize("house", ["segmenter", "classifier", "pipeline", "docs", "examples"])
def test_no_message_names_a_registry_that_does_not_have_the_package(request, house):
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in (request.config.rootpath / house).rglob("*")
        if path.suffix in (".py", ".md", ".ipynb")
    }
    assert len(texts) > 3
    assert [str(path) for path, text in texts.items() if re.search(r"install '?tridigit", text)] == []
