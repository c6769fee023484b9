"""Clips of the project's own, in every format, whole and damaged."""

import io
import os
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from classifier.video.decode import frames
from examples.make_clips import turn, write_movie

CLIPS = Path(__file__).parents[3] / "examples" / "clips"
LONG = ["drawn-0-h264.mp4", "drawn-1-hevc.mp4", "drawn-2-vp8.webm", "drawn-3-vp9.webm", "drawn-4-mpeg4.mp4"]
LONG += ["drawn-6-av1.mp4", "drawn-9-turned.mov"]
SHORT = ["drawn-5-mjpeg.avi", "drawn-7.gif", "drawn-8.webp"]


@pytest.mark.parametrize(("name", "n", "side"), [(n, 24, 96) for n in LONG] + [(n, None, 64) for n in SHORT])
def test_every_format_gives_all_its_frames(name, n, side):
    clip = frames(CLIPS / name)
    found = list(clip)
    assert n in (None, len(found))
    assert len(found) == clip.read >= 8
    assert {(f.shape, f.dtype) for f in found} == {((side, side), np.dtype(np.uint8))}
    assert clip.missing == ""
    # Ink was added: dark on light, or light on dark.
    assert np.abs(found[-1].astype(int) - found[0]).max() > 60


def test_one_of_three_frames_in_another_size():
    every = list(frames(CLIPS / "drawn-0-h264.mp4"))
    clip = frames(CLIPS / "drawn-0-h264.mp4", every=3, size=(48, 24))
    thinned = list(clip)
    assert (len(thinned), clip.read) == (8, 24)
    assert thinned[0].shape == (24, 48)
    np.testing.assert_allclose(thinned[2].mean(), every[6].mean(), atol=1)


@pytest.mark.parametrize("codec", ["libx264", "libsvtav1"])
def test_the_rotation_of_a_phone_is_followed(tmp_path, codec):
    upright = np.full((3, 64, 96), 220, np.uint8)
    upright[:, :20, :30] = 20  # dark at the top left
    write_movie(tmp_path / "turned.mp4", codec, np.ascontiguousarray(np.rot90(upright, axes=(1, 2))))
    turn(tmp_path / "turned.mp4")
    (first, *_) = frames(tmp_path / "turned.mp4")
    assert first.shape == (64, 96)
    assert first[:20, :30].mean() < 60
    assert first[30:, 40:].mean() > 180


@pytest.mark.parametrize(
    ("name", "said"), [("drawn-2-vp8.webm", "of 24 frames"), ("drawn-5-mjpeg.avi", "of 12 frames")]
)
def test_a_cut_file_says_how_many_of_how_many(tmp_path, name, said):
    clip = frames(cut(CLIPS / name, tmp_path, 0.6))
    read = len(list(clip))
    assert 1 <= read < clip.announced
    assert clip.missing == f"{read} {said}"


def test_a_cut_animation_gives_what_is_there(tmp_path):
    clip = frames(cut(CLIPS / "drawn-7.gif", tmp_path, 0.6))
    assert 1 <= len(list(clip)) < 8


@pytest.mark.parametrize("name", ["drawn-0-h264.mp4", "drawn-8.webp"])
def test_a_cut_file_without_its_index_is_an_error(tmp_path, name):
    with pytest.raises(ValueError, match="No frame of .* can be decoded: it is cut"):
        frames(cut(CLIPS / name, tmp_path, 0.7))


def cut(path, folder, share):
    data = path.read_bytes()
    (folder / path.name).write_bytes(data[: int(share * len(data))])
    return folder / path.name


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"hello, this is text", "no video"), (b"#EXTM3U\nother.mp4\n", "no video")],
)
def test_what_only_calls_itself_a_video_is_refused(tmp_path, content, said):
    (tmp_path / "clip.mp4").write_bytes(content)
    with pytest.raises(ValueError, match=said):
        frames(tmp_path / "clip.mp4")


def test_a_pipe_is_refused_before_it_blocks(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(ValueError, match="no regular file"):
        frames(tmp_path / "pipe.mp4")


def test_no_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        frames(tmp_path / "missing.mp4")
    with pytest.raises(ValueError, match="no regular file"):
        frames(tmp_path)


def test_av1_without_its_decoder_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ValueError, match=r"AV1, which needs PyAV: pip install '\.\[video\]'"):
        frames(CLIPS / "drawn-6-av1.mp4")


def test_a_codec_that_nothing_knows_is_named(tmp_path):
    data = (CLIPS / "drawn-0-h264.mp4").read_bytes()
    assert b"avc1" in data[32:]
    (tmp_path / "strange.mp4").write_bytes(data[:32] + data[32:].replace(b"avc1", b"zzz9").replace(b"avcC", b"zzzC"))
    with pytest.raises(ValueError, match="No frame of strange.mp4 can be decoded"):
        frames(tmp_path / "strange.mp4")


def test_a_clip_of_one_frame(tmp_path):
    Image.new("L", (40, 30), 200).save(tmp_path / "one.gif")
    (only,) = frames(tmp_path / "one.gif")
    assert only.shape == (30, 40)


def test_transparent_animations_lie_on_white(tmp_path):
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(tmp_path / "clear.webp", lossless=True)
    (only,) = frames(tmp_path / "clear.webp")
    assert only.min() == 255


def test_frames_that_change_size_are_brought_to_the_first(tmp_path):
    with av.open(str(tmp_path / "sizes.mkv"), "w") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for k, size in enumerate([(64, 48), (64, 48), (96, 80), (32, 24)]):
            jpeg = io.BytesIO()
            Image.new("L", size, 40 * k).save(jpeg, "jpeg")
            packet = av.Packet(jpeg.getvalue())
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, k, k, Fraction(1, 10)
            container.mux(packet)
    found = list(frames(tmp_path / "sizes.mkv"))
    assert [f.shape for f in found] == [(48, 64)] * 4
    assert [round(f.mean(), -1) for f in found] == [0, 40, 80, 120]


@pytest.mark.parametrize("how", [{"every": 0}, {"size": (0, 10)}])
def test_parameters_out_of_range(how):
    with pytest.raises(ValueError, match="at least 1"):
        frames(CLIPS / "drawn-7.gif", **how)


def test_a_clip_can_be_left_early():
    clip = frames(CLIPS / "drawn-0-h264.mp4")
    next(clip)
    clip.close()
    assert list(clip) == []
