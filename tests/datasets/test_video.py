"""Moving pictures: frames, sizes, colours, and what is broken."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from automl_datasets.errors import DataError
from automl_datasets.media import clips, frames, video
from automl_datasets.media.clips import frame_indices, sample
from automl_datasets.options import DataOptions
from automl_datasets.samples import Layout
from tests.datasets.memory import GIBIBYTE, peak_memory

OPTIONS = DataOptions("videos")
MEASURED = (
    "from automl_datasets.media.clips import sample",
    "sample(path, 16, channels=3)",
)


def bars(count: int, *, height: int = 24, width: int = 32) -> list[Image.Image]:
    """Return grey frames, frame i filled with level 10 i."""
    return [Image.new("L", (width, height), 10 * i) for i in range(count)]


def write(path: Path, pictures: list[Image.Image], **settings: Any) -> str:
    first, *others = pictures
    first.save(path, save_all=True, append_images=others, **settings)
    return str(path)


def write_film(
    path: Path, count: int, codec: str, pixels: str = "yuv420p", **settings: str
) -> str:
    """Write frames of 48x64 pixels, of which frame i has level 10 i."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w", options=settings) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        for index in range(count):
            level = np.full((48, 64, 3), 10 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(level, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return str(path)


def levels(sampled: clips.Sampled) -> list[int]:
    return [round(float(frame.mean()) / 10) for frame in sampled.pixels]


@given(total=st.integers(1, 10_000), count=st.integers(1, 64))
def test_frames_are_evenly_spaced(total: int, count: int) -> None:
    indices = frame_indices(total, count)
    assert len(indices) == count
    assert indices[0] == 0
    if count == 1:
        return
    assert indices[-1] == total - 1
    steps = np.diff(indices)
    assert steps.max() - steps.min() <= 1 or total > 2 * count
    assert (np.abs(steps - (total - 1) / (count - 1)) <= 1).all()
    assert indices == sorted(indices)
    if total == count:
        assert indices == list(range(total))
    assert frame_indices(count, count) == list(range(count))


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_pictures_give_the_frames_that_the_rule_names(
    tmp_path: Path, suffix: str
) -> None:
    path = write(tmp_path / f"a.{suffix}", bars(9), duration=40, lossless=True)
    assert video.accepts(Path(path))
    assert video.peek(path).size == (9, 24, 32)
    sampled = sample(path, 4, channels=1)
    assert levels(sampled) == frame_indices(9, 4)
    assert sampled.pixels.shape == (4, 24, 32, 1)
    assert sampled.remarks == ()
    small = sample(path, 12, channels=3, size=(6, 8))
    assert levels(small) == frame_indices(9, 12)
    assert small.pixels.shape == (12, 6, 8, 3)


def test_grey_is_known_from_the_palette(tmp_path: Path) -> None:
    grey = write(tmp_path / "grey.gif", bars(3))
    colour = [Image.new("RGB", (8, 6), name) for name in ("red", "lime", "blue")]
    coloured = write(tmp_path / "coloured.gif", colour)
    assert video.peek(grey).grey
    assert not video.peek(coloured).grey
    both = video.decide([video.peek(grey), video.peek(coloured)], OPTIONS)
    assert both.layout.shape[3] == 3
    turned = sample(coloured, 3, channels=1)
    assert turned.remarks == ("colours turned grey",)
    assert turned.pixels[:, 0, 0, 0].tolist() == [76, 150, 29]  # ITU-R 601
    assert sample(coloured, 3, channels=3).pixels[1, 0, 0].tolist() == [0, 255, 0]


def test_colours_of_a_later_frame_are_noticed(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 6), name) for name in ("black", "red")]
    path = write(tmp_path / "a.png", [pictures[0].convert("RGB"), pictures[1]])
    assert sample(path, 2, channels=1).remarks == ("colours turned grey",)


def test_partial_frames_are_composed_over_white(tmp_path: Path) -> None:
    first = Image.new("RGBA", (8, 6), (0, 0, 0, 255))
    second = Image.new("RGBA", (8, 6), (0, 0, 0, 0))
    second.putpixel((2, 3), (255, 0, 0, 255))
    kept = sample(write(tmp_path / "a.png", [first, second], blend=1), 2, channels=3)
    assert kept.pixels[1, 3, 2].tolist() == [255, 0, 0]
    assert kept.pixels[1, 0, 0].tolist() == [0, 0, 0]
    first.putpixel((7, 5), (0, 0, 0, 0))
    path = write(tmp_path / "b.gif", [first, second], disposal=2)
    cleared = sample(path, 2, channels=3)
    assert cleared.pixels[1, 3, 2].tolist() == [255, 0, 0]
    assert cleared.pixels[1, 0, 0].tolist() == [255, 255, 255]


