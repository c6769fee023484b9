"""The Labels tab: what it says, and in a Chromium."""

import json
import re

import cv2
import pytest

from classifier.multihead import MultiHeadClassifier
from classifier.runtime import GROUPS, groups_text
from classifier.train.export import export_floats
from pipeline.app.tabs.labels import in_words
from pipeline.labels.answers import find_networks, load_model
from segmenter import load_rgb


def test_it_says_where_networks_differ():
    scratch = {"shape": ("disc", 0.914), "colour": ("red", 0.6)}
    transferred = {"shape": ("disc", 0.99), "colour": ("blue", 0.7)}
    assert in_words({"a": scratch, "b": transferred}) == [
        "shape: all agree (a: disc, 91%; b: disc, 99%).",
        "colour: they differ (a: red, 60%; b: blue, 70%).",
    ]
    assert in_words({"a": scratch}) == []


def test_networks_are_found_in_a_folder_or_a_folder_in_it(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "labels.onnx").touch()
    assert find_networks(tmp_path) == find_networks(tmp_path / "a") == {"a": tmp_path / "a"}
    with pytest.raises(ValueError, match=r"Expected labels\.onnx"):
        find_networks(tmp_path / "none")


@pytest.fixture(scope="module")
def networks(pictures, uncompiled, tmp_path_factory):
    """A folder with a folder each for two small networks."""
    folder = tmp_path_factory.mktemp("networks")
    for seed, name in enumerate(("one", "other")):
        (folder / name).mkdir()
        with uncompiled():
            made = MultiHeadClassifier("small_cnn", size=16, epochs=1, epoch_size=1, random_state=seed)
            made.fit(*pictures(40))
        made.save(folder / name / "labels.keras")
        export_floats(made.model_, folder / name / "labels.onnx", facts={GROUPS: groups_text(made.classes_)})
    return folder


@pytest.fixture(scope="module")
def server(start, networks):
    return start("page", "--labels", networks)


def open_tab(page):
    page.get_by_role("link", name="Labels", exact=True).click()
    page.get_by_role("heading", name="Networks of labels side by side").wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


@pytest.mark.slow
def test_two_networks_answer_for_a_picture_and_show_where_they_looked(server, browse, networks, pictures, tmp_path):
    (picture,), _ = pictures(1)
    cv2.imwrite(str(tmp_path / "picture.png"), picture[..., ::-1])
    answers = {name: load_model(networks / name).predict(picture[None]) for name in ("one", "other")}
    with browse(server.url) as page:
        open_tab(page)
        page.locator("input[type=file]").set_input_files(tmp_path / "picture.png")
        for group in ("shape", "colour"):
            words = [f"{name}: {answer[group][0]}" for name, answer in answers.items()]
            page.get_by_text(re.compile(f"{group}: .*{words[0]}, \\d+%; {words[1]}, \\d+%")).wait_for()
        page.get_by_label("probabilities of colour").nth(1).wait_for()
        seen = page.get_by_alt_text("the picture as other saw it").first
        plain = seen.get_attribute("src")
        page.get_by_text("Show where each network looked").click()
        page.wait_for_function(f"document.querySelector('img[alt*=\"as other saw\"]').src !== {json.dumps(plain)}")


@pytest.mark.slow
def test_a_file_that_is_no_image_gets_the_words_of_the_command_and_all_can_be_read(
    server, browse, unreadable, tmp_path
):
    (tmp_path / "note.png").write_text("no image")
    with pytest.raises(ValueError, match="no image") as refused:
        load_rgb(tmp_path / "note.png")
    with browse(server.url, color_scheme="dark", viewport={"width": 390, "height": 1200}) as page:
        open_tab(page)
        page.locator("input[type=file]").set_input_files(tmp_path / "note.png")
        page.get_by_text(str(refused.value)).wait_for()
        assert unreadable(page) == []
