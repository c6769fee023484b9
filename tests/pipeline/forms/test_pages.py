"""Pages of PDF, TIFF and photographs."""

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.forms.pages import count_pages, load_page, page_size


@pytest.fixture
def sheets():
    """Three pages that are told apart by how many bars they have."""
    pages = []
    for k in range(3):
        page = np.full((300, 200), 255, np.uint8)
        for j in range(k + 1):
            page[50 + 60 * j : 70 + 60 * j, 20:180] = 0
        pages.append(page)
    return pages


def save(path, pages, **options):
    first, *rest = map(Image.fromarray, pages)
    first.save(path, save_all=True, append_images=rest, **options)
    return path


def bars(page):
    return int(np.count_nonzero(np.diff((page[:, page.shape[1] // 2] < 128).astype(int)) == 1))


@pytest.mark.parametrize("name", ["pages.pdf", "pages.tif"])
def test_every_page_of_a_file_is_found(tmp_path, sheets, name):
    path = save(tmp_path / name, sheets, resolution=100)
    for source in (path, path.read_bytes()):
        assert count_pages(source) == 3
        assert [bars(load_page(source, k)) for k in (1, 2, 3)] == [1, 2, 3]


def test_a_pdf_is_drawn_at_the_resolution_asked_for(tmp_path, sheets):
    path = save(tmp_path / "pages.pdf", sheets, resolution=100)
    assert load_page(path, 1, dpi=100).shape == (300, 200)
    assert load_page(path, 1, dpi=200).shape == (600, 400)
    assert page_size(path) == pytest.approx((50.8, 76.2))


def test_smaller_copies_in_a_tiff_are_no_pages(tmp_path, sheets):
    first, second = map(Image.fromarray, sheets[:2])
    second.encoderinfo = {"tiffinfo": {254: 1}}
    first.save(tmp_path / "pages.tif", save_all=True, append_images=[second])
    assert count_pages(tmp_path / "pages.tif") == 1


def test_a_photograph_is_one_page(tmp_path, sheets):
    cv2.imwrite(str(tmp_path / "page.jpg"), sheets[1])
    assert count_pages(tmp_path / "page.jpg") == 1
    assert bars(load_page(tmp_path / "page.jpg")) == 2


def test_the_size_of_an_image_needs_its_resolution(tmp_path, sheets):
    path = tmp_path / "page.png"
    Image.fromarray(sheets[0]).save(path, dpi=(100, 100))
    assert page_size(path) == pytest.approx((50.8, 76.2), abs=0.1)
    cv2.imwrite(str(path), sheets[0])
    with pytest.raises(ValueError, match="says no resolution"):
        page_size(path)
    assert page_size(path, dpi=200) == pytest.approx((25.4, 38.1))


@pytest.mark.parametrize("page", [0, 4])
def test_a_page_that_is_not_there_is_refused(tmp_path, sheets, page):
    path = save(tmp_path / "pages.pdf", sheets)
    with pytest.raises(ValueError, match=f"has 3 pages. Received: page {page}"):
        load_page(path, page)


@pytest.mark.parametrize("name", ["cut.pdf", "cut.tif"])
def test_damaged_files_are_refused(tmp_path, sheets, name):
    data = save(tmp_path / name, sheets).read_bytes()
    for cut in (b"%PDF-1.4", data[:40]):
        with pytest.raises((ValueError, OSError)):
            load_page(cut if name.endswith("pdf") else data[:40], 1)


def test_a_page_larger_than_the_limit_is_refused(tmp_path, sheets):
    with pytest.raises(ValueError, match="max-pixels"):
        load_page(save(tmp_path / "pages.pdf", sheets, resolution=100), 1, max_pixels=50_000)
