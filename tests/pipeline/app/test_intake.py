"""Uploads become images in the session's folder, and nothing else."""

import io
import zipfile

import cv2
import numpy as np
import pypdfium2
import pytest

from pipeline.app import intake as intakes
from pipeline.app.intake import Intake, unpacked
from pipeline.app.samples import samples


@pytest.fixture
def intake(tmp_path):
    (tmp_path / "session").mkdir()
    return Intake(tmp_path / "session")


@pytest.fixture
def png():
    return cv2.imencode(".png", np.full((20, 30), 200, np.uint8))[1].tobytes()


def zipped(**files):
    with zipfile.ZipFile(data := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_names_never_become_paths(intake, png, tmp_path):
    for name in ("../../evil.png", "/etc/passwd", "a\0b.png", "x" * 5000, "CON", "<b>.png"):
        (source,) = intake.take(name, png)
        assert source.name == name
    archive = zipped(**{"../../evil.png": png, "/abs.png": png})
    assert [source.name for source in intake.take("a.zip", archive)] == ["a.zip//abs.png"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == [*(f"{k:06d}" for k in range(1, 8)), "session"]


def test_a_zip_gives_its_images_by_name(intake, png):
    archive = zipped(**{"b.png": png, "a/a.PNG": png, "note.txt": b"no", ".hidden.png": png, "__MACOSX/b.png": png})
    assert [source.name for source in intake.take("z.zip", archive)] == ["z.zip/a/a.PNG", "z.zip/b.png"]


def test_a_zip_that_unpacks_to_too_much_is_refused(intake, monkeypatch):
    monkeypatch.setattr(intakes, "MOST_UNPACKED", 10_000)
    archive = zipped(**{"a.png": bytes(4_000), "b.png": bytes(4_000), "c.png": bytes(4_000)})
    assert len(archive) < 1_000
    (source,) = intake.take("bomb.zip", archive)
    assert "unpack to at most 10000 bytes" in source.error
    assert "'c.png'" in source.error


def test_a_zip_whose_header_lies_is_refused(intake):
    archive = bytearray(zipped(**{"a.png": bytes(50_000)}))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):  # says that it unpacks to 5 bytes
        start = archive.find(mark) + at
        archive[start : start + 4] = (5).to_bytes(4, "little")
    (source,) = intake.take("lie.zip", bytes(archive))
    assert "ZIP" in source.error


def test_a_zip_of_too_many_files_is_refused(intake, monkeypatch):
    monkeypatch.setattr(intakes, "MOST_ENTRIES", 2)
    (source,) = intake.take("many.zip", zipped(**{f"{k}.png": b"" for k in range(3)}))
    assert source.error == "A ZIP should have at most 2 files. Received: 3."


@pytest.mark.parametrize("data", [b"PK\x03\x04", zipped(**{"a.png": bytes(5_000)})[:60]])
def test_a_damaged_zip_is_an_error_of_its_own(intake, data):
    (source,) = intake.take("cut.zip", data)
    assert "ZIP" in source.error


def test_a_file_that_is_too_large_is_not_kept(intake, monkeypatch):
    monkeypatch.setattr(intakes, "MOST_BYTES", 100)
    (source,) = intake.take("big.png", bytes(101))
    assert source.error == "A file should have at most 100 bytes. Received: 101."
    assert list(intake.folder.iterdir()) == []


def pdf(*sizes):
    document = pypdfium2.PdfDocument.new()
    for size in sizes:
        document.new_page(*size)
    document.save(data := io.BytesIO())
    return data.getvalue()


def test_each_page_of_a_pdf_is_an_image(intake):
    first, second = intake.take("form.pdf", pdf((72, 36), (36, 36)))
    assert (first.name, second.name) == ("form.pdf, page 1", "form.pdf, page 2")
    assert [cv2.imread(source.path).shape for source in (first, second)] == [(100, 200, 3), (100, 100, 3)]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"%PDF-1.7 no more", "cannot be opened"), (pdf((72 * 200, 72 * 200)), "at most 64000000 pixels")],
)
def test_a_pdf_that_cannot_be_drawn_says_why(intake, data, words):
    (source,) = intake.take("bad.pdf", data)
    assert words in source.error


def test_a_pdf_of_too_many_pages_is_refused(intake, monkeypatch):
    monkeypatch.setattr(intakes, "MOST_PAGES", 1)
    (source,) = intake.take("book.pdf", pdf((9, 9), (9, 9)))
    assert source.error == "A PDF should have at most 1 pages. Received: 2."


def test_an_encrypted_zip_says_so(png):
    archive = bytearray(zipped(**{"a.png": png}))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        archive[archive.find(mark) + at] |= 1
    with pytest.raises(ValueError, match="encrypted"):
        list(unpacked(bytes(archive)))


def test_the_samples_are_those_of_the_examples(request):
    folder = request.config.rootpath / "examples" / "images"
    assert samples() == [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