def decided(*sizes: tuple[int, int, int], grey: bool = False) -> tuple[Layout, str]:
    headers = [video.Header(size, grey) for size in sizes]
    layout, notes = video.decide(headers, OPTIONS)
    assert layout.preprocessing == {"frames": layout.shape[0], "fit": video.FIT}
    assert layout.dtype == "uint8"
    return layout, " ".join(notes)


def test_frames_and_size_follow_the_median() -> None:
    layout, notes = decided((10, 40, 60), (12, 40, 60), (90, 40, 60), grey=True)
    assert layout.shape == (12, 40, 60, 1)
    assert "10 to 90 frames; 12 of each" in notes
    assert "All frames are 40x60" in notes
    layout, notes = decided((300, 240, 320))
    assert layout.shape == (16, 84, 112, 3)
    assert "resized to 84x112" in notes
    layout, notes = decided((4, 20, 20), (4, 30, 30), (4, 10, 40))
    assert layout.shape == (4, 20, 30, 3)
    assert "Frame sizes differ" in notes


def test_a_frame_size_can_be_asked_for() -> None:
    options = DataOptions("videos", image_size=(10, 20))
    decision = video.decide([video.Header((5, 40, 40), False)], options)
    assert decision.layout.shape == (5, 10, 20, 3)


def test_unfitted_frames_keep_their_size(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gif", bars(9))
    layout = Layout("video", (3, 12, 16, 1), "uint8", {"frames": 3, "fit": video.FIT})
    whole, header = video.decode(path, layout, fitted=False)
    fitted, again = video.decode(path, layout, fitted=True)
    assert header == again == video.peek(path)
    assert whole.array.shape == (3, 24, 32, 1)
    assert fitted.array.shape == (3, 12, 16, 1)
    assert fitted.array.dtype == np.uint8


def test_a_gif_cut_short_gives_its_whole_frames(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (9, 64, 64), np.uint8)
    noise[:, :8, :8] = 10 * np.arange(9, dtype=np.uint8)[:, None, None]
    path = tmp_path / "a.gif"
    write(path, [Image.fromarray(frame) for frame in noise])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    sampled = sample(str(path), 3, channels=1)
    assert sampled.remarks == ("cut short: holds fewer frames than its header says",)
    assert (sampled.pixels[:, 0, 0, 0] // 10).tolist() == [0, 2, 4]
    path.write_bytes(content[: len(content) // 30])
    with pytest.raises(DataError, match="frame"):
        sample(str(path), 3, channels=1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.gif", b"", "empty file"),
        ("a.gif", b"hello, I am text", "not a video, or its header is broken"),
        ("a.gif", b"GIF89a", "not a video, or its header is broken"),
        ("a.webp", b"RIFF1234WEBPVP8 ", "not a video, or broken"),
    ],
)
def test_what_is_broken_is_refused(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert not video.accepts(path)
    with pytest.raises(DataError, match=reason):
        video.peek(str(path))


def test_one_frame_is_no_video(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gif", bars(1))
    assert not video.accepts(Path(path))
    with pytest.raises(DataError, match="holds one frame"):
        video.peek(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be opened: No such file"):
        video.peek(str(tmp_path / "none.gif"))
    assert not video.accepts(tmp_path / "none.gif")
    assert not video.accepts(tmp_path)


def test_frames_that_are_too_large_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gif", bars(2, height=3000, width=3000))
    with pytest.raises(DataError, match="3000x3000 pixels, more than the limit"):
        video.peek(path)


def test_of_very_long_ones_the_first_part_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "MAX_FRAMES", 5)
    sampled = sample(write(tmp_path / "a.gif", bars(9)), 3, channels=1)
    assert levels(sampled) == [0, 2, 4]
    assert sampled.header.size[0] == 9
    assert sampled.remarks == ("very long, only its first part is used",)


FILMS = [
    ("a.mp4", "libx264", "yuv420p"),
    ("a.mov", "mpeg4", "yuv420p"),
    ("a.mkv", "ffv1", "gray"),
    ("a.webm", "libvpx-vp9", "yuv420p"),
    ("a.avi", "mjpeg", "yuvj420p"),
]


@pytest.mark.parametrize(("name", "codec", "pixels"), FILMS)
def test_films_give_the_frames_that_the_rule_names(
    tmp_path: Path, name: str, codec: str, pixels: str
) -> None:
    path = write_film(tmp_path / name, 20, codec, pixels)
    assert video.accepts(Path(path))
    assert video.accepts(Path(path).rename(tmp_path / "nameless"))
    path = str(tmp_path / "nameless")
    assert video.peek(path) == video.Header((20, 48, 64), pixels == "gray")
    sampled = sample(path, 7, channels=3)
    assert levels(sampled) == frame_indices(20, 7)
    assert sampled.pixels.shape == (7, 48, 64, 3)
    assert sampled.remarks == ()


def test_a_film_of_unknown_length_is_counted(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.webm", 20, "libvpx", live="1")  # as browsers do
    av = pytest.importorskip("av")
    with av.open(path) as container:
        assert not container.duration
    assert video.peek(path).size == (20, 48, 64)
    assert levels(sample(path, 7, channels=3)) == frame_indices(20, 7)


def test_half_a_film_gives_its_whole_frames(tmp_path: Path) -> None:
    path = Path(write_film(tmp_path / "a.avi", 20, "rawvideo", "gray"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    sampled = sample(str(path), 3, channels=1)
    assert levels(sampled)[0] == 0
    assert 8 <= levels(sampled)[-1] <= 10


def test_a_film_that_counts_too_many_frames_is_sampled_from_those_it_holds(
    tmp_path: Path,
) -> None:
    path = Path(write_film(tmp_path / "a.mkv", 20, "ffv1", "gray"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    try:
        found = levels(sample(str(path), 3, channels=1))
    except DataError as error:
        pytest.fail(str(error))
    assert found[0] == 0
    assert found[1] == round(found[2] / 2)


def test_a_film_turned_by_the_camera_is_upright(tmp_path: Path) -> None:
    path = Path(write_film(tmp_path / "a.mp4", 3, "libx264"))
    content = path.read_bytes()
    whole = b"\x00\x01\x00\x00"
    none = b"\x00\x00\x00\x00"
    corner = b"\x40\x00\x00\x00"
    upright = whole + none * 3 + whole + none * 3 + corner
    turned = none + whole + none + b"\xff\xff\x00\x00" + none * 4 + corner
    track = content.index(b"tkhd")
    place = content.index(upright, track)
    path.write_bytes(content[:place] + turned + content[place + 36 :])
    assert video.peek(str(path)).size == (3, 64, 48)
    assert sample(str(path), 2, channels=3).pixels.shape == (2, 64, 48, 3)


def test_a_playlist_cannot_make_it_open_other_files(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", 3, "libx264")
    playlist = tmp_path / "b.mp4"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.mp4\n")
    with pytest.raises(DataError, match="not a video, or broken"):
        video.peek(str(playlist))


def test_without_av_gif_is_read_and_films_say_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    assert video.peek(write(tmp_path / "a.gif", bars(3))).size[0] == 3
    film = tmp_path / "a.mp4"
    film.write_bytes(b"anything")
    with pytest.raises(DataError) as caught:
        video.peek(str(film))
    assert str(caught.value) == (
        "Reading this .mp4 file needs the package av; install it with "
        'pip install "conv-automl[video]".'
    )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_memory_stays_bounded(tmp_path: Path) -> None:
    largest = [Image.new("L", (4096, 2176), level) for level in (0, 99)]
    paths = [
        write(tmp_path / "large.gif", largest),
        write(tmp_path / "larger.gif", bars(2, height=4000, width=4000)),
    ]
    assert peak_memory(*MEASURED, paths) < GIBIBYTE


def test_awkward_animations_are_read_or_refused(test_data: Path) -> None:
    folder = test_data / "robustness" / "images"
    read = {}
    for path in sorted([*folder.glob("*.gif"), *folder.glob("apng*")]):
        try:
            sampled = sample(str(path), 8, channels=3, size=(32, 32))
        except DataError as error:
            read[path.name] = f"refused: {error}"
            assert not video.accepts(path)
        else:
            read[path.name] = " ".join([str(sampled.header), *sampled.remarks])
            assert video.accepts(path)
    table = [f"{name:34} {outcome}" for name, outcome in read.items()]
    print("\n".join(table))  # noqa: T201 - the table is what this test is for
    refused = {name for name, outcome in read.items() if outcome[:7] == "refused"}
    assert refused == {"decompression_bomb.gif", "hopper.gif", "zero_width.gif"}


def test_moving_digits_are_read_as_they_are(test_data: Path) -> None:
    folder = test_data / "3d" / "moving_mnist_gif" / "test"
    paths = sorted(str(path) for path in folder.rglob("*.gif"))
    headers = [video.peek(path) for path in paths]
    layout, notes = video.decide(headers, OPTIONS)
    assert layout.shape == (12, 40, 40, 1)
    assert "All videos hold 12 frames." in notes
    for path in paths[:8]:
        reading, _ = video.decode(path, layout, fitted=True)
        assert reading.remarks == ()
        assert reading.array.max() > 200
        assert (reading.array[0] != reading.array[6]).any()
